using CertFunctions.App.Acme.Dns01;
using CertFunctions.Core.Resources;
using static CertFunctions.Servers.Tests.Acme.AzureDnsGiven;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>What Azure DNS refuses, and what a solver gets wrong: each is returned with words that help.</summary>
public sealed class AzureDnsRefusalsTests(FakeArm arm) : IClassFixture<FakeArm>, IDisposable
{
    private readonly SolverRig _rig = Rig(arm.Endpoint);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IDnsProvider Provider => _rig.Provider("azureDNS");

    public static TheoryData<string, int, string?, int?, string, string, int?> Answers => new()
    {
        // on           status code                   Retry-After  outcome               words                                    Retry-After
        { "GET /TXT/",    403, "AuthorizationFailed", null, "SolverForbidden",   "role DNS Zone Contributor on the zone",   null },
        { "PUT /TXT/",    403, "AuthorizationFailed", null, "SolverForbidden",   "zone example.test",                       null },
        { "PUT /TXT/",    403, "AuthorizationFailed", null, "SolverForbidden",   "Managed identity id-of-the-app",          null },
        { "PUT /TXT/",    409, "ScopeLocked",         null, "SolverForbidden",   "lock",                                    null },
        { "PUT /TXT/",    404, "ResourceNotFound",    null, "ZoneNotFound",      "example.test",                            null },
        { "PUT /TXT/",    429, "TooManyRequests",     90,   "SolverThrottled",   "wait",                                    90 },
        { "PUT /TXT/",    500, "InternalServerError", null, "SolverUnavailable", "500",                                     null },
        { "PUT /TXT/",    503, "ServerBusy",          7,    "SolverUnavailable", "503",                                     7 },
        { "PUT /TXT/",    400, "BadRequest",          null, "SolverMisconfigured", "400 BadRequest",                        null },
        { "PUT /TXT/",    412, "PreconditionFailed",  null, "SolverThrottled",   "Others keep changing",                    5 },
        { "GET dnsZones", 403, "AuthorizationFailed", null, "SolverForbidden",   "set hostedZoneName",                      null },
        { "GET dnsZones", 404, "ResourceGroupNotFound", null, "ZoneNotFound",    "no resource group dns",                   null },
        { "GET dnsZones", 429, "TooManyRequests",     30,   "SolverThrottled",   "wait",                                    30 },
    };

    [Theory, MemberData(nameof(Answers))]
    public async Task Returns_what_Azure_says(string on, int status, string? code, int? retryAfter, string outcome, string words, int? waits)
    {
        var parts = on.Split(' ');
        using var alone = new Alone(arm)
        {
            Fault = request => request.Method == parts[0] && (request.Path.Value!.Contains(parts[1], StringComparison.Ordinal) && (parts[1] == "/TXT/" || request.Path.Value.EndsWith(parts[1], StringComparison.Ordinal))) ? (status, code, retryAfter) : null,
        };

        var said = await Provider.AddAsync(Record("refused", "value"), Solver(Spec), Cancel);

        Assert.Equal((outcome, waits), (said.Code, (int?)said.RetryAfter?.TotalSeconds));
        Assert.Contains(words, said.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Correlation", said.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(429, "SolverThrottled")]
    [InlineData(500, "SolverUnavailable")]
    public async Task Returns_that_a_removal_must_be_tried_again(int status, string code)
    {
        await Provider.AddAsync(Record("later", "value"), Solver(Spec), Cancel);
        using (new Alone(arm) { Fault = request => request.Method == "DELETE" ? (status, null, 1) : null })
        {
            Assert.Equal(code, (await Provider.RemoveAsync(Record("later", "value"), Solver(Spec), Cancel)).Code);
        }

        Assert.Equal(SolverOutcome.Done, await Provider.RemoveAsync(Record("later", "value"), Solver(Spec), Cancel));
    }

    [Fact]
    public async Task Takes_a_zone_that_is_gone_as_cleaned_up()
    {
        var solver = Solver(Spec with { HostedZoneName = "gone.test" });

        Assert.Equal(SolverOutcome.Done, await Provider.RemoveAsync(new("_acme-challenge.gone.test", "value", "gone.test"), solver, Cancel));
        Assert.Equal("ZoneNotFound", (await Provider.AddAsync(new("_acme-challenge.gone.test", "value", "gone.test"), solver, Cancel)).Code);
    }

    [Fact]
    public async Task Follows_no_page_to_another_host()
    {
        using var alone = new Alone(arm) { NextLink = "https://elsewhere.test/?x" };

        Assert.Equal("SolverUnavailable", (await Provider.AddAsync(Record("page", "value"), Solver(Spec), Cancel)).Code);
    }

    [Fact]
    public async Task Comes_as_whom_the_solver_names()
    {
        var secret = await _rig.SecretAsync("client-secret", "s3cret");
        using var alone = new Alone(arm);
        AzureDns[] specs =
        [
            Spec with { ManagedIdentity = null },
            Spec,
            Spec with { ManagedIdentity = new() { ResourceID = "/subscriptions/s/id" } },
            Spec with { ManagedIdentity = null, ClientID = "principal", TenantID = "tenant", ClientSecretSecretRef = secret },
        ];

        foreach (var spec in specs) { Assert.Equal(SolverOutcome.Done, await Provider.AddAsync(Record("whom", "value"), Solver(spec, allowsAmbient: true), Cancel)); }

        Assert.Equal(["Test managed identity /subscriptions/s/id", "Test managed identity id-of-the-app", "Test service principal principal", "Test the app's own identity"], arm.Callers.Order(StringComparer.Ordinal));
    }

    public static TheoryData<string, AzureDns, string> Mistakes => new()
    {
        { "an Issuer may not use the app's identity", Spec with { ManagedIdentity = null }, "Issuers:AmbientCredentials" },
        { "that cloud is closed",                     Spec with { Environment = "AzureGermanCloud" }, "AzureGermanCloud" },
        { "the client secret is not in the vault",    Spec with { ClientID = "id", TenantID = "t", ClientSecretSecretRef = new() { Name = "missing" } }, "ns--missing" },
        { "the tenant is missing",                    Spec with { ClientID = "id", ClientSecretSecretRef = new() { Name = "missing" } }, "tenantID" },
        { "the subscription is missing",              Spec with { SubscriptionID = null }, "subscriptionID" },
    };

    [Theory, MemberData(nameof(Mistakes))]
    public async Task Returns_a_mistake_when(string because, AzureDns spec, string words)
    {
        var outcome = await Provider.AddAsync(Record("mistake", "value"), Solver(spec), Cancel);

        Assert.True(outcome.Code == "SolverMisconfigured" && outcome.Message!.Contains(words, StringComparison.Ordinal), $"{because}: {outcome}");
    }

    [Fact]
    public async Task Says_that_the_name_does_not_lie_in_the_zone()
    {
        var outcome = await Provider.AddAsync(Record("www", "value"), Solver(Spec with { HostedZoneName = "acme.test" }), Cancel);

        Assert.Equal("ZoneNotFound", outcome.Code);
        Assert.Contains("cnameStrategy: Follow", outcome.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _rig.Dispose();

    private static TxtRecord Record(string label, string value) => new($"_acme-challenge.{label}.example.test", value, $"{label}.example.test");
}
