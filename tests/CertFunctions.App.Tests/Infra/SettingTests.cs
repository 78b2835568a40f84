using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CertFunctions.App.Adapters;
using CertFunctions.Core.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Infra;

/// <summary>Settings: each documented once, each with its default in the sample, and the template's exactly what the app takes.</summary>
public sealed partial class SettingTests
{
    private static readonly string[] SetByTheLocalHost = ["Api:LongestWatch"];

    [Fact]
    public void Docs_settings_is_what_the_options_classes_say()
    {
        var written = Written();
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") { File.WriteAllText(Repository.PathOf("docs/settings.md"), written); }

        Assert.Equal(Repository.Read("docs/settings.md"), written);
    }

    [Fact]
    public void Every_setting_has_a_meaning_and_one_place()
    {
        Assert.All(SettingCatalog.All, setting => Assert.NotEqual("", setting.Meaning));
        Assert.Equal(SettingCatalog.All.Count(), SettingCatalog.All.Select(each => each.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void The_sample_holds_every_setting_that_has_a_default()
    {
        var sample = JsonNode.Parse(Repository.Read("local.settings.sample.json"))!["Values"]!.AsObject().ToDictionary(each => each.Key, each => (string)each.Value!);

        var expected = SettingCatalog.All.Where(each => each is { Default: not null, IsForTests: false } && !SetByTheLocalHost.Contains(each.Name)).ToDictionary(each => each.Name, each => each.Default!);
        expected[StoreOptions.Storage] = "";   // the place where a laptop names Azurite
        Assert.Equal(expected.OrderBy(each => each.Key, StringComparer.Ordinal), sample.OrderBy(each => each.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void What_the_code_reads_by_name_is_known()
    {
        var names = Directory.GetFiles(Repository.PathOf("src/CertFunctions.App"), "*.cs", SearchOption.AllDirectories).Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => ReadByName.Matches(File.ReadAllText(file))).Select(match => match.Groups["name"].Value).ToList();

        Assert.Contains("Api:Key", names);
        Assert.All(names, name => Assert.NotNull(SettingCatalog.Find(name)));
    }

    [Fact]
    public void The_template_sets_nothing_that_the_app_does_not_know() => Assert.All(Deployment.All, deployment =>
        Assert.All(deployment.Settings.Keys, name => Assert.True(SettingCatalog.Find(name) is { IsForTests: false }, name)));

    [Fact]
    public void Linux_can_hold_every_name() => Assert.All(Deployment.All, deployment => Assert.All(deployment.Settings.Keys, name => Assert.Matches("^[A-Za-z][A-Za-z0-9_]*$", name)));

    public static TheoryData<string> Required =>
        [.. SettingCatalog.Schedules.Select(Linux), "Api__Key", "AZURE_CLIENT_ID", "CaBundles__accountName", "Vaults__Default", "Vaults__System", "AzureWebJobsStorage__accountName", "AzureWebJobsStorage__clientId", "AzureWebJobsStorage__credential"];

    [Theory]
    [MemberData(nameof(Required))]
    public void The_template_sets_what_the_app_requires(string name) => Assert.All(Deployment.All, deployment => Assert.Contains(name, deployment.Settings.Keys));

    [Fact]
    public void The_app_starts_on_the_templates_settings() => Assert.All(Deployment.All, deployment => Starting(deployment, without: null));

    [Theory]
    [InlineData("Vaults__Default")]
    [InlineData("Vaults__System")]
    [InlineData("AzureWebJobsStorage__accountName")]
    [InlineData("CaBundles__accountName")]
    public void And_not_without(string name) => Assert.Throws<OptionsValidationException>(() => Starting(Deployment.WithScheduler, without: name));

    [Theory]
    [InlineData("host.json", "azureManaged")]
    [InlineData("host.AzureStorage.json", "AzureStorage")]
    public void Each_host_file_names_only_settings_that_its_deployment_has(string file, string type)
    {
        var deployment = type == "AzureStorage" ? Deployment.WithStorage : Deployment.WithScheduler;
        var durable = JsonNode.Parse(Repository.Read("src/CertFunctions.App/" + file))!["extensions"]!["durableTask"]!;

        Assert.Equal(type, (string?)durable["storageProvider"]!["type"]);
        Assert.Contains(((string)durable["hubName"]!).Trim('%'), deployment.Settings.Keys);
        var connection = (string?)(durable["storageProvider"]!["connectionStringName"] ?? durable["storageProvider"]!["connectionName"]);
        Assert.Contains(deployment.Settings.Keys, name => name == connection || name.StartsWith(connection + "__", StringComparison.Ordinal));
    }

    [Fact]
    public void The_host_files_differ_in_the_backend_alone()
    {
        var (scheduler, storage) = (Host("host.json"), Host("host.AzureStorage.json"));

        Assert.True(JsonNode.DeepEquals(scheduler, storage));

        static JsonNode Host(string file)
        {
            var all = JsonNode.Parse(Repository.Read("src/CertFunctions.App/" + file))!;
            all["extensions"]!["durableTask"]!.AsObject().Remove("storageProvider");
            return all;
        }
    }

    private static void Starting(Deployment deployment, string? without)
    {
        // What only Azure can evaluate stands for itself; addresses become some.
        var settings = deployment.Settings.Where(each => each.Key != without)
            .Select(each => (each.Key.Replace("__", ":", StringComparison.Ordinal), each.Key.StartsWith("Vaults__", StringComparison.Ordinal) && each.Value.StartsWith('[') ? $"https://{deployment.VaultOf(each.Key)}.vault.azure.net/" : each.Value));
        using var provider = AppServices.Alone([.. settings]);
        provider.GetRequiredService<IStartupValidator>().Validate();
    }

    private static string Linux(string name) => name.Replace(":", "__", StringComparison.Ordinal);

    private static string Written()
    {
        var text = new StringBuilder();
        text.Append("""
            # Settings

            Made from the options classes by a test (`UPDATE_GOLDEN=1` rewrites it): change a setting's comment, not this page.

            A `:` in a name is written `__` in the environment and in Azure; Linux takes neither `:` nor `-` there. `:0` is the first of a list. Times are `d.hh:mm:ss`.
            On a laptop `local.settings.json` in the working directory comes first, or else `local.settings.sample.json`; the environment overrides it, the command line (`--Name value`) both.

            """.ReplaceLineEndings("\n"));
        foreach (var group in SettingCatalog.Groups)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {group.Title}\n\n{group.Meaning}\n\n| setting | default | |\n|---|---|---|\n");
            foreach (var setting in group.Settings)
            {
                text.Append(CultureInfo.InvariantCulture, $"| `{setting.Name}` | {(setting.Default is null or "" ? "" : $"`{setting.Default}`")} | {setting.Meaning.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
            }
        }

        return text.ToString();
    }

    [GeneratedRegex("configuration(\\[|\\.GetValue\\()\"(?<name>[A-Za-z0-9_:]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ReadByName { get; }
}
