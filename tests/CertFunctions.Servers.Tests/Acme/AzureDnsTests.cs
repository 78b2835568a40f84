using CertFunctions.App.Acme.Dns01;
using CertFunctions.Core.Resources;
using CertFunctions.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>Azure DNS, against a stand-in for its REST interface.</summary>
public sealed class AzureDnsTests(FakeArm arm) : DnsProviderContract, IClassFixture<FakeArm>, IDisposable
{
    private static readonly AzureDns Spec = new() { SubscriptionID = "sub", ResourceGroupName = "dns", ManagedIdentity = new() { ClientID = "id-of-the-app" } };

    private readonly SolverRig _rig = Rig(arm.Endpoint);

    public static TheoryData<string, string, string, string> Zones => new()
    {
        // because                          fqdn                              zone            relative
        { "the longest match wins",         "_acme-challenge.www.example.test", "example.test", "_acme-challenge.www" },
        { "a shorter one is all there is",  "_acme-challenge.other.test",       "test",         "_acme-challenge.other" },
        { "part of a label is no match",    "_acme-challenge.myexample.test",   "test",         "_acme-challenge.myexample" },
        { "the name is the zone",           "acme.test",                        "acme.test",    "@" },
    };

    [Theory, MemberData(nameof(Zones))]
    public async Task Finds_the_zone_among_all_pages(string because, string fqdn, string zone, string relative)
    {
        Assert.Equal(SolverOutcome.Done, await Provider.AddAsync(new(fqdn, because, fqdn), Solver(Spec), Cancel));

        Assert.Equal([because], arm.Texts(zone, relative));
    }

    [Fact]
    public async Task Asks_for_no_list_where_the_zone_is_named()
    {
        using var alone = new Alone(arm);

        await Provider.AddAsync(Record("named", "value"), Solver(Spec with { HostedZoneName = "Example.test." }), Cancel);

        Assert.Equal(["value"], arm.Texts("example.test", "_acme-challenge.named"));
        Assert.DoesNotContain(arm.Requests, request => request.EndsWith("dnsZones", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keeps_the_values_of_two_processes_at_one_name()
    {
        using var other = Rig(arm.Endpoint);
        string[] values = [.. Enumerable.Range(0, 16).Select(i => $"value-{i:00}")];

        var added = await Task.WhenAll(values.Select((value, i) => (i % 2 == 0 ? Provider : other.Provider("azureDNS")).AddAsync(Record("crowd", value), Solver(Spec), Cancel)));
        Assert.All(added, outcome => Assert.Equal(SolverOutcome.Done, outcome));
        Assert.Equal(values, arm.Texts("example.test", "_acme-challenge.crowd"));

        var removed = await Task.WhenAll(values.Select((value, i) => (i % 2 == 0 ? other.Provider("azureDNS") : Provider).RemoveAsync(Record("crowd", value), Solver(Spec), Cancel)));
        Assert.All(removed, outcome => Assert.Equal(SolverOutcome.Done, outcome));
        Assert.False(arm.Exists("example.test", "_acme-challenge.crowd"));
    }

    [Fact]
    public async Task Keeps_what_another_writer_adds_in_between()
    {
        using var alone = new Alone(arm) { Rival = () => arm.Put("example.test", "_acme-challenge.rival", "theirs") };
        Assert.Equal(SolverOutcome.Done, await Provider.AddAsync(Record("rival", "mine"), Solver(Spec), Cancel));
        Assert.Equal(["mine", "theirs"], arm.Texts("example.test", "_acme-challenge.rival"));

        arm.Rival = () => arm.Put("example.test", "_acme-challenge.rival", "mine", "theirs", "later");
        Assert.Equal(SolverOutcome.Done, await Provider.RemoveAsync(Record("rival", "mine"), Solver(Spec), Cancel));
        Assert.Equal(["later", "theirs"], arm.Texts("example.test", "_acme-challenge.rival"));
    }

    [Fact]
    public async Task Does_not_delete_a_set_that_has_just_got_another_value()
    {
        using var alone = new Alone(arm);
        await Provider.AddAsync(Record("delete", "mine"), Solver(Spec), Cancel);
        arm.Rival = () => arm.Put("example.test", "_acme-challenge.delete", "mine", "theirs");

        Assert.Equal(SolverOutcome.Done, await Provider.RemoveAsync(Record("delete", "mine"), Solver(Spec), Cancel));

        Assert.Equal(["theirs"], arm.Texts("example.test", "_acme-challenge.delete"));
    }

    [Fact]
    public async Task Finds_the_set_deleted_by_another_and_is_content()
    {
        using var alone = new Alone(arm);
        await Provider.AddAsync(Record("gone", "mine"), Solver(Spec), Cancel);
        arm.Rival = () => arm.Delete("example.test", "_acme-challenge.gone");

        Assert.Equal(SolverOutcome.Done, await Provider.RemoveAsync(Record("gone", "mine"), Solver(Spec), Cancel));
    }

    [Fact]
    public async Task Leaves_time_to_live_and_metadata_of_others_alone()
    {
        arm.Put("example.test", "_acme-challenge.foreign", "theirs");

        await Provider.AddAsync(Record("foreign", "mine"), Solver(Spec), Cancel);

        var properties = arm.Properties("example.test", "_acme-challenge.foreign");
        Assert.Equal(3600, properties["TTL"]!.GetValue<int>());
        Assert.Equal("mail", properties["metadata"]!["owner"]!.GetValue<string>());
    }

    [Fact]
    public async Task Gives_a_set_of_its_own_a_minute_to_live()
    {
        await Provider.AddAsync(Record("ttl", "mine"), Solver(Spec), Cancel);

        Assert.Equal(60, arm.Properties("example.test", "_acme-challenge.ttl")["TTL"]!.GetValue<int>());
    }

    [Fact]
    public async Task Writes_private_zones_in_their_own_spelling()
    {
        var solver = Solver(Spec with { ZoneType = "AzurePrivateZone" });

        Assert.Equal(SolverOutcome.Done, await Provider.AddAsync(Record("private", "one"), solver, Cancel));
        Assert.Equal(SolverOutcome.Done, await Provider.AddAsync(Record("private", "two"), solver, Cancel));

        Assert.Equal(["one", "two"], arm.Texts("example.test", "_acme-challenge.private", isPrivate: true));
        Assert.Empty(arm.Texts("example.test", "_acme-challenge.private"));
    }

    [Fact]
    public async Task Waits_while_a_name_has_as_many_values_as_fit()
    {
        arm.Put("example.test", "_acme-challenge.full", [.. Enumerable.Range(0, 20).Select(i => $"{i}")]);

        var outcome = await Provider.AddAsync(Record("full", "one more"), Solver(Spec), Cancel);

        Assert.Equal(("SolverThrottled", TimeSpan.FromMinutes(1)), (outcome.Code, outcome.RetryAfter));
    }

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

    protected override Task<IDnsProvider> ProviderAsync() => Task.FromResult(Provider);

    protected override Task<DnsSolver> SolverAsync() => Task.FromResult(Solver(Spec));

    protected override Task<(IDnsProvider Provider, DnsSolver Solver)> UnreachableAsync() =>
        Task.FromResult((Rig($"http://127.0.0.1:{FreePort.Next()}").Provider("azureDNS"), Solver(Spec)));

    protected override Task<string[]> ValuesAsync(string fqdn) => Task.FromResult(arm.Texts("example.test", fqdn[..^".example.test".Length]));

    private IDnsProvider Provider => _rig.Provider("azureDNS");

    private static DnsSolver Solver(AzureDns spec, bool allowsAmbient = false) => new(new Dns01Solver { AzureDNS = spec }, "ns", allowsAmbient);

    private static SolverRig Rig(string endpoint) => new(new Dictionary<string, string?> { ["Dns01:ArmEndpoint"] = endpoint });

    /// <summary>Knobs and records of the shared server, for one test; put back afterwards.</summary>
    private sealed class Alone : IDisposable
    {
        private readonly FakeArm _arm;

        public Alone(FakeArm arm)
        {
            _arm = arm;
            arm.Requests.Clear();
            arm.Callers.Clear();
        }

        public Func<HttpRequest, (int, string?, int?)?> Fault { init => _arm.Fault = value; }

        public Action Rival { init => _arm.Rival = value; }

        public string NextLink { init => _arm.NextLink = value; }

        public void Dispose() => (_arm.Fault, _arm.Rival, _arm.NextLink) = (_ => null, null, null);
    }
}
