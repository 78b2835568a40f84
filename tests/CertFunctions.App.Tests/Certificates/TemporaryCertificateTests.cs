using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.Certificates;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Certificates;

/// <summary>The stand-in of an issuance, and the lease it is stored under.</summary>
public sealed class TemporaryCertificateTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2, false)]   // the wish was changed
    [InlineData(1, true)]    // the Certificate is going away
    public async Task Gives_the_lease_back_when_nobody_wants_it_any_more(long generation, bool isGoing)
    {
        var (time, vault) = (new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)), new InMemoryVault());
        await using var services = AppServices.Over(new InMemoryObjectStore(), vault, time);
        var metadata = A.Certificate().Metadata with { Uid = "uid-1", Generation = generation, DeletionTimestamp = isGoing ? time.GetUtcNow() : null };
        var web = A.Certificate() with { Metadata = metadata };
        await services.GetRequiredService<ResourceStore>().CreateAsync(CertificateKind.Kind, web, due: null, Cancel);
        var (target, claims) = (services.GetRequiredService<VaultPlaces>().ForCertificate(web), services.GetRequiredService<VaultClaims>());
        await claims.ClaimAsync(target, "ns/web", "uid-1", (_, _) => Task.FromResult(false), Cancel);
        Assert.True(await claims.TakeLeaseAsync(target, "uid-1", "request-1", "run-1", Cancel));

        var ticket = new RunTicket(CertificateKind.Kind.Plural, "ns", "web", "uid-1", Entry: "");
        var attempt = new CertificateAttempt(ticket, Generation: 1, Revision: 1, "web-1", "request-1", "key-1", Replaces: null, new Reason("DoesNotExist", ""), "run-1");
        await ActivatorUtilities.CreateInstance<TemporaryActivities>(services).StoreTemporaryCertificate(attempt, Cancel);

        Assert.True(await claims.TakeLeaseAsync(target, "uid-1", "request-2", "run-2", Cancel));
        Assert.Empty(vault.CertificateVersions(target));
    }
}
