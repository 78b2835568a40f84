using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.Certificates;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Certificates;

/// <summary>One Certificate with a stored key pair, and everything that writes its outputs, over stores in memory.</summary>
internal sealed class OutputHouse
{
    private static readonly Uri Default = new("https://default.vault.test/");
    private static readonly Uri System = new("https://system.vault.test/");

    private readonly ResourceStore _store;
    private readonly VaultClaims _claims;
    private readonly OutputActivities _activities;

    public OutputHouse(Certificate certificate)
    {
        Certificate = certificate with { Metadata = certificate.Metadata with { Uid = "uid-web", Generation = 1 } };
        var options = new VaultsOptions { Default = Default, System = System };
        Places = new VaultPlaces(Options.Create(options));
        Vault = new CountingVault(Inner);
        _store = new ResourceStore(Objects);
        _claims = new VaultClaims(Objects, Time, Options.Create(new ScheduleOptions()));
        var gatherer = new OutputGatherer(Vault, Places, Objects);
        Gatherer = new CertificateGatherer(_store, Vault, Places, _claims, gatherer, issuers: null!, Time);
        _activities = new OutputActivities(
            _store, Vault, Places, _claims, gatherer, new OutputWriter(Vault, Time, NullLogger<OutputWriter>.Instance), Time);
    }

    public Certificate Certificate { get; private set; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));

    public InMemoryVault Inner { get; } = new();

    public CountingVault Vault { get; }

    public InMemoryObjectStore Objects { get; } = new();

    public VaultPlaces Places { get; }

    public CertificateGatherer Gatherer { get; }

    public VaultObject Target => Places.ForCertificate(Certificate);

    /// <summary>Key hash of the newest stored pair.</summary>
    public string KeyHash { get; private set; } = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task StartAsync(bool knowsCa = true)
    {
        await _store.CreateAsync(CertificateKind.Kind, Certificate, due: null, Cancel);
        await _claims.ClaimAsync(Target, "ns/web", Certificate.Metadata.Uid!, (_, _) => Task.FromResult(false), Cancel);
        await ImportAsync(1, knowsCa);
    }

    /// <summary>As an issuance does: chain and CA published, then one import.</summary>
    public async Task ImportAsync(int revision, bool knowsCa = true)
    {
        using var rootKey = PrivateKey.Generate("ECDSA", 256);
        using var key = PrivateKey.Generate("ECDSA", 256);
        var root = SelfSigner.Sign(Csr(rootKey), rootKey, Terms(isCA: true));
        var leaf = new CaSigner(root, rootKey, []).Sign(Csr(key), Terms(isCA: false));
        KeyHash = key.KeyHash;
        var place = $"ca/ns/{Certificate.Spec.SecretName}/";
        await Objects.PutIfAbsentAsync(place + X509Facts.Read(leaf).X5t.ToLowerInvariant(), Pem.WriteCertificates(knowsCa ? [leaf, root] : [leaf]), Cancel);
        var password = Pfx.NewPassword();
        var tags = ValueMap.From(
        [
            new(Annotations.Namespace, "ns"), new(Annotations.CertificateName, "web"), new(Annotations.CertificateUid, "uid-web"),
            new(Annotations.CertificateRevision, $"{revision}"),
        ]);
        await Inner.ImportAsync(Target, new CertificateImport(Pfx.Build(key, [leaf], password), password, "ECDSA", 256, tags), Cancel);
    }

    public async Task ChangeAsync(Func<Certificate, Certificate> change)
    {
        var read = (await _store.FindAsync(CertificateKind.Kind, new ResourceName("ns", "web"), Cancel))!;
        var changed = change(read.Resource);
        Certificate = changed with { Metadata = changed.Metadata with { Generation = read.Resource.Metadata.Generation + 1 } };
        await _store.ReplaceAsync(CertificateKind.Kind, Certificate, read.Version, read.Due, Cancel);
    }

    /// <summary>What a run does about outputs: look, write when something differs, record.</summary>
    public async Task<(bool Wrote, CertificateStatus Status)> RunAsync()
    {
        var ticket = new RunTicket("certificates", "ns", "web", "uid-web", "due/x");
        var facts = (await Gatherer.GatherWithOutputsAsync(ticket, Cancel))!;
        var isDue = OutputPolicy.IsDue(facts, new CertificateOutcome("Rest"));
        var outputs = isDue ? await _activities.WriteOutputs(ticket, Cancel) : facts.Outputs;

        var read = (await _store.FindAsync(CertificateKind.Kind, new ResourceName("ns", "web"), Cancel))!;
        var (status, _) = OutputPolicy.Show(read.Resource.Status ?? new(), facts.Now.AddDays(1), facts, outputs, TimeSpan.FromMinutes(5), TimeSpan.FromHours(1));
        Certificate = read.Resource with { Status = status };
        await _store.ReplaceAsync(CertificateKind.Kind, Certificate, read.Version, read.Due, Cancel);
        return (isDue, status);
    }

    public VaultObject Output(string type) => Target with { Name = OutputNames.Secret(Target.Name, type) };

    public async Task<string?> ValueAsync(string type) => (await Inner.FindSecretAsync(Output(type), version: null, Cancel))?.Reveal();

    public Task<IReadOnlyList<VaultSecretVersion>> VersionsAsync(string type) => Inner.ListSecretVersionsAsync(Output(type), Cancel);

    private static CsrFacts Csr(PrivateKey key) =>
        SigningRequests.TryRead(SigningRequests.Create(A.Certificate().Spec with { CommonName = key.KeyHash[..8] }, key), out _)!;

    private SigningTerms Terms(bool isCA) => new(isCA, null, TimeSpan.FromDays(isCA ? 3650 : 90), Time.GetUtcNow(), new RandomIds().NewSerialNumber(), null);
}
