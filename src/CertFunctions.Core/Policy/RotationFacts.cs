using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>What a CA rotation is decided by. Public facts only: it goes into history.</summary>
/// <param name="Pinned">The CA in use.</param>
/// <param name="Candidate">The CA that the vault holds by now, or the version that was asked for.</param>
/// <param name="Bundles">Every published file of every Bundle that holds the pinned CA.</param>
/// <param name="Leaves">What is left of each retiring CA; one that is not among them was not looked at.</param>
/// <param name="IsPaused">A person stopped it.</param>
public sealed record RotationFacts(
    PinnedSigner Pinned,
    PinnedSigner Candidate,
    RotationStatus? Rotation,
    ValueList<RetiringSigner> Retiring,
    ValueList<BundleHold> Bundles,
    ValueList<RetiringLeaves> Leaves,
    RotationPace Pace,
    bool IsPaused = false);

/// <summary>One published file that holds the old CA.</summary>
/// <param name="File">For people, e.g. <c>internal/ca-bundle.jks</c>.</param>
/// <param name="NewSince">When the last version that lacked the new CA stopped being current, by the store's clock; null: it lacks it.</param>
/// <param name="AsOf">The store's clock when it was asked.</param>
/// <param name="Problem">Why the file cannot be brought up to date; null: it can, as far as is known.</param>
public sealed record BundleHold(string File, DateTimeOffset? NewSince, DateTimeOffset AsOf, string? Problem = null);

/// <summary>What is left of one retiring CA in the issued log: unexpired and unrevoked.</summary>
/// <param name="Thumbprint">Of the retiring CA.</param>
/// <param name="Leaves">All of them, intermediates that nothing needs any more not counted.</param>
/// <param name="Unmanaged">Those among them that no Certificate can replace: a person's own CSR, a Certificate that is gone, a CA that is still in use.</param>
/// <param name="Certificates">Certificates that still hold a leaf of it.</param>
public sealed record RetiringLeaves(string Thumbprint, int Leaves, int Unmanaged, int Certificates);

/// <param name="Propagation">P: how long a client may use a bundle that it fetched.</param>
/// <param name="Overlap">How long after the last re-issue the old CA stays, where a leaf counts as gone with its replacement.</param>
/// <param name="Lag">L: how long a consumer may go on serving the old leaf after a re-issue.</param>
/// <param name="Spread">Over how long re-issues are spread.</param>
public sealed record RotationPace(TimeSpan Propagation, TimeSpan Overlap, TimeSpan Lag, TimeSpan Spread);

/// <summary>Where a rotation stands after a decision.</summary>
/// <param name="News">What to tell, once: reason and message.</param>
/// <param name="MakesCa">A new CA certificate has to be asked for.</param>
/// <param name="Until">When something may change by the passing of time alone; null: not by that.</param>
public sealed record RotationDecision(
    PinnedSigner Pinned, RotationStatus? Rotation, ValueList<RetiringSigner> Retiring, ValueList<Reason> News, bool MakesCa = false, DateTimeOffset? Until = null);
