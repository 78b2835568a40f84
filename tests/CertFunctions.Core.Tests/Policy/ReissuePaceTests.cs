using CertFunctions.Core.Policy;

namespace CertFunctions.Core.Tests.Policy;

/// <summary>How fast leaves are re-issued after a rotation.</summary>
public sealed class ReissuePaceTests
{
    [Theory]
    [InlineData("many are begun in full rounds", 200, 0, 0, 20, 20)]
    [InlineData("what is under way counts", 200, 15, 0, 20, 5)]
    [InlineData("never more at a time than allowed", 200, 20, 0, 20, 0)]
    [InlineData("few are spread, not begun at once", 5, 0, 0, 20, 1)]
    [InlineData("once the time is over all that is left may begin", 5, 0, 61, 20, 5)]
    [InlineData("also then never more than allowed", 200, 3, 61, 20, 17)]
    [InlineData("nothing is left", 0, 0, 10, 20, 0)]
    public void Begins_so_many(string because, int left, int underWay, int minutesSince, int most, int starts) =>
        Assert.Equal((because, starts), (because, ReissuePace.Decide(left, underWay, TimeSpan.FromMinutes(minutesSince), TimeSpan.FromHours(1), most).Starts));

    [Theory]
    [InlineData(1, 20)]
    [InlineData(37, 5)]
    [InlineData(200, 20)]
    [InlineData(1000, 100)]
    public void All_have_begun_when_the_spread_is_over_and_a_round_more(int leaves, int most)
    {
        var spread = TimeSpan.FromHours(1);
        var (left, since) = (leaves, TimeSpan.Zero);
        while (left > 0)
        {
            var step = ReissuePace.Decide(left, underWay: 0, since, spread, most);   // each has ended by the next look
            Assert.InRange(step.Starts, 0, most);
            Assert.True(step.LookAgain > TimeSpan.Zero);
            (left, since) = (left - step.Starts, since + step.LookAgain);
        }

        Assert.True(since <= spread + TimeSpan.FromMinutes(10), $"{leaves} leaves took {since}");
    }
}
