using CertFunctions.Core.Acme;

namespace CertFunctions.Core.Tests.Acme;

public sealed class RetryAfterTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, 500, TimeSpan.Zero);

    public static TheoryData<string, string?, double?> Headers => new()
    {
        // because                               header                              seconds
        { "it is not there",                     null,                               null },
        { "it is empty",                         " ",                                null },
        { "seconds",                             "90",                               90 },
        { "spaces around",                       " 90 ",                             90 },
        { "a day and a half",                    "129600",                           129600 },
        { "a week is the most",                  "604801",                           604800 },
        { "more digits than a number holds",     "99999999999999999999999",          604800 },
        { "zero is no wait",                     "0",                                null },
        { "zeros",                               "0000",                             null },
        { "leading zeros",                       "0005",                             5 },
        { "negative",                            "-5",                               null },
        { "a fraction",                          "1.5",                              null },
        { "garbage",                             "soon",                             null },
        { "other digits",                        "٣",                                null },
        { "an HTTP date",                        "Thu, 01 Jan 2026 12:01:00 GMT",    59.5 },
        { "an old form of it",                   "Thursday, 01-Jan-26 12:01:00 GMT", 59.5 },
        { "a date within the second",            "Thu, 01 Jan 2026 12:00:01 GMT",    1 },
        { "a date that has passed",              "Thu, 01 Jan 2026 11:59:00 GMT",    null },
        { "a date far away",                     "Fri, 01 Jan 2027 12:00:00 GMT",    604800 },
        { "a date of another kind",              "2026-01-01T12:01:00Z",             null },
    };

    [Theory, MemberData(nameof(Headers))]
    public void Reads(string because, string? header, double? seconds) =>
        Assert.True(RetryAfter.Read(header, Now)?.TotalSeconds == seconds, $"{because}: {RetryAfter.Read(header, Now)}");

    public static TheoryData<string, double?, double?, double> Waits => new()
    {
        // because                              asked  own    wait
        { "nothing is said: half a second",     null,  null,  0.5 },
        { "our own schedule",                   null,  5,     5 },
        { "what the server says is obeyed",     30,    5,     30 },
        { "also when it is faster",             1,     5,     1 },
        { "never faster than half a second",    null,  0.1,   0.5 },
    };

    [Theory, MemberData(nameof(Waits))]
    public void Waits_between_polls(string because, double? asked, double? own, double wait) =>
        Assert.True(RetryAfter.Wait(Seconds(asked), Seconds(own)) == TimeSpan.FromSeconds(wait), because);

    private static TimeSpan? Seconds(double? seconds) => seconds is { } some ? TimeSpan.FromSeconds(some) : null;
}
