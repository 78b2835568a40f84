using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Certificates;
using CertFunctions.App.Issuers;
using CertFunctions.App.Issuers.Rotation;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Issuers;

/// <summary>What counts as left of a CA that signs no more (ca-rotation 12, 13).</summary>
public sealed class RetiringCasTests : IDisposable
{
    private const string IssuerUid = "issuer-uid";

    private static readonly DateTimeOffset Now = new(2030, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly InMemoryObjectStore _objects = new();
    private readonly ServiceProvider _services;
    private byte _serial = 1;

    public RetiringCasTests() => _services = AppServices.Over(_objects, new InMemoryVault(), new FakeTimeProvider(Now));

    private static PinnedSigner Old { get; } = Signer("old");

    private static PinnedSigner Pinned { get; } = Signer("new");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IssuedLog Log => _services.GetRequiredService<IssuedLog>();

    [Fact]
    public async Task A_persons_own_csr_is_left_until_it_ends()
    {
        await IssueAsync(Tags(Old));

        Assert.Equal(new RetiringLeaves(Old.Thumbprint, Leaves: 1, Unmanaged: 1, Certificates: 0), await LeavesAsync());
    }

    [Theory]
    [InlineData("it holds a leaf of the old CA", "old", 1, 0)]
    [InlineData("it holds one of the new CA", "new", 0, 0)]
    [InlineData("nobody knows what signed what it holds", null, 1, 0)]
    public async Task A_Certificate_is_asked_what_it_holds(string because, string? holds, int certificates, int unmanaged)
    {
        var uid = await CertificateAsync("web", holds);
        await IssueAsync(Tags(Old) with { Owner = uid, OwnerName = "ns/web" });

        Assert.Equal((because, new RetiringLeaves(Old.Thumbprint, 1, unmanaged, certificates)), (because, await LeavesAsync()));
    }

    [Fact]
    public async Task The_leaf_of_a_Certificate_that_is_gone_or_made_anew_is_nobodys()
    {
        await CertificateAsync("web", "old");
        await IssueAsync(Tags(Old) with { Owner = "another uid", OwnerName = "ns/web" });
        await IssueAsync(Tags(Old) with { Owner = "gone", OwnerName = "ns/gone" });

        Assert.Equal(new RetiringLeaves(Old.Thumbprint, 2, Unmanaged: 2, Certificates: 0), await LeavesAsync());
    }

    [Fact]
    public async Task What_is_revoked_expired_or_of_another_ca_does_not_count()
    {
        await Log.RevokeAsync(IssuerUid, Now.AddDays(30), await IssueAsync(Tags(Old)), "keyCompromise", Now, Cancel);
        await IssueAsync(Tags(Old), Now.AddDays(-1));
        await IssueAsync(Tags(Pinned));

        Assert.Equal(new RetiringLeaves(Old.Thumbprint, 0, 0, 0), await LeavesAsync());
    }

    [Fact]
    public async Task The_day_on_which_a_leaf_ends_counts_whole()
    {
        await IssueAsync(Tags(Old), Now.AddHours(-1));

        Assert.Equal(1, (await LeavesAsync()).Leaves);
    }

    [Fact]
    public async Task Whoever_was_about_to_sign_before_the_ca_changed_may_still_do_it()
    {
        var serial = await IssueAsync(Tags(Old));
        await Log.RecordAsync(IssuerUid, Now.AddDays(30), serial, Record(serial), Tags(Pinned), Cancel);

        Assert.Equal(1, (await LeavesAsync()).Leaves);
    }

    [Theory]
    [InlineData("an issuer signs with it", true, false, 1)]
    [InlineData("a live leaf was signed by it", false, true, 1)]
    [InlineData("nothing needs it any more", false, false, 0)]
    public async Task A_ca_below_it_counts_while_it_is_needed(string because, bool isPinned, bool hasLeaf, int leaves)
    {
        var serial = Convert.ToHexStringLower(await IssueAsync(Tags(Old) with { IsCA = true }));
        if (isPinned) { await IssuerAsync(Signer("child") with { SerialNumber = serial }); }
        if (hasLeaf) { await IssueAsync(Tags(Signer("child")) with { SignerSerial = serial }, issuer: "child issuer"); }

        Assert.Equal((because, leaves), (because, (await LeavesAsync()).Leaves));
    }

    public void Dispose() => _services.Dispose();

    private async Task<RetiringLeaves> LeavesAsync() => Assert.Single(await _services.GetRequiredService<RetiringCas>().LeavesAsync(
        IssuerUid, Pinned, [new RetiringSigner { Signer = Old, Since = Now.AddDays(-1) }], Now, Cancel));

    private async Task<byte[]> IssueAsync(IssuedTags tags, DateTimeOffset? notAfter = null, string issuer = IssuerUid)
    {
        byte[] serial = [1, 2, 3, 4, 5, 6, 7, _serial++];
        Assert.True(await Log.RecordAsync(issuer, notAfter ?? Now.AddDays(30), serial, Record(serial), tags, Cancel));
        return serial;
    }

    private async Task<string> CertificateAsync(string name, string? holds)
    {
        var certificate = A.Certificate(name);
        certificate = certificate with
        {
            Metadata = certificate.Metadata with { Uid = $"uid of {name}" },
            Status = new CertificateStatus { Vault = new VaultLocation { Uri = "https://default.test/", Object = "ns--web", Version = "1", IssuerKey = holds is null ? null : $"key {holds}", RootKey = holds is null ? null : $"root {holds}" } },
        };
        await _services.GetRequiredService<ResourceStore>().CreateAsync(CertificateKind.Kind, certificate, due: null, Cancel);
        return certificate.Metadata.Uid!;
    }

    private async Task IssuerAsync(PinnedSigner pinned) => await _services.GetRequiredService<ResourceStore>().CreateAsync(
        ClusterIssuerKind.Kind,
        new ClusterIssuer { Metadata = new ObjectMeta { Name = "child", Uid = "child" }, Spec = new IssuerSpec { Ca = new CaIssuer { SecretName = "child" } }, Status = new IssuerStatus { Pinned = pinned } },
        due: null, Cancel);

    private static IssuedRecord Record(byte[] serial) => new($"request {Convert.ToHexString(serial)}", "signer", []);

    private static IssuedTags Tags(PinnedSigner signer) => new(SignerKeys.Of(signer), signer.SerialNumber, IsCA: false, Owner: null, OwnerName: null);

    private static PinnedSigner Signer(string name) => new()
    {
        Object = "ca", Version = name, Thumbprint = name, KeyHash = $"key {name}", SubjectHash = name, SubjectKeyId = name, RootKeyHash = $"root {name}", RootThumbprint = name, SerialNumber = $"serial of {name}",
        NotAfter = Now.AddYears(5),
    };
}
