using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace CertFunctions.App.Tests.Infra;

/// <summary>docs/deploy.md, the workflow and azure.yaml use the names that the Bicep and the repository have.</summary>
public sealed partial class DeployPageTests
{
    private static readonly JsonObject Template = JsonNode.Parse(Repository.Read("infra/azuredeploy.json"))!.AsObject();
    private static readonly string Page = Repository.Read("docs/deploy.md");

    [Fact]
    public void Its_table_names_the_parameters_of_the_template()
    {
        var rows = Page.Split('\n').SkipWhile(line => !line.StartsWith("| parameter |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'));

        Assert.Equal(Names(Template["parameters"]!), rows.Select(row => row.Split('`')[1]).Order(StringComparer.Ordinal));
        Assert.Superset(new SortedSet<string>(JsonNode.Parse(Repository.Read("infra/main.parameters.json"))!["parameters"]!.AsObject().Select(each => each.Key)), new SortedSet<string>(Names(Template["parameters"]!)));
    }

    [Theory]
    [InlineData("docs/deploy.md")]
    [InlineData(".github/workflows/deploy.yml")]
    [InlineData("infra/README.md")]
    public void Files_that_it_names_are_there(string page) =>
        Assert.All(Files.Matches(Repository.Read(page)).Select(match => match.Value.TrimEnd('.', '/')), file => Assert.True(Path.Exists(Repository.PathOf(file)), $"{page}: {file}"));

    [Fact]
    public void Outputs_that_it_takes_are_outputs()
    {
        var outputs = Names(Template["outputs"]!);
        var taken = Variables.Matches(Page).Select(match => match.Groups["name"].Value).Except(["KEY", "VAULT_ID"])
            .Concat(Regex.Match(Page, @"\^\((?<all>[A-Z_|]+)\)=", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["all"].Value.Split('|'))
            .Concat(WorkflowOutputs.Matches(Repository.Read(".github/workflows/deploy.yml")).Select(match => match.Groups["name"].Value));

        Assert.All(taken, name => Assert.Contains(name, outputs));
        Assert.Contains("SYSTEM_VAULT", outputs);   // infra/api-key.sh reads it from azd
    }

    [Fact]
    public void Settings_and_alerts_that_it_names_exist()
    {
        Assert.All(Settings.Matches(Page).Select(match => match.Value), name => Assert.NotNull(SettingCatalog.Find(name)));

        var alerts = Deployment.WithScheduler.Resources.Where(each => (string?)each["type"] is "Microsoft.Insights/scheduledQueryRules" or "Microsoft.Insights/metricAlerts").Select(each => (string)each["name"]!).ToList();
        Assert.All(["timer-dead", "not-ready"], name => { Assert.Contains(name, Page, StringComparison.Ordinal); Assert.Contains(name, alerts); });
    }

    [Fact]
    public void The_workflow_builds_what_ships_and_logs_in_without_a_secret()
    {
        var text = Repository.Read(".github/workflows/deploy.yml");
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        var deploy = yaml.Documents[0].RootNode["jobs"]["deploy"];

        Assert.Contains("-p:FunctionsRuntime=Azure", text, StringComparison.Ordinal);
        Assert.Equal("write", deploy["permissions"]["id-token"].ToString());
        Assert.DoesNotContain("secrets.", text, StringComparison.Ordinal);
    }

    private static List<string> Names(JsonNode declared) => [.. declared.AsObject().Select(each => each.Key).Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"(?<![\w/.-])(infra|docs|samples|src|tests|\.github)/[\w./-]+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Files { get; }

    [GeneratedRegex(@"\$(?<name>[A-Z][A-Z_]+)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Variables { get; }

    [GeneratedRegex(@"\(\.(?<name>[A-Z_]+)\.value\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WorkflowOutputs { get; }

    [GeneratedRegex(@"\b[A-Z]\w*__\w+\b", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Settings { get; }
}
