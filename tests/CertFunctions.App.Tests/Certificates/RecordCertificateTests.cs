using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Certificates;
using CertFunctions.App.Events;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Certificates;

/// <summary>The end of a run, also when the activity that writes it is repeated after a crash.</summary>
public sealed class RecordCertificateTests : IAsyncDisposable
{
    private readonly InMemoryObjectStore _objects = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ServiceProvider _services;

    public RecordCertificateTests() => _services = Services("Automatic");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Counts_and_tells_a_failure_once_when_it_is_repeated()
    {
        var ticket = await CreateAsync();
        var end = new CertificateEnd(
            ticket, 1, new CertificateOutcome("Failed", "TooWide", "no wildcards", Trigger: new Reason("DoesNotExist", "")), "request-1", _time.GetUtcNow(), "f00d");

        Assert.True(await RecordAsync(end));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(await RecordAsync(end));

        var status = (await FindAsync()).Resource.Status!;
        Assert.Equal((1, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)), (status.FailedIssuanceAttempts, status.LastFailureTime));
        var told = EventHistory.Read(await _objects.FindAsync("events/ns/certificates/web", Cancel))!.Events;
        Assert.Equal([("TooWide", 1)], told.Select(each => (each.Reason, each.Count)));
        Assert.Single((await _objects.ListAsync(DueEntry.Prefix, from: null, continuation: null, pageSize: 10, Cancel)).Entries);
    }

    [Fact]
    public async Task Tells_a_refusal_of_the_vault_when_it_is_another_than_before()
    {
        var ticket = await CreateAsync();

        foreach (var (number, message) in ((int, string)[])[(1, "Forbidden"), (2, "Forbidden"), (3, "Throttled")])
        {
            await RecordAsync(new CertificateEnd(ticket, 1, new CertificateOutcome("Waiting", "VaultRefused", message), RequestUid: null, _time.GetUtcNow(), $"{number:x4}"));
        }

        var told = EventHistory.Read(await _objects.FindAsync("events/ns/certificates/web", Cancel))!.Events;
        Assert.Equal(["Forbidden", "Throttled"], told.Select(each => each.Message));
    }

    [Theory]
    [InlineData("Sometimes")]
    [InlineData("7")]
    public void Refuses_a_mode_of_approval_that_is_none(string mode)
    {
        using var services = Services(mode);

        var refusal = Assert.ThrowsAny<Exception>(() => services.GetRequiredService<IOptions<ApprovalOptions>>().Value);
        Assert.Matches("Approval(:|__)Mode", refusal.Message);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private async Task<RunTicket> CreateAsync()
    {
        var web = A.Certificate() with { Metadata = A.Certificate().Metadata with { Uid = "uid-1", Generation = 1 } };
        var entry = await _services.GetRequiredService<DueIndex>().FileAsync(CertificateKind.Kind, new ResourceName("ns", "web"), "uid-1", _time.GetUtcNow(), Cancel);
        await _services.GetRequiredService<ResourceStore>().CreateAsync(CertificateKind.Kind, web, entry, Cancel);
        return new RunTicket(CertificateKind.Kind.Plural, "ns", "web", "uid-1", entry);
    }

    private Task<bool> RecordAsync(CertificateEnd end) => ActivatorUtilities.CreateInstance<CertificateActivities>(_services).RecordCertificate(end, Cancel);

    private async Task<Stored<Certificate>> FindAsync() => (await _services.GetRequiredService<ResourceStore>().FindAsync(CertificateKind.Kind, new ResourceName("ns", "web"), Cancel))!;

    private ServiceProvider Services(string approval) => AppServices.Over(_objects, new InMemoryVault(), _time, ids: null, ("Approval:Mode", approval));
}
