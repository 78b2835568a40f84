using System.Globalization;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>Tags to write onto one version of the vault object.</summary>
public sealed record TagRepair(Reason Reason, string Version, ValueMap Tags);

/// <summary>Says which tags a Certificate's vault object should have, and puts differences right without re-issuing (cert-manager's post-issuance chain, semantics §2.4).</summary>
public static class VaultTagPolicy
{
    /// <summary>What Key Vault allows on one object.</summary>
    public const int Most = 15;

    /// <summary>What Key Vault allows for a name and for a value.</summary>
    public const int Longest = 256;

    // The mark of a temporary certificate takes the place of a revision.
    private static readonly string[] Owned =
    [
        Annotations.Namespace,
        Annotations.CertificateName,
        Annotations.CertificateUid,
        Annotations.SecretName,
        Annotations.IssuerName,
        Annotations.IssuerKind,
        Annotations.IssuerGroup,
        Annotations.CertificateRevision,
        Annotations.RequestUid,
        Annotations.AcmeOrigin,
        Annotations.Temporary,
    ];

    /// <summary>What is left for <c>spec.secretTemplate</c>.</summary>
    public static int LeftForTemplate => Most - (Owned.Length - 1);

    /// <summary>Our own tags of what an attempt stores.</summary>
    /// <param name="acmeOrigin">Only of an ACME certificate: who issued it.</param>
    public static ValueMap Issued(Certificate certificate, int? revision, string? requestUid, string? acmeOrigin = null)
    {
        var tags = acmeOrigin is null ? Base(certificate) : Base(certificate).With(Annotations.AcmeOrigin, acmeOrigin);
        if (revision is { } number) { tags = tags.With(Annotations.CertificateRevision, number.ToString(CultureInfo.InvariantCulture)); }

        return requestUid is null ? tags : tags.With(Annotations.RequestUid, requestUid);
    }

    /// <summary>Our own tags of a temporary certificate: it has no revision, and no request answered for it.</summary>
    public static ValueMap Temporary(Certificate certificate, string requestUid) => Base(certificate).With(Annotations.Temporary, requestUid);

    /// <summary>Labels and annotations of <c>spec.secretTemplate</c>; an annotation wins over a label of its name.</summary>
    public static ValueMap Template(CertificateSpec spec) =>
        (spec.SecretTemplate?.Annotations ?? ValueMap.Empty).Aggregate(spec.SecretTemplate?.Labels ?? ValueMap.Empty, (tags, pair) => tags.With(pair.Key, pair.Value));

    /// <summary>All tags: ours, then the template's, then what others put there, as far as there is room. What an earlier template put there goes.</summary>
    /// <param name="ours">From <see cref="Issued"/> or <see cref="Temporary"/>.</param>
    /// <param name="present">What is there now; null: nothing.</param>
    public static ValueMap All(Certificate certificate, ValueMap ours, ValueMap? present)
    {
        var wanted = Template(certificate.Spec).Where(pair => !IsOurs(pair.Key)).Aggregate(ours, (tags, pair) => tags.With(pair.Key, pair.Value));
        var written = certificate.Status?.Vault?.Tags ?? [];
        var foreign = (present ?? ValueMap.Empty).Where(pair => !wanted.ContainsKey(pair.Key) && !IsOurs(pair.Key) && !written.Contains(pair.Key));
        return foreign.Take(Math.Max(0, Most - wanted.Count)).Aggregate(wanted, (tags, pair) => tags.With(pair.Key, pair.Value));
    }

    /// <summary>What to write; null when the tags are as wanted, or when what is stored is not this Certificate's.</summary>
    public static TagRepair? Evaluate(CertificateFacts facts)
    {
        if (facts is not { OwnLeaf: not null, Stored: { } stored }) { return null; }

        var ours = Issued(facts.Certificate, facts.Revision, stored.RequestUid ?? facts.Current?.Uid, stored.Tags.Find(Annotations.AcmeOrigin) ?? facts.Current?.AcmeOrigin);
        var all = All(facts.Certificate, ours, stored.Tags);
        if (all.Equals(stored.Tags)) { return null; }

        var differing = all.Keys.Union(stored.Tags.Keys).Where(name => all.Find(name) != stored.Tags.Find(name)).ToValueList();
        var code = differing.Any(IsOurs) ? "SecretManagedMetadataMismatch" : "SecretTemplateMismatch";
        return new(new(code, $"The tags of the vault object are not up to date: {differing}."), stored.Version, all);
    }

    /// <summary>The names of the tags that are on the object because a template wanted them, now or before; null when there are none.</summary>
    public static ValueList<string>? Written(CertificateFacts facts)
    {
        var names = Template(facts.Certificate.Spec).Keys.Union(facts.Certificate.Status?.Vault?.Tags ?? [])
            .Where(name => facts.Stored?.Tags.ContainsKey(name) is true && !IsOurs(name)).Order(StringComparer.Ordinal).ToValueList();
        return names.Count == 0 ? null : names;
    }

    private static bool IsOurs(string name) => Owned.Contains(name, StringComparer.Ordinal);

    private static ValueMap Base(Certificate certificate) => ValueMap.From(
    [
        new(Annotations.Namespace, certificate.Metadata.Namespace!),
        new(Annotations.CertificateName, certificate.Metadata.Name),
        new(Annotations.CertificateUid, certificate.Metadata.Uid!),
        new(Annotations.SecretName, certificate.Spec.SecretName),
        new(Annotations.IssuerName, certificate.Spec.IssuerRef.Name),
        new(Annotations.IssuerKind, certificate.Spec.IssuerRef.KindOrDefault()),
        new(Annotations.IssuerGroup, certificate.Spec.IssuerRef.GroupOrDefault()),
    ]);
}
