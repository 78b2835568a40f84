using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>What a Bundle's run found. Public facts only, and no certificates: it goes into history.</summary>
/// <param name="Version">Store version of the Bundle.</param>
/// <param name="Files">The published files as they were before anything was read (ca-rotation 5).</param>
/// <param name="Hash">SHA-256 of the content to publish, hex, which lies ready under that name; null: there is nothing to publish.</param>
/// <param name="Problems">Sources that cannot be used as they are; their last good content stands in.</param>
/// <param name="LeftOut">Certificates that are no trust anchors, each with why.</param>
/// <param name="Nothing">Why nothing is published, when <paramref name="Hash"/> is null.</param>
/// <param name="Rotations">The rotations that this run knew of (<see cref="RotationStatus.Fence"/>).</param>
public sealed record BundleFacts(
    string Version,
    long Generation,
    BundleStatus? Status,
    ValueList<BundleFile> Files,
    string? Hash,
    int Certificates,
    DateTimeOffset? EarliestExpiry,
    string? DefaultCAVersion,
    BundleContent Content,
    ValueList<string> Problems,
    ValueList<string> LeftOut,
    Reason? Nothing,
    string Location,
    ValueList<string> Rotations);

/// <param name="ETag">Null: there is no such file yet.</param>
public sealed record BundleFile(string Name, string? ETag);

/// <summary>How publishing ended.</summary>
/// <param name="IsOvertaken">A file changed meanwhile: gather again.</param>
/// <param name="Problems">Files that could not be written, each with why.</param>
public sealed record PublishOutcome(bool IsOvertaken, ValueList<string> Problems);

/// <summary>Types and reasons of a Bundle's conditions (trust-manager's where it has one, semantics §8.3).</summary>
public static class BundleConditions
{
    public const string Synced = "Synced";

    /// <summary>Reason: a source is missing or cannot be used.</summary>
    public const string SourceNotFound = "SourceNotFound";

    /// <summary>Reason: what the sources hold makes no bundle.</summary>
    public const string SourceBuildError = "SourceBuildError";

    /// <summary>Reason of ours: the storage refuses.</summary>
    public const string PublishFailed = "PublishFailed";

    /// <summary>Of ours: certificates that are no trust anchors were left out.</summary>
    public const string LeftOut = "CertificatesLeftOut";

    /// <summary>Of ours: a CA rotation keeps CAs in the bundle that no source names.</summary>
    public const string SourcesIncomplete = "SourcesIncomplete";

    /// <summary>Of ours: an issuer belongs here and its root is unknown.</summary>
    public const string RootUnknown = "RootUnknown";
}

/// <summary>The status that a Bundle's run amounts to, and when to look again.</summary>
public static class BundleStatusPolicy
{
    private const int MostNamed = 10;

    /// <param name="published">Null: nothing was to be published.</param>
    public static (BundleStatus Status, DateTimeOffset Next) After(BundleFacts facts, PublishOutcome? published, DateTimeOffset now, TimeSpan firstWait, TimeSpan mostWait)
    {
        var old = facts.Status ?? new BundleStatus();
        var synced = Synced(facts, published);
        var conditions = old.Conditions.With(synced, now);
        conditions = Show(conditions, BundleConditions.LeftOut, facts.LeftOut, facts.Generation, now, "These are no trust anchors and were left out:");
        conditions = Show(conditions, BundleConditions.RootUnknown, facts.Content.WithoutRoot, facts.Generation, now, "Their root is unknown, so nothing of them is published; import it with the chain, or name it as a source:");
        conditions = Show(
            conditions, BundleConditions.SourcesIncomplete, facts.Content.Unnamed, facts.Generation, now, "A CA rotation put these roots here (SHA-256); add them as a source, best as \"issuer\", and drop the old one:");

        var status = old with { Conditions = conditions };
        if (published is { Problems.Count: 0 })
        {
            status = status with
            {
                Hash = facts.Hash, Certificates = facts.Certificates, EarliestExpiry = facts.EarliestExpiry, DefaultCAVersion = facts.DefaultCAVersion,
                Location = facts.Location, Added = facts.Content.Added.Count == 0 ? null : facts.Content.Added,
            };
        }

        var wait = synced.IsTrue ? mostWait : IssuerPolicy.Backoff(conditions.Find(BundleConditions.Synced)?.LastTransitionTime ?? now, now, firstWait, mostWait);
        var expiry = facts.EarliestExpiry + TimeSpan.FromSeconds(1);
        return (status, expiry > now && expiry < now + wait ? expiry.Value : now + wait);
    }

    private static Condition Synced(BundleFacts facts, PublishOutcome? published)
    {
        var (isTrue, reason, message) = published switch
        {
            null => (false, facts.Nothing?.Code ?? BundleConditions.SourceBuildError, facts.Nothing?.Message),
            { Problems.Count: > 0 } => (false, BundleConditions.PublishFailed, Named(published.Problems)),
            _ when facts.Problems.Count > 0 => (false, BundleConditions.SourceNotFound, $"Published with the last good content of what cannot be read: {Named(facts.Problems)}"),
            _ => (true, BundleConditions.Synced, $"{facts.Certificates} CA certificates are published."),
        };
        return new() { Type = BundleConditions.Synced, Status = isTrue ? "True" : "False", Reason = reason, Message = message, ObservedGeneration = facts.Generation };
    }

    private static ValueList<Condition> Show(ValueList<Condition> conditions, string type, ValueList<string> items, long generation, DateTimeOffset now, string says) => items.Count == 0
        ? conditions.Without(type)
        : conditions.With(new Condition { Type = type, Status = "True", Reason = type, Message = $"{says} {Named(items)}", ObservedGeneration = generation }, now);

    private static string Named(ValueList<string> items) =>
        string.Join("; ", items.Take(MostNamed)) + (items.Count > MostNamed ? $"; and {items.Count - MostNamed} more" : "");
}
