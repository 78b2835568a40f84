using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

public sealed class VaultTagPolicyTests
{
    private static readonly CertificateFacts Good = Some.Facts;
    private static readonly SecretTemplate Template = new() { Labels = Map("team", "b"), Annotations = Map("note", "hello") };

    public static TheoryData<string, CertificateFacts, string?, string> Repairs => new()
    {
        { "the tags are as wanted",                     Good, null, "" },
        { "others put something there",                 Good.WithTag("cost", "42"), null, "" },
        { "nothing is stored",                          Good with { Stored = null }, null, "" },
        { "what is stored is a stand-in",               Good.WithTag(Annotations.Temporary, "r").WithTag(Annotations.SecretName, "x"), null, "" },
        { "what is stored is another Certificate's",    Good.WithTag(Annotations.CertificateName, "mail"), null, "" },
        { "a template is set",                          Good.With(s => s with { SecretTemplate = Template }), "SecretTemplateMismatch", "[note, team]" },
        { "a value was changed by hand",                Good.With(s => s with { SecretTemplate = Template }).WithTag("team", "x").WithTag("note", "hello"), "SecretTemplateMismatch", "[team]" },
        { "a template that is there already",           Good.With(s => s with { SecretTemplate = Template }).WithTag("team", "b").WithTag("note", "hello"), null, "" },
        { "an earlier template left something",         Written(Good, "team").WithTag("team", "b"), "SecretTemplateMismatch", "[team]" },
        { "what it left is gone already",               Written(Good, "team"), null, "" },
        { "one of ours was taken away",                 Good.WithTag(Annotations.SecretName, null), "SecretManagedMetadataMismatch", "[certfunctions.dev/secret-name]" },
        { "one of ours was changed",                    Good.WithTag(Annotations.CertificateRevision, "2"), "SecretManagedMetadataMismatch", "[cert-manager.io/certificate-revision]" },
        { "the Certificate was made anew",              Good.WithTag(Annotations.CertificateUid, "uid-old"), "SecretManagedMetadataMismatch", "[certfunctions.dev/certificate-uid]" },
        { "all were taken away",                        Good.WithStored(s => s with { Tags = ValueMap.Empty }), "SecretManagedMetadataMismatch", "cert-manager.io/certificate-name" },
    };

    [Theory, MemberData(nameof(Repairs))]
    public void Repairs_when(string because, CertificateFacts facts, string? code, string names)
    {
        var repair = VaultTagPolicy.Evaluate(facts);

        Assert.True(code == repair?.Reason.Code, $"{because}: {repair}");
        if (repair is null) { return; }

        Assert.Contains(names, repair.Reason.Message, StringComparison.Ordinal);
        Assert.Equal("v3", repair.Version);
        Assert.Null(VaultTagPolicy.Evaluate(facts.WithStored(stored => stored with { Tags = repair.Tags })));
    }

    [Fact]
    public void Leaves_what_others_put_there_as_far_as_there_is_room()
    {
        var crowded = Enumerable.Range(0, 6).Aggregate(Good, (facts, i) => facts.WithTag($"cost-{i}", "x"));

        var tags = VaultTagPolicy.Evaluate(crowded.With(s => s with { SecretTemplate = Template }))!.Tags;

        Assert.Equal(VaultTagPolicy.Most, tags.Count);
        Assert.Equal(("b", "hello", "x", null), (tags.Find("team"), tags.Find("note"), tags.Find("cost-3"), tags.Find("cost-4")));
    }

    [Fact]
    public void A_template_never_overrides_the_systems_own()
    {
        var cheating = Good.Certificate with { Spec = Good.Certificate.Spec with { SecretTemplate = new SecretTemplate { Labels = Map(Annotations.CertificateUid, "mine") } } };

        Assert.Equal(Some.Uid, VaultTagPolicy.All(cheating, VaultTagPolicy.Issued(cheating, 3, "r"), present: null).Find(Annotations.CertificateUid));
    }

    [Fact]
    public void Our_own_tags_leave_five()
    {
        Assert.Equal(5, VaultTagPolicy.LeftForTemplate);
        Assert.Equal(9, Some.Tags.Count);   // and the origin of an ACME certificate
        Assert.True(VaultTagPolicy.Temporary(Some.Certificate, "r").Count <= 9);
    }

    [Fact]
    public void A_stand_in_has_neither_revision_nor_request()
    {
        var tags = VaultTagPolicy.Temporary(Some.Certificate, "request-4");

        Assert.Equal(("request-4", null, null), (tags.Find(Annotations.Temporary), tags.Find(Annotations.CertificateRevision), tags.Find(Annotations.RequestUid)));
    }

    [Fact]
    public void Remembers_what_a_template_wrote_until_it_is_gone()
    {
        var now = Good.With(s => s with { SecretTemplate = Template }).WithTag("team", "b").WithTag("note", "hello");
        var later = Written(Good, "note", "team").WithTag("team", "b");

        Assert.Equal(["note", "team"], VaultTagPolicy.Written(now)!);
        Assert.Equal(["team"], VaultTagPolicy.Written(later)!);
        Assert.Null(VaultTagPolicy.Written(Good));
    }

    private static CertificateFacts Written(CertificateFacts facts, params string[] names) =>
        facts.WithStatus(status => status with { Vault = status.Vault! with { Tags = [.. names] } });

    private static ValueMap Map(string key, string value) => ValueMap.Empty.With(key, value);
}
