using System.Diagnostics;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Secrets;
using CertFunctions.LocalVault;

namespace CertFunctions.LocalRuntime.Tests.Vault;

public sealed class VaultProgramTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vault-").FullName;
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_answered_write_is_there_after_SIGKILL()
    {
        var answered = new List<string>();
        using (var program = Start())
        {
            var address = new Uri((await LineAsync(program, "Default vault"))!);
            using var http = new HttpClient(TrustingHandler());
            var secrets = new SecretClient(address, await CredentialAsync(http, address),
                new SecretClientOptions { DisableChallengeResourceVerification = true, Transport = new HttpClientTransport(http), Retry = { MaxRetries = 0 } });
            for (var i = 0; i < 20; i++)
            {
                answered.Add((await secrets.SetSecretAsync($"kept-{i}", "x", Ct)).Value.Name);
            }

            program.Kill();
            await program.WaitForExitAsync(Ct);
        }

        await using var after = await LocalVaultHost.StartAsync(new LocalVaultOptions { DataDirectory = _directory }, Ct);
        using var client = new HttpClient(after.CreateHandler());
        var reader = new SecretClient(after.DefaultVault, after.Credential, new SecretClientOptions { DisableChallengeResourceVerification = true, Transport = new HttpClientTransport(client) });
        foreach (var name in answered)
        {
            Assert.Equal("x", (await reader.GetSecretAsync(name, cancellationToken: Ct)).Value.Value);
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private Process Start() => Process.Start(new ProcessStartInfo("dotnet", [typeof(LocalVaultHost).Assembly.Location, "--data", _directory])
    {
        RedirectStandardOutput = true,
        UseShellExecute = false,
    })!;

    private static async Task<string?> LineAsync(Process program, string start)
    {
        while (await program.StandardOutput.ReadLineAsync(Ct) is { } line)
        {
            if (line.StartsWith(start, StringComparison.Ordinal))
            {
                return line[start.Length..].Trim();
            }
        }

        return null;
    }

    private SocketsHttpHandler TrustingHandler()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_directory, "vault", "ca.pem")));
        return new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } };
    }

    private async Task<TokenCredential> CredentialAsync(HttpClient http, Uri address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "msi/token?api-version=2019-08-01&resource=https://vault.localhost"));
        request.Headers.Add("X-IDENTITY-HEADER", await File.ReadAllTextAsync(Path.Combine(_directory, "vault", "identity-header"), Ct));
        using var answer = await http.SendAsync(request, Ct);
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("access_token").GetString()!;
        return DelegatedTokenCredential.Create((_, _) => new AccessToken(token, DateTimeOffset.MaxValue));
    }
}
