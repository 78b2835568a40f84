using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>Everything that a decision about one Certificate rests on, as read in one go. Public data only: it goes into history.</summary>
/// <param name="Version">Store version of the Certificate.</param>
/// <param name="Due">The Certificate's scheduled due entry.</param>
/// <param name="Stored">What the vault holds under the Certificate's object; null: nothing.</param>
/// <param name="Current">The request of the current revision, if it is still there.</param>
/// <param name="Next">The request of the next revision: an attempt under way, or one that failed.</param>
/// <param name="Claim">Who owns the vault object's claim; null: nobody yet.</param>
/// <param name="Outputs">What is written beside the vault object; null: nothing is asked for or left over, or it was not looked at.</param>
/// <param name="VaultProblem">Set when the vault could not be asked: nothing about <paramref name="Stored"/> is known then.</param>
public sealed record CertificateFacts(
    Certificate Certificate,
    string Version,
    string? Due,
    DateTimeOffset Now,
    StoredPair? Stored,
    AttemptFacts? Current,
    AttemptFacts? Next,
    ClaimFacts? Claim,
    string? VaultProblem,
    OutputFacts? Outputs = null)
{
    /// <summary>The tags of the soft-deleted object of this name; asked only when nothing is stored and the claim is this Certificate's.</summary>
    public ValueMap? Deleted { get; init; }

    /// <summary>The ACME directory that its issuer names; asked only when what is stored was issued by ACME.</summary>
    public string? IssuerServer { get; init; }

    /// <summary>Whether its issuer goes by the CA's renewal information; asked together with <see cref="IssuerServer"/>.</summary>
    public bool UsesRenewalInfo { get; init; }

    /// <summary>The revision of the last success: the vault's word when its tags are ours, for a status write may have been lost.</summary>
    public int? Revision =>
        Stored?.IsOf(Certificate) is true && Stored.Revision is { } stored && stored > (Certificate.Status?.Revision ?? 0)
            ? stored
            : Certificate.Status?.Revision;

    /// <summary>Whether somebody took all our tags off the version that the status names: it is still ours, and gets them back.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool LostItsTags => Stored is { IsOurs: false } stored && stored.Version == Certificate.Status?.Vault?.Version;

    /// <summary>The stored leaf when it was issued for this Certificate; null for nothing, foreign, temporary or unreadable content.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public CertFacts? OwnLeaf => Stored is { IsTemporary: false } stored && (stored.IsOf(Certificate) || LostItsTags) ? stored.Leaf : null;
}

/// <summary>The newest version of the vault object: leaf and tags, never the key.</summary>
/// <param name="Leaf">Null when it cannot be read.</param>
/// <param name="LeafProblem">Why it cannot be read.</param>
public sealed record StoredPair(string Version, bool IsEnabled, ValueMap Tags, CertFacts? Leaf, string? LeafProblem = null)
{
    public int? Revision => int.TryParse(Tags.Find(Annotations.CertificateRevision), System.Globalization.CultureInfo.InvariantCulture, out var revision) ? revision : null;

    /// <summary>The id that its CA knows it by (RFC 9773 §4.1); null: not from ACME, or the leaf names no issuer key.</summary>
    public string? RenewalId { get; init; }

    public string? RequestUid => Tags.Find(Annotations.RequestUid);

    /// <summary>A stand-in until the first issuance (ADR 0011): never counts as issued, whatever is in it.</summary>
    public bool IsTemporary => Tags.ContainsKey(Annotations.Temporary);

    /// <summary>Whether our tags are on it at all; an object without them is foreign.</summary>
    public bool IsOurs => Tags.ContainsKey(Annotations.CertificateUid);

    /// <summary>Whether the tags name this Certificate. A Certificate made anew under the same name takes over what the old one left.</summary>
    public bool IsOf(Certificate certificate) =>
        Tags.Find(Annotations.CertificateName) == certificate.Metadata.Name && Tags.Find(Annotations.Namespace) == certificate.Metadata.Namespace;
}

/// <summary>A CertificateRequest as far as decisions need it.</summary>
/// <param name="State"><c>Issued</c>, <c>Failed</c>, <c>Denied</c> or <c>Pending</c>.</param>
/// <param name="CertificateUid">Owner; null on a request that is not made for a Certificate.</param>
/// <param name="KeyIsStaged">Whether the key it was made with still waits in the system vault; asked for the next revision's request only.</param>
/// <param name="EndedAt">When it failed or was denied; null: it did not.</param>
public sealed record AttemptFacts(
    string Name,
    string Uid,
    string? CertificateUid,
    long Generation,
    string? PrivateKeyVersion,
    IssuerRef IssuerRef,
    TimeSpan? Duration,
    bool IsCA,
    ValueList<string>? Usages,
    CsrSummary? Csr,
    string State,
    string? Message,
    bool KeyIsStaged = true,
    DateTimeOffset? EndedAt = null)
{
    /// <summary>What it says of a certificate that ends with its CA, earlier than asked for; null: it does not.</summary>
    public Condition? Shortened { get; init; }

    /// <summary>Who signed it; null: nobody has, or nobody knows.</summary>
    public SignerKeys? Signer { get; init; }

    /// <summary>Where its certificate comes from, when it was issued by ACME.</summary>
    public string? AcmeOrigin { get; init; }
}

/// <summary>Who may write the vault object.</summary>
/// <param name="LeaseRequestUid">The attempt that is importing right now; null: nobody.</param>
/// <param name="LeaseUntil">When that lease is no longer waited for.</param>
public sealed record ClaimFacts(string Owner, string OwnerUid, string? LeaseRequestUid, DateTimeOffset? LeaseUntil);

/// <summary>Why something happens: a code for machines, a sentence for people.</summary>
public sealed record Reason(string Code, string Message);
