using CertFunctions.Core.Policy;

namespace CertFunctions.Core.Tests.Policy;

public sealed class RequestHistoryPolicyTests
{
    public static TheoryData<string, int[], int?, int?, string> Histories => new()
    {
        // because                                                  revisions        current  limit  deleted
        { "one is kept unless told otherwise",                      [1, 2, 3],       3,       null,  "1 2" },
        { "the limit keeps more",                                   [3, 1, 2],       3,       2,     "1" },
        { "there are no more than kept",                            [2, 3],          3,       2,     "" },
        { "an attempt under way neither goes nor counts",           [2, 3, 4],       3,       null,  "2" },
        { "the current one is gone: the newest before it is kept",  [1, 2],          3,       null,  "1" },
        { "nothing was issued yet",                                 [1],             null,    null,  "" },
        { "there are none",                                         [],              3,       null,  "" },
        { "by number, not by name",                                 [9, 10, 11],     11,      1,     "9 10" },
    };

    [Theory, MemberData(nameof(Histories))]
    public void Deletes(string because, int[] revisions, int? current, int? limit, string deleted)
    {
        var spec = Some.Certificate.Spec with { RevisionHistoryLimit = limit };

        var surplus = RequestHistoryPolicy.Surplus(revisions.Select(revision => new RequestRevision($"{revision}", revision)), current, spec);

        Assert.True(deleted == string.Join(' ', surplus), because);
    }

    [Theory]
    [InlineData("web", "web-")]
    [InlineData("web-1", "web-1-")]
    public void Request_names_share_a_prefix(string name, string prefix)
    {
        Assert.Equal(prefix, RequestNames.Prefix(name));
        Assert.Equal(prefix + "12", RequestNames.For(name, 12));
    }

    [Fact]
    public void The_prefix_of_a_long_name_is_cut_too()
    {
        var name = new string('a', 240);

        Assert.StartsWith(RequestNames.Prefix(name), RequestNames.For(name, 3), StringComparison.Ordinal);
        Assert.Equal(168 + 1 + 64 + 1, RequestNames.Prefix(name).Length);
    }
}
