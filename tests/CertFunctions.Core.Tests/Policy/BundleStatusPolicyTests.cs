using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

/// <summary>What a Bundle says of itself, and when it is looked at again.</summary>
public sealed class BundleStatusPolicyTests
{
    private static readonly DateTimeOffset Now = new(2030, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan First = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Most = TimeSpan.FromHours(1);

    private static readonly BundleFacts Facts = new(
        "1", 3, Status: null, [new("ca-bundle.pem", null)], Hash: "abc", Certificates: 2, EarliestExpiry: Now.AddYears(1), DefaultCAVersion: null,
        new BundleContent(["a", "b"], [], [], []), Problems: [], LeftOut: [], Nothing: null, "/ca-bundles/internal/ca-bundle.pem", []);

    private static readonly PublishOutcome Published = new(IsOvertaken: false, []);

    [Fact]
    public void Says_what_is_published_and_looks_again_within_the_hour()
    {
        var (status, next) = After(Facts, Published);

        Assert.Equal(("abc", 2, Facts.EarliestExpiry, Facts.Location), (status.Hash, status.Certificates, status.EarliestExpiry, status.Location));
        Assert.Equal(("True", "Synced", 3), Said(status));
        Assert.Equal(Now + Most, next);
    }

    public static TheoryData<string, BundleFacts, PublishOutcome?, string, string> Failures => new()
    {
        { "a source stands in by its last good content", Facts with { Problems = ["sources[1] configMap a: gone"] }, Published, BundleConditions.SourceNotFound, "sources[1] configMap a: gone" },
        { "the storage refuses", Facts, new PublishOutcome(false, ["internal/ca-bundle.jks: 403"]), BundleConditions.PublishFailed, "ca-bundle.jks: 403" },
        { "there is nothing to publish", Facts with { Hash = null, Nothing = new("SourceBuildError", "no CA") }, null, BundleConditions.SourceBuildError, "no CA" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Says_why_it_is_not_in_step_and_looks_again_soon(string because, BundleFacts facts, PublishOutcome? published, string reason, string says)
    {
        var (status, next) = After(facts, published);

        Assert.Equal((because, "False", reason), (because, Said(status).Status, Said(status).Reason));
        Assert.Contains(says, status.Conditions.Find(BundleConditions.Synced)!.Message, StringComparison.Ordinal);
        Assert.Equal(Now + First, next);
    }

    [Fact]
    public void What_was_published_stays_in_the_status_when_nothing_was()
    {
        var old = new BundleStatus { Hash = "old", Certificates = 1, Added = ["r"] };

        var (status, _) = After(Facts with { Status = old }, new PublishOutcome(false, ["internal/ca-bundle.pem: 403"]));

        Assert.Equal(("old", 1), (status.Hash, status.Certificates));
        Assert.Equal(["r"], status.Added!);
    }

    [Theory]
    [InlineData(BundleConditions.LeftOut)]
    [InlineData(BundleConditions.RootUnknown)]
    [InlineData(BundleConditions.SourcesIncomplete)]
    public void A_remark_names_what_it_is_about_and_goes_with_its_cause(string type)
    {
        var facts = Facts with { LeftOut = ["\"leaf\" is not a CA certificate."], Content = Facts.Content with { Unnamed = ["\"leaf\""], WithoutRoot = ["Issuer \"leaf\""] } };

        var (status, _) = After(facts, Published);
        Assert.Contains("leaf", status.Conditions.Find(type)!.Message, StringComparison.Ordinal);

        var (later, _) = After(Facts with { Status = status }, Published);
        Assert.Null(later.Conditions.Find(type));
    }

    [Fact]
    public void A_long_list_is_cut()
    {
        var (status, _) = After(Facts with { LeftOut = [.. Enumerable.Range(1, 150).Select(each => $"certificate {each}")] }, Published);

        Assert.EndsWith("and 140 more", status.Conditions.Find(BundleConditions.LeftOut)!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Looks_again_when_a_member_ends_and_not_for_one_that_has()
    {
        Assert.Equal(Now.AddMinutes(10).AddSeconds(1), After(Facts with { EarliestExpiry = Now.AddMinutes(10) }, Published).Next);
        Assert.Equal(Now + Most, After(Facts with { EarliestExpiry = Now.AddDays(-1) }, Published).Next);
    }

    private static (BundleStatus Status, DateTimeOffset Next) After(BundleFacts facts, PublishOutcome? published) => BundleStatusPolicy.After(facts, published, Now, First, Most);

    private static (string? Status, string? Reason, long? Generation) Said(BundleStatus status) =>
        status.Conditions.Find(BundleConditions.Synced) is var synced ? (synced!.Status, synced.Reason, synced.ObservedGeneration) : default;
}
