using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using CertFunctions.LocalVault;

namespace CertFunctions.LocalRuntime.Tests.Vault;

public sealed class VaultHostTests(VaultFixture vault) : IClassFixture<VaultFixture>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Folder => Path.Combine(vault.Directory, "vault");

    [Fact]
    public async Task A_restart_keeps_values_versions_ports_and_tokens()
    {
        var (port, token) = (vault.Host.DefaultVault, await vault.Host.Credential.GetTokenAsync(new TokenRequestContext([]), Ct));
        var version = (await vault.Secrets().SetSecretAsync("kept", "still here", Ct)).Value.Properties.Version;

        await vault.RestartAsync();

        Assert.Equal(port, vault.Host.DefaultVault);
        Assert.Equal("still here", (await vault.Secrets().GetSecretAsync("kept", version, cancellationToken: Ct)).Value.Value);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("secrets?api-version=7.6", $"Bearer {token.Token}")).StatusCode);
    }

    [Fact]
    public async Task Without_a_token_of_ours_there_is_only_the_challenge()
    {
        var token = (await vault.Host.Credential.GetTokenAsync(new TokenRequestContext([]), Ct)).Token;
        foreach (var authorization in new[] { null, "Bearer nonsense", "Bearer a.b.c", $"Bearer {token}x", "Basic eA==" })
        {
            using var answer = await GetAsync("secrets?api-version=7.6", authorization);

            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("Bearer authorization=\"https://login.localhost/local\", resource=\"https://vault.localhost\"", answer.Headers.WwwAuthenticate.ToString());
            Assert.StartsWith("{\"error\":{\"code\":\"Unauthorized\"", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_identity_endpoint_wants_the_header()
    {
        using var answer = await GetAsync("msi/token?api-version=2019-08-01&resource=https://vault.localhost", authorization: null);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.DoesNotContain("access_token", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public void Key_files_are_for_their_owner_only()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // No file modes there.
        }

        foreach (var name in new[] { "key", "identity-header", "ca.key", "server.key" })
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Folder, name)));
        }
    }

    [Fact]
    public async Task No_value_and_no_key_is_in_the_files_in_any_encoding()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var scalar = key.ExportParameters(includePrivateParameters: true).D!;
        var stored = (await vault.Certificates().ImportCertificateAsync(Pfx.Import("hidden", key), Ct)).Value;
        await vault.Secrets().SetSecretAsync("hidden-secret", "a-very-plain-secret-value", Ct);

        Assert.Contains(stored.Properties.Version, VaultFiles.Read(vault.Directory), StringComparison.Ordinal);
        VaultFiles.AssertWithout(vault.Directory, scalar);
        VaultFiles.AssertWithout(vault.Directory, Encoding.ASCII.GetBytes("a-very-plain-secret-value"));
    }

    [Fact]
    public async Task Plain_DefaultAzureCredential_reads_the_vault_from_another_process()
    {
        // The child is this same test: it knows nothing of the local vault but its address and its environment.
        if (Environment.GetEnvironmentVariable("VAULT_CHILD") is { } address)
        {
            var uri = new Uri(address);
            var client = new SecretClient(uri, new DefaultAzureCredential(), new SecretClientOptions { DisableChallengeResourceVerification = uri.IsLoopback });
            Assert.Equal("hello", (await client.GetSecretAsync("for-the-child", cancellationToken: Ct)).Value.Value);
            return;
        }

        await vault.Secrets().SetSecretAsync("for-the-child", "hello", Ct);
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
        {
            start.ArgumentList.Add(typeof(VaultHostTests).Assembly.Location);
        }

        start.ArgumentList.Add("-method");
        start.ArgumentList.Add("*" + nameof(Plain_DefaultAzureCredential_reads_the_vault_from_another_process));
        start.Environment["VAULT_CHILD"] = vault.Host.DefaultVault.ToString();
        start.Environment["SSL_CERT_FILE"] = vault.Host.CaPath;
        start.Environment["AZURE_TOKEN_CREDENTIALS"] = "ManagedIdentityCredential";
        start.Environment["IDENTITY_ENDPOINT"] = vault.Host.IdentityEndpoint.ToString();
        start.Environment["IDENTITY_HEADER"] = await File.ReadAllTextAsync(vault.Host.IdentityHeaderPath, Ct);

        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEndAsync(Ct);
        var errors = child.StandardError.ReadToEndAsync(Ct);
        await child.WaitForExitAsync(Ct);

        Assert.True(child.ExitCode == 0, await output + await errors);
        Assert.Contains("Total: 1, Errors: 0, Failed: 0", await output, StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string? authorization)
    {
        using var client = new HttpClient(vault.Host.CreateHandler());
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(vault.Host.DefaultVault, path));
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return await client.SendAsync(request, Ct);
    }
}
