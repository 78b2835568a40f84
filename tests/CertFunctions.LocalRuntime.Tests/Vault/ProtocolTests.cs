using System.Text.Json.Nodes;

namespace CertFunctions.LocalRuntime.Tests.Vault;

/// <summary>What no client of Azure's own would send, and Key Vault would not take.</summary>
public sealed class ProtocolTests(VaultFixture vault) : IClassFixture<VaultFixture>
{
    private const string V = "?api-version=7.6";

    public static TheoryData<string, string, string, int, string> Requests => new()
    {
        // because                                      method    path                                 status  error
        { "no api-version is given",                    "GET",    "secrets",                           400, "BadParameter" },
        { "the api-version is empty",                   "GET",    "secrets?api-version=",              400, "BadParameter" },
        { "the api-version is none of Key Vault's",     "GET",    "secrets?api-version=9.9",           400, "BadParameter" },
        { "a preview is not supported for long",        "GET",    "secrets?api-version=7.6-preview.2", 400, "BadParameter" },
        { "the path is no operation's",                 "GET",    "nothing" + V,                       404, "NotFound" },
        { "the path goes on after an operation's",      "GET",    "secrets/a/b/c" + V,                 404, "NotFound" },
        { "a segment is empty",                         "GET",    "secrets//a" + V,                    404, "NotFound" },
        { "paths tell case apart",                      "GET",    "Secrets" + V,                       404, "NotFound" },
        { "a list cannot be deleted",                   "DELETE", "secrets" + V,                       405, "MethodNotAllowed" },
        { "a secret is set by PUT",                     "POST",   "secrets/a" + V,                     405, "MethodNotAllowed" },
        { "a certificate is imported by POST",          "PUT",    "certificates/a/import" + V,         405, "MethodNotAllowed" },
        { "issuers is no name of a certificate",        "DELETE", "certificates/issuers" + V,          405, "MethodNotAllowed" },
        { "a list is not written",                       "PUT",    "certificates" + V,                  405, "MethodNotAllowed" },
        { "a name has letters, digits, hyphens",        "GET",    "secrets/a.b" + V,                   400, "BadParameter" },
        { "an encoded slash is part of the name",       "GET",    "secrets/a%2Fb" + V,                 400, "BadParameter" },
        { "there are no contacts",                      "GET",    "certificates/contacts" + V,         404, "ContactsNotFound" },
        { "issuers are not kept here",                  "GET",    "certificates/issuers/mine" + V,     400, "NotSupported" },
        { "keys are not served here",                   "GET",    "keys/a" + V,                        400, "NotSupported" },
        { "a deleted secret was never there",           "GET",    "deletedsecrets/a" + V,              404, "SecretNotFound" },
    };

    [Theory, MemberData(nameof(Requests))]
    public async Task Is_refused_because(string because, string method, string path, int status, string error)
    {
        var answer = await vault.SendAsync(method, path);

        Assert.True((answer.Status, answer.Error) == (status, error), $"{because}: {answer.Status} {answer.Body}");
    }

    [Theory]
    [InlineData("secrets/backup-me/backup")]
    [InlineData("secrets/restore")]
    [InlineData("certificates/backup-me/backup")]
    [InlineData("certificates/restore")]
    public async Task Backup_and_restore_are_unsupported(string path)
    {
        var answer = await vault.SendAsync("POST", path + V, """{"value":"AQID"}""");

        Assert.Equal((400, "NotSupported"), (answer.Status, answer.Error));
    }

    public static TheoryData<string, string, string, int> Bodies => new()
    {
        // because                          content type        body                                                                  status
        { "it is not JSON",                 "application/json", "{",                                                                  400 },
        { "it is null",                     "application/json", "null",                                                               400 },
        { "a member has the wrong type",    "application/json", """{"value":5}""",                                                    400 },
        { "there is no value",              "application/json", "{}",                                                                 400 },
        { "it does not say that it is JSON", "text/plain",      """{"value":"x"}""",                                                  415 },
        { "a tag is null",                  "application/json", """{"value":"x","tags":{"a":null}}""",                                400 },
        { "it expires before it begins",    "application/json", """{"value":"x","attributes":{"nbf":20,"exp":10}}""",                 400 },
        { "the content type is too long",   "application/json", $$"""{"value":"x","contentType":"{{new string('c', 256)}}"}""",       400 },
        { "a tag is too long",              "application/json", $$$"""{"value":"x","tags":{"a":"{{{new string('t', 257)}}}"}}""",        400 },
        { "it is larger than any secret",   "application/json", $$"""{"value":"{{new string('v', 300_000)}}"}""",                     413 },
    };

    [Theory, MemberData(nameof(Bodies))]
    public async Task A_body_is_refused_because(string because, string contentType, string body, int status)
    {
        var answer = await vault.SendAsync("PUT", "secrets/refused" + V, body, contentType: contentType);

        Assert.True(answer.Status == status, $"{because}: {answer.Status} {answer.Body}");
        Assert.Equal(404, (await vault.SendAsync("GET", "secrets/refused" + V)).Status);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("{}")]
    [InlineData("""{"value":"MIIB","pwd":5}""")]
    [InlineData("""{"value":"MIIBAAAA"}""")]
    [InlineData("""{"value":"-----BEGIN PRIVATE KEY-----","policy":{"secret_props":{"contentType":"application/x-pem-file"}}}""")]
    [InlineData("""{"value":"x","attributes":{"exp":1e99}}""")]
    [InlineData("""{"value":"x","attributes":{"exp":9223372036854775807}}""")]
    [InlineData("""{"value":"x","tags":["a"]}""")]
    [InlineData("""{"policy":{"issuer":5}}""")]
    [InlineData("""{"policy":{"issuer":{"name":5}}}""")]
    [InlineData("""{"policy":{"x509_props":{"subject":"CN=a","sans":5}}}""")]
    [InlineData("""{"policy":{"x509_props":{"subject":"CN=a","sans":{"dns_names":[null,"..",""]}}}}""")]
    [InlineData("""{"policy":{"x509_props":{"subject":"CN=a","ekus":["x",null]}}}""")]
    [InlineData("""{"x509_props":{"sans":5},"key_props":{"kty":5}}""")]
    [InlineData("""{"x5c":[null,"AAAA"]}""")]
    public async Task No_malformed_body_makes_the_vault_fail(string body)
    {
        string[] writes =
        [
            "PUT secrets/bad", "PATCH secrets/bad", "POST certificates/bad/import", "POST certificates/bad/create", "PATCH certificates/bad",
            "PATCH certificates/bad/policy", "PATCH certificates/bad/pending", "POST certificates/bad/pending/merge",
        ];

        foreach (var write in writes)
        {
            var answer = await vault.SendAsync(write.Split(' ')[0], write.Split(' ')[1] + V, body);
            Assert.True(answer.Status < 500, $"{write}: {answer.Status} {answer.Body}");
        }
    }

    [Fact]
    public async Task A_405_names_the_methods_the_path_has() => Assert.Equal("GET", (await vault.SendAsync("DELETE", "secrets" + V)).Headers["Allow"]);

    [Theory]
    [InlineData("2016-10-01")]
    [InlineData("7.6")]
    [InlineData("2025-07-01")]
    [InlineData("2026-04-01")]
    public async Task Versions_that_SDKs_send_are_taken(string version) => Assert.Equal(200, (await vault.SendAsync("GET", $"secrets?api%2Dversion={version}")).Status);

    [Fact]
    public async Task A_trailing_slash_is_what_SDKs_send()
    {
        await vault.SendAsync("PUT", "secrets/slash" + V, """{"value":"x"}""");

        Assert.Equal("x", (string?)(await vault.SendAsync("GET", "secrets/slash/" + V)).Body!["value"]);
    }

    [Fact]
    public async Task A_secret_may_hold_25_KB_of_characters_that_JSON_escapes()
    {
        var body = new JsonObject { ["value"] = new string('\u0001', 25 * 1024) };

        Assert.Equal(200, (await vault.SendAsync("PUT", "secrets/escaped" + V, body.ToJsonString())).Status);
    }
}
