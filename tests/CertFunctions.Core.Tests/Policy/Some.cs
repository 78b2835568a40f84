using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Tests.Pki;

namespace CertFunctions.Core.Tests.Policy;

/// <summary>A Certificate in its third revision, issued on the first of January for 90 days, looked at ten days later: nothing is wrong with it.</summary>
internal static class Some
{
    public const string Uid = "uid-web";

    public static readonly DateTimeOffset Day1 = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset End = Day1.AddDays(90);

    private static readonly Lazy<CertFacts> AnyLeaf = new(() =>
    {
        using var key = Issued.Key();
        return X509Facts.Read(SelfSigner.Sign(Issued.Csr(Issued.Spec(null, "web.test"), key), key, Issued.Terms()));
    });

    public static CertFacts Leaf { get; } = AnyLeaf.Value with { NotBefore = Day1, NotAfter = End, KeyHash = "key-3", KeyAlgorithm = "RSA", KeySizeInBits = 2048 };

    public static Certificate Certificate { get; } = A.Certificate() is var plain
        ? plain with
        {
            Metadata = plain.Metadata with { Uid = Uid, Generation = 7 },
            Status = new CertificateStatus
            {
                Revision = 3,
                Vault = new VaultLocation { Uri = "https://kv/", Object = "ns--web-tls", Version = "v3" },
                Conditions = [new Condition { Type = "Ready", Status = "True", Reason = "Ready", LastTransitionTime = Day1, ObservedGeneration = 7 }],
            },
        }
        : throw new InvalidOperationException();

    public static ValueMap Tags { get; } = VaultTagPolicy.Issued(Certificate, 3, "request-3");

    public static StoredPair Stored { get; } = new("v3", IsEnabled: true, Tags, Leaf);

    public static ClaimFacts Claim { get; } = new("ns/web", Uid, LeaseRequestUid: null, LeaseUntil: null);

    public static CertificateFacts Facts { get; } = new(
        Certificate, "etag", Due: null, Day1.AddDays(10), Stored, Request(3), Next: null, Claim, VaultProblem: null);

    /// <summary>The request of a revision: what the spec asks, with a key of its own.</summary>
    public static AttemptFacts Request(int revision, string state = RequestPolicy.Issued) => new(
        $"web-{revision}", $"request-{revision}", Uid, Generation: 7, PrivateKeyVersion: $"staged-{revision}", Certificate.Spec.IssuerRef, Duration: null, IsCA: false,
        Usages: null, new CsrSummary($"key-{revision}", "RSA", 2048, CommonName: null, ["web.test"], []), state, Message: null);

    public static CertificateFacts With(this CertificateFacts facts, Func<CertificateSpec, CertificateSpec> change) =>
        facts with { Certificate = facts.Certificate with { Spec = change(facts.Certificate.Spec) } };

    public static CertificateFacts WithStatus(this CertificateFacts facts, Func<CertificateStatus, CertificateStatus> change) =>
        facts with { Certificate = facts.Certificate with { Status = change(facts.Certificate.Status ?? new CertificateStatus()) } };

    public static CertificateFacts WithAnnotation(this CertificateFacts facts, string name, string value) => facts with
    {
        Certificate = facts.Certificate with { Metadata = facts.Certificate.Metadata with { Annotations = (facts.Certificate.Metadata.Annotations ?? ValueMap.Empty).With(name, value) } },
    };

    public static CertificateFacts WithStored(this CertificateFacts facts, Func<StoredPair, StoredPair> change) => facts with { Stored = change(facts.Stored!) };

    public static CertificateFacts WithTag(this CertificateFacts facts, string name, string? value) => facts.WithStored(stored => stored with
    {
        Tags = value is null ? ValueMap.From(stored.Tags.Where(pair => pair.Key != name)) : stored.Tags.With(name, value),
    });

    public static CertificateFacts WithIssuing(this CertificateFacts facts, string status, string reason, DateTimeOffset? since = null) => facts.WithStatus(old => old with
    {
        Conditions = old.Conditions.Without("Issuing").With(new Condition { Type = "Issuing", Status = status, Reason = reason, Message = "told" }, since ?? Day1),
    });

    public static CertificateFacts Failed(this CertificateFacts facts, int attempts, DateTimeOffset at) =>
        facts.WithStatus(old => old with { FailedIssuanceAttempts = attempts, LastFailureTime = at });

    public static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
