using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>What to do about the signer of a <c>ca</c> issuer.</summary>
public enum SignerAction
{
    /// <summary>Nothing is pinned, or what is pinned has expired: take the candidate.</summary>
    Pin,

    /// <summary>The pinned signer is still the newest.</summary>
    Keep,

    /// <summary>A renewal that no client can notice: take the candidate.</summary>
    Adopt,

    /// <summary>Another CA: the pinned signer goes on signing, and somebody has to plan the rotation.</summary>
    Rotation,

    /// <summary>There is nothing to sign with.</summary>
    Refuse,
}

/// <param name="Reason">A condition's reason; null when there is nothing to tell.</param>
/// <param name="Message">A sentence for the condition.</param>
public sealed record SignerDecision(SignerAction Action, string? Reason, string? Message);

/// <summary>Decides which CA certificate an issuer signs with: pinned from the first day, adopted silently only when no client can tell (design §5, ca-rotation 9, 10).</summary>
public static class SignerPolicy
{
    // All are asked, so that the message names everything that differs.
    private static readonly Func<PinnedSigner, PinnedSigner, string?>[] Differences =
    [
        Key,
        Subject,
        SubjectKeyId,
        RootKey,
        RootIdentity,
        PathLength,
    ];

    public static SignerDecision Decide(PinnedSigner? pinned, SignerCandidate candidate, DateTimeOffset now)
    {
        if (candidate.Signer is not { } newest) { return new(SignerAction.Refuse, candidate.Reason ?? SignerCandidate.Missing, candidate.Problem); }
        if (Expired(newest, now) && (pinned is null || Expired(pinned, now)))
        {
            return new(SignerAction.Refuse, SignerCandidate.Invalid, $"The CA certificate expired at {newest.NotAfter:u}.");
        }

        // Whatever an expired CA signed has expired with it: no client is left that a switch could surprise.
        if (pinned is null || Expired(pinned, now)) { return new(SignerAction.Pin, null, null); }
        if (pinned == newest || Expired(newest, now)) { return new(SignerAction.Keep, null, null); }
        if (pinned.Thumbprint == newest.Thumbprint) { return SameCertificate(pinned, newest); }

        var differing = Differences.Select(difference => difference(pinned, newest)).OfType<string>().ToArray();
        return differing.Length == 0
            ? new(SignerAction.Adopt, null, null)
            : new(SignerAction.Rotation, "SignerChanged",
                $"A newer CA certificate {newest.Object}/{newest.Version} waits; signing goes on with {pinned.Object}/{pinned.Version}, because it differs in: {string.Join(", ", differing)}.");
    }

    /// <summary>Whether no client can tell the second from the first, so that nothing signed by the first has to be re-issued.</summary>
    public static bool IsSame(PinnedSigner pinned, PinnedSigner newest) => Differences.All(difference => difference(pinned, newest) is null);

    /// <summary>Same certificate, more known about it: its root was published later, or it was imported again.</summary>
    private static SignerDecision SameCertificate(PinnedSigner pinned, PinnedSigner newest) =>
        pinned.RootKeyHash is not null && newest.RootKeyHash is null
            ? new(SignerAction.Keep, null, null)
            : RootKey(pinned, newest) is { } root && pinned.RootKeyHash is not null
                ? new(SignerAction.Rotation, "SignerChanged", $"The CA certificate is the same, but its chain differs in: {root}.")
                : new(SignerAction.Adopt, null, null);

    private static bool Expired(PinnedSigner signer, DateTimeOffset now) => signer.NotAfter <= now;

    private static string? Key(PinnedSigner pinned, PinnedSigner newest) => pinned.KeyHash == newest.KeyHash ? null : "key";

    private static string? Subject(PinnedSigner pinned, PinnedSigner newest) => pinned.SubjectHash == newest.SubjectHash ? null : "subject";

    private static string? SubjectKeyId(PinnedSigner pinned, PinnedSigner newest) =>
        pinned.SubjectKeyId == newest.SubjectKeyId ? null : "subject key identifier";

    /// <summary>An unknown root equals nothing: what cannot be shown to be the same is a rotation.</summary>
    private static string? RootKey(PinnedSigner pinned, PinnedSigner newest) =>
        pinned.RootKeyHash is null || newest.RootKeyHash is null ? "root (unknown)"
        : pinned.RootKeyHash == newest.RootKeyHash ? null
        : "root key";

    /// <summary>Chains are built by name and key identifier, so the root's key alone does not make it the same root.</summary>
    private static string? RootIdentity(PinnedSigner pinned, PinnedSigner newest) =>
        pinned.RootIdentity == newest.RootIdentity ? null : "root subject or key identifier";

    private static string? PathLength(PinnedSigner pinned, PinnedSigner newest) =>
        (newest.PathLength ?? int.MaxValue) >= (pinned.PathLength ?? int.MaxValue) ? null : "path length (narrower)";
}
