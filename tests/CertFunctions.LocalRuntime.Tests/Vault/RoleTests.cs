using System.Security.Cryptography;
using Azure.Core;
using Azure.Security.KeyVault.Certificates;
using CertFunctions.LocalVault;
using CertFunctions.LocalVault.Identity;

namespace CertFunctions.LocalRuntime.Tests.Vault;

/// <summary>Who may do what: a role on a vault or on one object of it, as in Azure.</summary>
public sealed class RoleTests
{
    private const string V = "?api-version=7.6";
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static readonly (string Word, string Method, string Path)[] Operations =
    [
        ("secret-get", "GET", "secrets/a"), ("secret-list", "GET", "secrets"), ("secret-versions", "GET", "secrets/a/versions"), ("secret-set", "PUT", "secrets/a"),
        ("secret-update", "PATCH", "secrets/a"), ("secret-delete", "DELETE", "secrets/a"), ("secret-deleted", "GET", "deletedsecrets"),
        ("secret-recover", "POST", "deletedsecrets/a/recover"), ("secret-purge", "DELETE", "deletedsecrets/a"), ("secret-backup", "POST", "secrets/a/backup"),
        ("cert-get", "GET", "certificates/a"), ("cert-list", "GET", "certificates"), ("cert-policy", "GET", "certificates/a/policy"), ("cert-pending", "GET", "certificates/a/pending"),
        ("cert-import", "POST", "certificates/a/import"), ("cert-create", "POST", "certificates/a/create"), ("cert-merge", "POST", "certificates/a/pending/merge"),
        ("cert-update", "PATCH", "certificates/a"), ("cert-delete", "DELETE", "certificates/a"), ("cert-recover", "POST", "deletedcertificates/a/recover"),
        ("cert-purge", "DELETE", "deletedcertificates/a"), ("issuers", "GET", "certificates/issuers"),
    ];

    private const string ReadCertificates = "cert-get cert-list cert-policy cert-pending";
    private const string Certificates = ReadCertificates + " cert-import cert-create cert-merge cert-update cert-delete cert-recover cert-purge";
    private const string ReadSecrets = "secret-list secret-versions secret-deleted";

    public static TheoryData<string, string> Allowed => new()
    {
        { "Key Vault Administrator", string.Join(' ', Operations.Select(operation => operation.Word)) },
        { "Key Vault Certificates Officer", Certificates + " issuers" },
        { "Key Vault Certificate User", $"{ReadCertificates} {ReadSecrets} secret-get" },
        { "Key Vault Secrets Officer", $"{ReadSecrets} secret-get secret-set secret-update secret-delete secret-recover secret-purge secret-backup" },
        { "Key Vault Secrets User", $"{ReadSecrets} secret-get" },
        { "Key Vault Reader", $"{ReadCertificates} {ReadSecrets} issuers" },
        { "secrets user", $"{ReadSecrets} secret-get" },
        { "4633458b-17de-408a-b874-0445c86b69e6", $"{ReadSecrets} secret-get" },
    };

    [Theory, MemberData(nameof(Allowed))]
    public async Task A_role_allows_on_its_vault(string role, string allowed)
    {
        await using var vault = await StartAsync(("who", role, "default"));
        var credential = vault.Host.CredentialFor("who");

        var answers = new Dictionary<string, string?>();
        foreach (var (word, method, path) in Operations) { answers[word] = (await vault.SendAsync(method, path + V, method is "GET" or "DELETE" ? null : "{}", credential)).Error; }

        Assert.Equal(allowed.Split(' ').Order(), answers.Where(answer => answer.Value != "Forbidden/ForbiddenByRbac").Select(answer => answer.Key).Order());
        Assert.Equal("Forbidden/ForbiddenByRbac", (await vault.SendAsync("GET", $"{vault.Host.SystemVault}secrets/a{V}", credential: credential)).Error);
    }

    [Fact]
    public async Task A_consumer_reads_its_one_secret_and_nothing_else()
    {
        await using var vault = await StartAsync(("web", "Key Vault Secrets User", "default/secrets/web-tls"));
        foreach (var name in new[] { "web-tls", "other" }) { await vault.Secrets().SetSecretAsync(name, "x", Ct); }

        await vault.Secrets(vault.Host.SystemVault).SetSecretAsync("web-tls", "a CA's key", Ct);
        var web = vault.Secrets(credential: vault.Host.CredentialFor("web"));

        Assert.Equal("x", (await web.GetSecretAsync("WEB-TLS", cancellationToken: Ct)).Value.Value);
        Assert.Equal("403 Forbidden/ForbiddenByRbac", await Refused.ByAsync(() => web.GetSecretAsync("other", cancellationToken: Ct)));
        Assert.Equal("403 Forbidden/ForbiddenByRbac", await Refused.ByAsync(() => web.SetSecretAsync("web-tls", "y", Ct)));
        Assert.Equal("403 Forbidden/ForbiddenByRbac", await Refused.ByAsync(async () => await web.GetPropertiesOfSecretsAsync(Ct).ToListAsync(Ct)));
        Assert.Equal("403 Forbidden/ForbiddenByRbac", await Refused.ByAsync(() => vault.Secrets(vault.Host.SystemVault, vault.Host.CredentialFor("web")).GetSecretAsync("web-tls", cancellationToken: Ct)));
    }

    [Fact]
    public async Task A_right_to_one_certificate_is_none_to_the_secret_behind_it()
    {
        await using var vault = await StartAsync(
            ("leaf", "Key Vault Certificate User", "default/certificates/web"), ("whole", "Key Vault Certificate User", "default"));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await vault.Certificates().ImportCertificateAsync(Pfx.Import("web", key), Ct);

        var leaf = vault.Certificates(credential: vault.Host.CredentialFor("leaf"));
        Assert.NotEmpty((await leaf.GetCertificateAsync("web", Ct)).Value.Cer);
        Assert.Equal("403 Forbidden/ForbiddenByRbac", await Refused.ByAsync(() => leaf.DownloadCertificateAsync("web", cancellationToken: Ct)));
        using var downloaded = (await vault.Certificates(credential: vault.Host.CredentialFor("whole")).DownloadCertificateAsync("web", cancellationToken: Ct)).Value;
        Assert.True(downloaded.HasPrivateKey);
    }

    [Fact]
    public async Task A_certificates_officer_imports_what_it_cannot_read_back()
    {
        await using var vault = await StartAsync(("app", "Key Vault Certificates Officer", "default"));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var app = vault.Host.CredentialFor("app");

        await vault.Certificates(credential: app).ImportCertificateAsync(Pfx.Import("web", key), Ct);

        Assert.Equal("403 Forbidden/ForbiddenByRbac", await Refused.ByAsync(() => vault.Secrets(credential: app).GetSecretAsync("web", cancellationToken: Ct)));
    }

    [Fact]
    public async Task The_refusal_names_caller_action_and_resource_before_it_tells_what_exists()
    {
        await using var vault = await StartAsync(("web", "Key Vault Reader", "default"));

        var refused = await vault.SendAsync("GET", "secrets/absent" + V, credential: vault.Host.CredentialFor("web"));

        Assert.Equal((403, "Forbidden/ForbiddenByRbac"), (refused.Status, refused.Error));
        var lines = ((string?)refused.Body!["error"]!["message"])!.Split("\r\n");
        Assert.Contains("Caller: appid=web;oid=web;iss=https://login.localhost/local/", lines);
        Assert.Contains("Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'", lines);
        Assert.Contains("Resource: '/subscriptions/local/resourcegroups/local/providers/microsoft.keyvault/vaults/default/secrets/absent'", lines);
        Assert.Contains("Assignment: (not found)", lines);
    }

    [Fact]
    public async Task The_identity_endpoint_gives_the_identity_that_is_asked_for()
    {
        await using var vault = await StartAsync(("web", "Key Vault Secrets User", "default"));
        await vault.Secrets().SetSecretAsync("a", "x", Ct);
        var header = await File.ReadAllTextAsync(vault.Host.IdentityHeaderPath, Ct);

        Assert.Equal("x", await ReadAsync(vault, await TokenAsync(vault, header, "client_id=web"), write: false));
        Assert.Equal("Forbidden/ForbiddenByRbac", await ReadAsync(vault, await TokenAsync(vault, header, "client_id=web"), write: true));
        Assert.Equal("x", await ReadAsync(vault, await TokenAsync(vault, header, ""), write: true));
        Assert.Null(await TokenAsync(vault, header, "client_id=nobody"));
    }

    [Fact]
    public async Task An_identitys_own_header_gives_no_other_identity()
    {
        await using var vault = await StartAsync(("web", "Key Vault Secrets User", "default"), ("other", "Key Vault Administrator", "default"));
        await vault.Secrets().SetSecretAsync("a", "x", Ct);
        var path = vault.Host.IdentityHeaderPathOf("web");
        var header = await File.ReadAllTextAsync(path, Ct);

        Assert.Equal("Forbidden/ForbiddenByRbac", await ReadAsync(vault, await TokenAsync(vault, header, ""), write: true));
        Assert.Null(await TokenAsync(vault, header, "client_id=other"));
        Assert.Null(await TokenAsync(vault, header, "client_id=local"));
        Assert.Null(await TokenAsync(vault, header.Replace("web.", "other.", StringComparison.Ordinal), ""));
        if (!OperatingSystem.IsWindows()) { Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path)); }
    }

    [Fact]
    public async Task Identities_come_from_a_file_whose_changes_count_at_once()
    {
        await using var vault = await StartAsync();
        await vault.Secrets().SetSecretAsync("a", "x", Ct);
        Assert.Throws<ArgumentException>(() => vault.Host.CredentialFor("filed"));

        await FileAsync(vault, """[{"clientId":"filed","assignments":[{"role":"Key Vault Secrets User","scope":"default"}]}]""");
        var secrets = vault.Secrets(credential: vault.Host.CredentialFor("filed"));
        Assert.Equal("x", (await secrets.GetSecretAsync("a", cancellationToken: Ct)).Value.Value);

        await FileAsync(vault, """[{"clientId":"filed"}]""");
        Assert.Equal("403 Forbidden/ForbiddenByRbac", await Refused.ByAsync(() => secrets.GetSecretAsync("a", cancellationToken: Ct)));
    }

    [Fact]
    public async Task A_file_that_became_unreadable_takes_its_rights_away()
    {
        await using var vault = await StartAsync();
        await FileAsync(vault, """[{"clientId":"filed","assignments":[{"role":"Key Vault Administrator","scope":"default"}]}]""");
        var secrets = vault.Secrets(credential: vault.Host.CredentialFor("filed"));
        await secrets.SetSecretAsync("a", "x", Ct);

        await FileAsync(vault, "[{");

        Assert.Equal("403 Forbidden/ForbiddenByRbac", await Refused.ByAsync(() => secrets.GetSecretAsync("a", cancellationToken: Ct)));
    }

    public static TheoryData<string, string> BadFiles => new()
    {
        // names           file
        { "JSON",          "[{" },
        { "Key Vault Reader", """[{"clientId":"a","assignments":[{"role":"Owner","scope":"default"}]}]""" },
        { "no scope",      """[{"clientId":"a","assignments":[{"role":"Key Vault Reader","scope":"elsewhere"}]}]""" },
        { "clientId",      """[{"clientId":"a b"}]""" },
        { "'local'",       """[{"clientId":"local"}]""" },
        { "twice",         """[{"clientId":"a"},{"clientId":"a"}]""" },
    };

    [Theory, MemberData(nameof(BadFiles))]
    public async Task A_file_at_fault_stops_the_start_and_is_named(string names, string file)
    {
        await using var vault = await StartAsync();
        await vault.Host.DisposeAsync();
        await FileAsync(vault, file);

        var refused = await Assert.ThrowsAsync<InvalidDataException>(async () => await vault.InitializeAsync());

        Assert.Contains("identities.json", refused.Message, StringComparison.Ordinal);
        Assert.True(names == "JSON" || refused.Message.Contains(names, StringComparison.Ordinal), refused.Message);
    }

    private static Task FileAsync(VaultFixture vault, string content) => File.WriteAllTextAsync(Path.Combine(vault.Directory, "vault", "identities.json"), content, Ct);

    private static Task<VaultFixture> StartAsync(params (string ClientId, string Role, string Scope)[] identities) => VaultFixture.StartAsync(options => options with
    {
        Identities = [.. identities.Select(each => new VaultIdentity { ClientId = each.ClientId, Assignments = [new VaultRoleAssignment { Role = each.Role, Scope = each.Scope }] })],
    });

    private static async Task<TokenCredential?> TokenAsync(VaultFixture vault, string header, string query)
    {
        using var client = new HttpClient(vault.Host.CreateHandler());
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{vault.Host.IdentityEndpoint}?api-version=2019-08-01&resource=https://vault.localhost&{query}"));
        request.Headers.Add("X-IDENTITY-HEADER", header);
        using var answer = await client.SendAsync(request, Ct);
        if (!answer.IsSuccessStatusCode) { return null; }

        var token = (string)System.Text.Json.Nodes.JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!["access_token"]!;
        return DelegatedTokenCredential.Create((_, _) => new AccessToken(token, DateTimeOffset.MaxValue));
    }

    private static async Task<string?> ReadAsync(VaultFixture vault, TokenCredential? token, bool write)
    {
        var answer = write
            ? await vault.SendAsync("PUT", "secrets/a" + V, """{"value":"x"}""", token!)
            : await vault.SendAsync("GET", "secrets/a" + V, credential: token!);
        return answer.Error ?? (string?)answer.Body!["value"];
    }
}
