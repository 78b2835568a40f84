using System.Globalization;
using System.Net.Http.Headers;

namespace CertFunctions.Core.Acme;

/// <summary>When a server wants to be asked again (RFC 9110 §10.2.3), and how long we then wait.</summary>
public static class RetryAfter
{
    /// <summary>How fast a resource is asked for again when the server does not say.</summary>
    public static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <summary>Reads the header: seconds or an HTTP date.</summary>
    /// <returns>1 s to 7 days; null when it is absent, zero, past, negative or nonsense: then our own schedule holds.</returns>
    public static TimeSpan? Read(string? header, DateTimeOffset now)
    {
        var text = header?.Trim();
        if (string.IsNullOrEmpty(text)) { return null; }
        if (text.All(char.IsAsciiDigit)) { return OfSeconds(text); }

        return RetryConditionHeaderValue.TryParse(text, out var value) && value.Date is { } date ? Clamp(date - now) : null;
    }

    /// <summary>The wait before a resource is asked for again: what the server said, else <paramref name="own"/>, never under 500 ms.</summary>
    public static TimeSpan Wait(TimeSpan? asked, TimeSpan? own = null)
    {
        var wait = asked ?? own ?? ShortestPoll;
        return wait < ShortestPoll ? ShortestPoll : wait;
    }

    private static TimeSpan? OfSeconds(string digits)
    {
        var seconds = digits.TrimStart('0');
        return Clamp(seconds.Length > 9 ? Longest : TimeSpan.FromSeconds(long.Parse("0" + seconds, CultureInfo.InvariantCulture)));
    }

    private static TimeSpan? Clamp(TimeSpan wait) =>
        wait <= TimeSpan.Zero ? null
        : wait < Shortest ? Shortest
        : wait > Longest ? Longest
        : wait;
}
