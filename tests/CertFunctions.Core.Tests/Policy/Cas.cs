using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

/// <summary>Signers for the tables of CA rotation: <c>a1</c> and <c>a2</c> have the key <c>a</c>, and so on.</summary>
internal static class Cas
{
    public static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly RotationPace Pace = new(TimeSpan.FromHours(24), TimeSpan.FromDays(7), TimeSpan.FromHours(72), TimeSpan.FromHours(1));

    public static PinnedSigner A1 { get; } = Root("a1");

    /// <summary>A1 renewed with its key.</summary>
    public static PinnedSigner A2 { get; } = Root("a2");

    public static PinnedSigner B1 { get; } = Root("b1");

    public static PinnedSigner C1 { get; } = Root("c1");

    /// <summary>An intermediate under A1.</summary>
    public static PinnedSigner I1 { get; } = Under("i1", A1);

    /// <summary>I1's key under another root.</summary>
    public static PinnedSigner I2 { get; } = Under("i2", B1);

    public static PinnedSigner J1 { get; } = Under("j1", A1);

    public static PinnedSigner Root(string id) => new()
    {
        Object = "pki", Version = id, Thumbprint = id, KeyHash = id[..1], SubjectHash = id[..1], SubjectKeyId = id[..1], RootKeyHash = id[..1], RootThumbprint = id, NotAfter = Now.AddYears(5),
    };

    public static PinnedSigner Under(string id, PinnedSigner root) => Root(id) with { RootKeyHash = root.KeyHash, RootThumbprint = root.Thumbprint, NotAfter = root.NotAfter };

    /// <summary>By its thumbprint.</summary>
    public static AnchorFacts Anchor(string id) => new(id, id[..1]);

    public static RetiringSigner Retiring(PinnedSigner signer) => new() { Signer = signer, Since = Now.AddDays(-10) };

    public static RotationStatus To(PinnedSigner next) => new() { Stage = RotationPolicy.Publishing, Next = next, StartedAt = Now.AddHours(-30) };

    public static RotationStatus GivenUp(string thumbprint) => new() { Stage = "Abandoned", Abandoned = thumbprint, StartedAt = Now.AddHours(-30) };

    public static RotationStatus Asked(Func<RotationRequest, RotationRequest>? change = null)
    {
        var request = new RotationRequest { Id = "1", RequestedAt = Now.AddHours(-1) };
        return new() { Stage = RotationPolicy.Requested, Request = change is null ? request : change(request), StartedAt = Now.AddHours(-1) };
    }

    /// <summary>A file that has held the new CA for this long.</summary>
    public static BundleHold Held(TimeSpan since, string file = "all/ca-bundle.pem") => new(file, Now - since, Now);

    /// <summary>A file that lacks it.</summary>
    public static BundleHold Lacks(string? problem = null, string file = "all/ca-bundle.pem") => new(file, null, Now, problem);
}
