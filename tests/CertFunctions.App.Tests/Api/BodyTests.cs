using System.Text;
using CertFunctions.App.Api;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Tests.Api;

public sealed class BodyTests
{
    [Fact]
    public void Names_every_member_at_fault_at_once()
    {
        var body = BodyReader.Parse(Encoding.UTF8.GetBytes("""
            {"metadata":{"name":"web"},"spec":{"dnsNames":["a.example",7],"isCA":"yes","duration":"90d","nonsense":1}}
            """), isYaml: false, out _)!;

        var fields = new BodyWalker("Certificate", ResourceJson.Default.Options).Walk(body, ResourceJson.Default.Certificate).Select(each => each.Field);

        Assert.Equal(
            ["spec.dnsNames[1]", "spec.duration", "spec.isCA", "spec.issuerRef", "spec.nonsense", "spec.secretName"],
            fields.Order(StringComparer.Ordinal));
    }

    /// <summary>Half a character parses as JSON, and fails only when it is read as text.</summary>
    [Theory]
    [InlineData("a value", """{"metadata":{"name":"web"},"spec":{"secretName":"s","issuerRef":{"name":"ca"},"commonName":"\ud800"}}""", "spec.commonName")]
    [InlineData("in a list", """{"metadata":{"name":"web"},"spec":{"secretName":"s","issuerRef":{"name":"ca"},"dnsNames":["\udc00"]}}""", "spec.dnsNames[0]")]
    [InlineData("in a map", """{"metadata":{"name":"web","labels":{"a":"\ud800"}},"spec":{"secretName":"s","issuerRef":{"name":"ca"}}}""", "metadata.labels.a")]
    public void Refuses_half_a_character(string because, string json, string field)
    {
        Assert.Null(BodyReader.Parse(Encoding.UTF8.GetBytes(json), isYaml: false, out var problem));

        Assert.Equal((because, field), (because, problem!.Field));
    }

    [Fact]
    public void Drops_what_callers_do_not_own()
    {
        var body = BodyReader.Parse(Encoding.UTF8.GetBytes("""
            {"metadata":{"name":"web","uid":"u","generation":9,"managedFields":[]},"spec":{"secretName":"s","issuerRef":{"name":"ca"}},"status":{"revision":5}}
            """), isYaml: false, out _)!;

        Assert.Empty(new BodyWalker("Certificate", ResourceJson.Default.Options).Walk(body, ResourceJson.Default.Certificate));
        Assert.Equal("""{"metadata":{"name":"web"},"spec":{"secretName":"s","issuerRef":{"name":"ca"}}}""", body.ToJsonString());
    }

    [Fact]
    public void Reads_yaml_scalars_by_the_core_schema()
    {
        var body = BodyReader.Parse("a: 1\nb: '1'\nc: true\nd: yes\ne: ~\nf: [x, \"true\"]"u8.ToArray(), isYaml: true, out var problem);

        Assert.Null(problem);
        Assert.Equal("""{"a":1,"b":"1","c":true,"d":"yes","e":null,"f":["x","true"]}""", body!.ToJsonString());
    }

    public static TheoryData<string, bool, string> Refused => new()
    {
        // because                     yaml   body
        { "duplicate key, JSON",       false, """{"a":1,"a":2}""" },
        { "duplicate key, YAML",       true,  "a: 1\na: 2" },
        { "an alias",                  true,  "a: &x [1]\nb: *x" },
        { "two documents",             true,  "a: 1\n---\nb: 2" },
        { "a key that is not text",    true,  "? [a]\n: b" },
        { "nesting that overflows",    true,  new string('[', 200_000) },
        { "nesting, JSON",             false, new string('[', 200_000) },
        { "a list at the root",        false, "[]" },
        { "nothing",                   true,  "" },
    };

    [Theory, MemberData(nameof(Refused))]
    public void Refuses(string because, bool isYaml, string body)
    {
        var parsed = BodyReader.Parse(Encoding.UTF8.GetBytes(body), isYaml, out var problem);

        Assert.True(parsed is null && problem is not null, because);
    }
}
