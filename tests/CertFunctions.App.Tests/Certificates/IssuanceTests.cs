using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Certificates;
using CertFunctions.App.Issuers;
using CertFunctions.App.Schedule;
using CertFunctions.App.Tests.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Certificates;

/// <summary>One issuance from the declaration to its end, undisturbed: what it leaves, and what it costs.</summary>
public sealed class IssuanceTests
{
    private static readonly ResourceName Name = new("ns", "web");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly InMemoryVault _vault = new();
    private readonly InMemoryObjectStore _objects = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Leaves_the_certificate_its_request_and_no_key_that_is_still_staged()
    {
        var (services, _, _) = Services();
        await IssueAsync(services);

        var stored = Assert.Single(_vault.CertificateVersions(Target(services)));
        var certificate = (await services.GetRequiredService<ResourceStore>().FindAsync(CertificateKind.Kind, Name, Cancel))!.Resource;
        Assert.True(certificate.Status!.Conditions.IsTrue("Ready"));
        Assert.Equal(stored.Version, certificate.Status.Vault!.Version);
        var request = await services.GetRequiredService<ResourceStore>().FindAsync(CertificateRequestKind.Kind, Name with { Name = "web-1" }, Cancel);
        Assert.Equal(["Approved", "Ready"], request!.Resource.Status!.Conditions!.Select(condition => condition.Type));

        var staged = await _vault.ListSecretVersionsAsync(services.GetRequiredService<VaultPlaces>().StagedKey(certificate.Metadata.Uid!), Cancel);
        Assert.False(Assert.Single(staged).IsEnabled);
    }

    [Fact]
    public async Task Writes_to_the_vaults_three_times_and_costs_the_object_store_no_more_than_known()
    {
        var (services, vault, objects) = Services();
        await IssueAsync(services);

        Assert.Equal(
            [nameof(IVault.SetSecretAsync), nameof(IVault.ImportAsync), nameof(IVault.DisableSecretVersionAsync)],
            vault.Where(call => !call.StartsWith("Find", StringComparison.Ordinal) && !call.StartsWith("List", StringComparison.Ordinal)));
        Assert.InRange(objects.Count, 1, 53);   // an issue's aim is 20: each step reads anew what it rests on, so that any of them may be repeated alone
    }

    [Fact]
    public async Task A_repeated_run_costs_reads_only()
    {
        var (services, vault, _) = Services();
        await IssueAsync(services);
        var before = vault.Count;

        await RunAsync(services);

        Assert.All(vault.Skip(before), call => Assert.StartsWith("Find", call, StringComparison.Ordinal));
    }

    private (ServiceProvider Services, IReadOnlyList<string> Vault, IReadOnlyList<string> Objects) Services()
    {
        var (vault, vaultCalls) = CountedPort.Of<IVault>(_vault);
        var (objects, objectCalls) = CountedPort.Of<IObjectStore>(_objects);
        return (AppServices.Over(objects, vault, _time), vaultCalls, objectCalls);
    }

    private static VaultObject Target(ServiceProvider services) => services.GetRequiredService<VaultPlaces>().ForCertificate(Wish);

    private static Certificate Wish { get; } = new()
    {
        Metadata = new ObjectMeta { Namespace = Name.Namespace, Name = Name.Name },
        Spec = new CertificateSpec { SecretName = "web", CommonName = "web.test", DnsNames = ["web.test"], IssuerRef = new IssuerRef { Name = "self", Kind = "ClusterIssuer" } },
    };

    private async Task IssueAsync(ServiceProvider services)
    {
        var ready = new Condition { Type = "Ready", Status = "True", Reason = "IsReady" };
        var issuer = new ClusterIssuer
        {
            Metadata = new ObjectMeta { Name = "self", Uid = "issuer", Generation = 1 }, Spec = new IssuerSpec { SelfSigned = new SelfSignedIssuer() }, Status = new IssuerStatus { Conditions = [ready] },
        };
        await new ResourceStore(_objects).CreateAsync(ClusterIssuerKind.Kind, issuer, due: null, Cancel);
        RunTicket? run = null;
        await services.GetRequiredService<ResourceWriter>().PutAsync(CertificateKind.Kind, Wish, expectedVersion: null, createOnly: false, ticket =>
        {
            run = ticket;
            return Task.CompletedTask;
        }, Cancel);
        await RunAsync(services, run!);
    }

    private static async Task RunAsync(ServiceProvider services, RunTicket? ticket = null)
    {
        ticket ??= new RunTicket("certificates", Name.Namespace, Name.Name, (await services.GetRequiredService<ResourceStore>().FindAsync(CertificateKind.Kind, Name, Cancel))!.Resource.Metadata.Uid!, Entry: "");
        var context = new DirectContext(services, Guid.CreateVersion7, () => false);
        do
        {
            context.StartsOver = false;
            await ReconcileCertificate.Run(context, ticket);
        }
        while (context.StartsOver);
    }
}
