using System.Globalization;
using System.Text.RegularExpressions;
using CertFunctions.Core.Acme;

namespace CertFunctions.Core.Policy;

/// <summary>What must wait, and until when.</summary>
/// <param name="Scope"><c>account</c>, <c>set</c>, <c>name</c> or <c>domain</c>.</param>
/// <param name="Value">The name or the registered domain; the hash of the set; empty for the account.</param>
/// <param name="Reason"><c>RateLimited</c>, or <c>ACMEPaused</c> when a person has to lift it.</param>
public sealed record RateLimit(string Scope, string Value, DateTimeOffset Until, string Reason, string Message);

/// <summary>Reads what a refusal for too many requests limits, from the words that Boulder uses (Let's Encrypt docs/rate-limits).</summary>
public static partial class RateLimits
{
    public const string Account = "account";
    public const string Set = "set";
    public const string Name = "name";
    public const string Domain = "domain";

    public const string RateLimited = "RateLimited";
    public const string Paused = "ACMEPaused";

    /// <summary>Between two orders of an account that had to wait: Let's Encrypt gives one back every 36 s.</summary>
    public static TimeSpan Spacing { get; } = TimeSpan.FromSeconds(36);

    private static readonly TimeSpan Unsaid = TimeSpan.FromHours(1);
    private static readonly TimeSpan PausedFor = TimeSpan.FromHours(24);

    /// <summary>Most failed proofs of one name within an hour (Let's Encrypt refuses from the fifth on).</summary>
    public const int MostFailures = 3;

    /// <summary>Every limit that a 429 amounts to; an unpause link limits each name of the order.</summary>
    public static IReadOnlyList<RateLimit> Of(AcmeProblem problem, IReadOnlyList<AcmeIdentifier> identifiers, DateTimeOffset now)
    {
        var text = problem.Detail ?? "";
        if (Unpause().IsMatch(text)) { return [.. identifiers.Select(each => new RateLimit(Name, Plain(each.Value), now + (problem.RetryAfter ?? PausedFor), Paused, text))]; }

        var until = now + (problem.RetryAfter ?? Said(text, now) ?? Unsaid);
        var message = $"{(text.Length == 0 ? problem.Describe() : text)} Asked again after {until:yyyy-MM-dd HH:mm:ss} UTC.";
        var quoted = Quoted().Match(text) is { Success: true } match ? Plain(match.Groups["name"].Value) : null;
        return text switch
        {
            _ when Says("exact set") => [new(Set, OrderNames.SetHash(identifiers), until, RateLimited, message)],
            _ when quoted is not null && Says("authorization") => [new(Name, quoted, until, RateLimited, message)],
            _ when quoted is not null && Says("certificates") => [new(Domain, quoted, until, RateLimited, message)],
            _ => [new(Account, "", until, RateLimited, message)],
        };

        bool Says(string words) => text.Contains(words, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether a stored limit concerns an order of these names.</summary>
    public static bool Concerns(string scope, string value, IReadOnlyList<AcmeIdentifier> identifiers, string setHash) => scope switch
    {
        Account => true,
        Set => value == setHash,
        Name => identifiers.Any(each => Plain(each.Value) == value),
        Domain => identifiers.Any(each => Plain(each.Value) is var name && (name == value || name.EndsWith("." + value, StringComparison.Ordinal))),
        _ => false,
    };

    /// <summary>A name as limits count it: lower case, without <c>*.</c>.</summary>
    public static string Plain(string name) => (name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name).ToLowerInvariant();

    /// <summary>The moment in "retry after 2026-11-24 21:00:00 UTC".</summary>
    private static TimeSpan? Said(string text, DateTimeOffset now) =>
        RetryAfterText().Match(text) is { Success: true } match
        && DateTimeOffset.TryParse(match.Groups["time"].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && at > now && at < now + TimeSpan.FromDays(8)
            ? at - now
            : null;

    [GeneratedRegex("https://\\S+unpause", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Unpause();

    [GeneratedRegex("\"(?<name>[^\"]{1,253})\"", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Quoted();

    [GeneratedRegex("retry after (?<time>\\d{4}-\\d\\d-\\d\\d[ T]\\d\\d:\\d\\d:\\d\\d)", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex RetryAfterText();
}
