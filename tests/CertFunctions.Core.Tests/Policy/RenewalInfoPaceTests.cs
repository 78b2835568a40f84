using CertFunctions.Core.Policy;

namespace CertFunctions.Core.Tests.Policy;

public sealed class RenewalInfoPaceTests
{
    public static TheoryData<string, TimeSpan?, TimeSpan> Intervals => new()
    {
        { "the CA does not say",     null,                       TimeSpan.FromHours(6) },
        { "the CA says so",          TimeSpan.FromHours(2),      TimeSpan.FromHours(2) },
        { "not under a minute",      TimeSpan.FromSeconds(1),    TimeSpan.FromMinutes(1) },
        { "not over a day",          TimeSpan.FromDays(7),       TimeSpan.FromDays(1) },
    };

    [Theory, MemberData(nameof(Intervals))]
    public void Asks_again_after(string because, TimeSpan? asked, TimeSpan expected) => Assert.True(expected == RenewalInfoPace.Interval(asked, TimeSpan.FromHours(6)), because);

    public static TheoryData<string, int, bool, TimeSpan?, TimeSpan> Backoffs => new()
    {
        // because                                       failures busy   asked                    expected
        { "one certificate may be at fault",             1,       false, null,                    TimeSpan.Zero },
        { "so may two",                                  2,       false, TimeSpan.FromHours(6),   TimeSpan.Zero },
        { "three in a row: the CA",                      3,       false, null,                    TimeSpan.FromMinutes(15) },
        { "its wish was for a certificate",              3,       false, TimeSpan.FromHours(6),   TimeSpan.FromMinutes(15) },
        { "it doubles",                                  5,       false, null,                    TimeSpan.FromHours(1) },
        { "up to a day",                                 1000,    false, null,                    TimeSpan.FromDays(1) },
        { "the CA says that it is busy",                 1,       true,  null,                    TimeSpan.FromMinutes(15) },
        { "and for how long",                            1,       true,  TimeSpan.FromHours(6),   TimeSpan.FromHours(6) },
        { "a wish that is too short",                    4,       true,  TimeSpan.FromSeconds(1), TimeSpan.FromHours(2) },
        { "a wish that is too long",                     1,       true,  TimeSpan.FromDays(7),    TimeSpan.FromDays(1) },
    };

    [Theory, MemberData(nameof(Backoffs))]
    public void Leaves_a_CA_alone(string because, int failures, bool isBusy, TimeSpan? asked, TimeSpan expected) =>
        Assert.True(expected == RenewalInfoPace.Backoff(failures, isBusy, asked), because);
}
