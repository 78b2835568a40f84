using System.Text.Json.Serialization.Metadata;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.Core.Tests.Validation;

public sealed class FieldSupportTests
{
    public static TheoryData<string> Kinds => ["Certificate", "Issuer", "ClusterIssuer", "CertificateRequest", "Bundle"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_member_of_the_records_is_in_the_table_and_the_other_way_round(string kind)
    {
        var inRecords = Members("", TypeOf(kind))
            .Where(path => path.StartsWith("spec", StringComparison.Ordinal) || path.StartsWith("status", StringComparison.Ordinal))
            .Where(path => FieldSupport.NotYet(kind, path) is null);
        var inTable = FieldSupport.All
            .Where(entry => entry.Kind == kind && entry.Treatment is FieldTreatment.ActedOn or FieldTreatment.Written && entry.Kind == kind)
            .Select(entry => entry.Path);

        Assert.Equal(inRecords.Order(StringComparer.Ordinal), inTable.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_documentation_holds_the_same_table()
    {
        var expected = FieldSupport.All.Select(entry => (entry.Kind, $"| `{entry.Path}` | {Word(entry.Treatment)} | {entry.Note} |"));
        var kind = "";
        var documented = new List<(string, string)>();
        foreach (var line in File.ReadLines(Path.Combine(Repository(), "docs", "compatibility.md")))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal)) { kind = line[3..]; }
            if (line.StartsWith("| `", StringComparison.Ordinal)) { documented.Add((kind, line)); }
        }

        Assert.Equal(expected, documented);
    }

    [Theory]
    [InlineData("Issuer", "spec.vault", "spec.vault is a field")]
    [InlineData("ClusterIssuer", "spec.vault.auth.appRole", "spec.vault is a field")]
    public void Names_the_field_that_is_not_acted_on(string kind, string path, string start) =>
        Assert.StartsWith(start, FieldSupport.NotYet(kind, path), StringComparison.Ordinal);

    [Theory]
    [InlineData("Certificate", "spec.dnsNames[0]")]
    [InlineData("Certificate", "spec.dnsName")]
    [InlineData("Issuer", "spec.selfSigned")]
    [InlineData("Nothing", "spec.acme")]
    public void Has_no_sentence_for_other_paths(string kind, string path) => Assert.Null(FieldSupport.NotYet(kind, path));

    [Theory]
    [InlineData('.')]
    [InlineData('[')]
    [InlineData(']')]
    public void A_hostile_name_is_looked_up_at_once(char letter) => Assert.Null(FieldSupport.NotYet("Certificate", "spec." + new string(letter, 250_000)));

    [Fact]
    public void Requester_fields_are_ignored() => Assert.Equal(FieldTreatment.Ignored, FieldSupport.TreatmentOf("CertificateRequest", "spec.groups[0]"));

    private static JsonTypeInfo TypeOf(string kind) => kind switch
    {
        "Certificate" => ResourceJson.Default.Certificate,
        "Issuer" => ResourceJson.Default.Issuer,
        "ClusterIssuer" => ResourceJson.Default.ClusterIssuer,
        "Bundle" => ResourceJson.Default.Bundle,
        _ => ResourceJson.Default.CertificateRequest,
    };

    private static IEnumerable<string> Members(string prefix, JsonTypeInfo type) => type.Properties.SelectMany(property =>
    {
        var below = ResourceJson.Default.GetTypeInfo(property.PropertyType);
        var path = prefix + property.Name;
        return below is { Kind: JsonTypeInfoKind.Object, Properties.Count: > 0 } ? Members(path + ".", below) : [path];
    });

    private static string Word(FieldTreatment treatment) => treatment switch
    {
        FieldTreatment.ActedOn => "acted on",
        FieldTreatment.Written => "written by the system",
        FieldTreatment.Ignored => "ignored",
        _ => "**refused for now**",
    };

    private static string Repository()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "CertFunctions.sln"))) { directory = directory.Parent!; }
        return directory.FullName;
    }
}
