using System.Globalization;

namespace CertFunctions.App.Schedule;

/// <summary>An object whose name is the fact: this resource must be looked at, at this time (design §3).</summary>
/// <param name="Unique">Makes the name one writer's own, so that a repeated write files the same entry.</param>
public sealed record DueEntry(DateTimeOffset At, string Plural, string? Namespace, string Name, string Uid, DateTimeOffset Birth, string Unique)
{
    public const string Prefix = "due/";

    private const string Stamp = "yyyyMMddHHmmss";

    /// <summary><c>due/{yyyyMMddHHmmss}/{plural}/{ns}/{name}/{uid}/{birth}-{unique}</c>; the namespace of a cluster-scoped kind is <c>_</c>.</summary>
    public string ObjectName =>
        $"{Prefix}{Text(WholeSeconds(At))}/{Plural}/{Namespace ?? "_"}/{Name}/{Uid}/{Text(Birth)}-{Unique}";

    public RunTicket Ticket => new(Plural, Namespace, Name, Uid, ObjectName);

    /// <summary>Entries with this prefix or an earlier one are due at <paramref name="now"/>.</summary>
    public static string DueUntil(DateTimeOffset now) => $"{Prefix}{Text(now)}0";

    /// <summary>Null when the name is not an entry's.</summary>
    public static DueEntry? TryParse(string objectName)
    {
        var parts = objectName.Split('/');
        if (parts is not ["due", var at, var plural, var ns, var name, var uid, var last] || last.Split('-', 2) is not [var birth, var unique]) { return null; }

        return TryTime(at) is { } dueAt && TryTime(birth) is { } bornAt
            ? new DueEntry(dueAt, plural, ns == "_" ? null : ns, name, uid, bornAt, unique)
            : null;
    }

    /// <summary>Up: a server that says when to come again must not be asked a moment before.</summary>
    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => time.AddTicks((TimeSpan.TicksPerSecond - (time.Ticks % TimeSpan.TicksPerSecond)) % TimeSpan.TicksPerSecond);

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(Stamp, CultureInfo.InvariantCulture);

    private static DateTimeOffset? TryTime(string text) =>
        DateTimeOffset.TryParseExact(text, Stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
