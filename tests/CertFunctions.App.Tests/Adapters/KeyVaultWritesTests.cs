using System.Net;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Adapters;

/// <summary>What goes over the wire, and what is made of the answers that LocalVault does not give.</summary>
public sealed class KeyVaultWritesTests
{
    private static readonly VaultObject Place = new(new Uri("https://kv.vault.azure.net/"), "default--web-tls");
    private static readonly CertificateImport Import = new(new SecretText("AQID"), new SecretText("pw"), "ECDSA", 384, ValueMap.Empty.With("k", "v"));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(503, 1)]
    [InlineData(429, 4)]
    public async Task Repeats_an_import_only_when_throttled(int status, int expected)
    {
        using var wire = new Wire(status, """{"error":{"code":"Busy","message":"Later."}}""");
        using var services = Services(wire);

        var failed = await Assert.ThrowsAsync<VaultException>(() => services.GetRequiredService<IVault>().ImportAsync(Place, Import, Cancelled));

        Assert.Equal((status, "Busy"), (failed.Status, failed.Code));
        Assert.Equal(TimeSpan.Zero, failed.RetryAfter);
        Assert.Equal(expected, wire.Bodies.Count);
        Assert.DoesNotContain("AQID", failed.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Describes_the_key_in_the_policy_of_an_import()
    {
        using var wire = new Wire(400, "{}");
        using var services = Services(wire);

        await Assert.ThrowsAsync<VaultException>(() => services.GetRequiredService<IVault>().ImportAsync(Place, Import, Cancelled));

        using var body = JsonDocument.Parse(Assert.Single(wire.Bodies));
        var policy = body.RootElement.GetProperty("policy");
        Assert.Equal("""{"kty":"EC","exportable":true,"crv":"P-384"}""", policy.GetProperty("key_props").GetRawText());
        Assert.Equal("""["digitalSignature"]""", policy.GetProperty("x509_props").GetProperty("key_usage").GetRawText());
        Assert.Equal("Unknown", policy.GetProperty("issuer").GetProperty("name").GetString());
        Assert.True(body.RootElement.GetProperty("preserveCertOrder").GetBoolean());
        Assert.Equal("v", body.RootElement.GetProperty("tags").GetProperty("k").GetString());
    }

    [Fact]
    public async Task Reports_a_soft_deleted_name_as_a_value()
    {
        using var wire = new Wire(409, """{"error":{"code":"Conflict","message":"x","innererror":{"code":"ObjectIsDeletedButRecoverable"}}}""");
        using var services = Services(wire);

        Assert.IsType<ImportResult.SoftDeleted>(await services.GetRequiredService<IVault>().ImportAsync(Place, Import, Cancelled));
    }

    [Theory]
    [InlineData("certificates")]
    [InlineData("secrets")]
    public async Task Gives_a_recovery_up_that_somebody_undid(string collection)
    {
        using var wire = new Wire(404, """{"error":{"code":"NotFound","message":"x"}}""", $$$"""{"id":"{{{Place.Vault}}}{{{collection}}}/{{{Place.Name}}}/1","attributes":{}}""");
        var time = new FakeTimeProvider();
        using var services = Services(wire, time);
        var vault = services.GetRequiredService<IVault>();

        var recovery = collection == "secrets" ? vault.RecoverSecretAsync(Place, Cancelled) : vault.RecoverCertificateAsync(Place, Cancelled);
        while (wire.Bodies.Count < 2) { await Task.Delay(10, Cancelled); }
        time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal("Timeout", (await Assert.ThrowsAsync<VaultException>(() => recovery)).Code);
    }

    private static ServiceProvider Services(Wire wire, TimeProvider? time = null) => new ServiceCollection()
        .AddSingleton(time ?? TimeProvider.System)
        .AddSingleton<TokenCredential>(new AnyToken())
        .AddSingleton<HttpPipelineTransport>(new HttpClientTransport(wire))
        .AddKeyVault(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Vaults:Default"] = "https://kv.vault.azure.net", ["Vaults:System"] = "https://sys.vault.azure.net",
        }).Build())
        .BuildServiceProvider();

    private sealed class AnyToken : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new("t", DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(GetToken(requestContext, cancellationToken));
    }

    /// <param name="recovered">The answer to a recovery; null: as to everything else.</param>
    private sealed class Wire(int status, string answer, string? recovered = null) : HttpMessageHandler
    {
        public List<string> Bodies { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Headers.Authorization is null)
            {
                var challenge = new HttpResponseMessage(HttpStatusCode.Unauthorized) { Content = new StringContent("") };
                challenge.Headers.TryAddWithoutValidation(
                    "WWW-Authenticate", """Bearer authorization="https://login.example/tenant", resource="https://vault.azure.net" """);
                return challenge;
            }

            Bodies.Add(request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken));
            var isRecovery = recovered is not null && request.RequestUri!.AbsolutePath.EndsWith("/recover", StringComparison.Ordinal);
            var response = new HttpResponseMessage(isRecovery ? HttpStatusCode.OK : (HttpStatusCode)status) { Content = new StringContent(isRecovery ? recovered! : answer) };
            response.Headers.TryAddWithoutValidation("Retry-After", "0");
            return response;
        }
    }
}
