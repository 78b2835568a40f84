using CertFunctions.App.Acme.Dns01;
using CertFunctions.Core.Resources;
using CertFunctions.Tests.Shared;
using static CertFunctions.Servers.Tests.Acme.AzureDnsGiven;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>Azure DNS, against a stand-in for its REST interface: the port's promises, zones, and other writers. What it refuses: <see cref="AzureDnsRefusalsTests"/>.</summary>
public sealed class AzureDnsTests(FakeArm arm) : DnsProviderContract, IClassFixture<FakeArm>, IDisposable
{
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

    public void Dispose() => _rig.Dispose();

    protected override Task<IDnsProvider> ProviderAsync() => Task.FromResult(Provider);

    protected override Task<DnsSolver> SolverAsync() => Task.FromResult(Solver(Spec));

    protected override Task<(IDnsProvider Provider, DnsSolver Solver)> UnreachableAsync() =>
        Task.FromResult((Rig($"http://127.0.0.1:{FreePort.Next()}").Provider("azureDNS"), Solver(Spec)));

    protected override Task<string[]> ValuesAsync(string fqdn) => Task.FromResult(arm.Texts("example.test", fqdn[..^".example.test".Length]));

    private IDnsProvider Provider => _rig.Provider("azureDNS");
}
