using System.Text.Json.Nodes;

namespace CertFunctions.App.Tests.Infra;

/// <summary>What must hold of the compiled template, whatever is changed in the Bicep.</summary>
public sealed class TemplateTests
{
    private static readonly string[] Credentials = ["listKeys", "listSecrets", "listAccountSas", "listServiceSas", "AccountKey=", "SharedAccessKey", "InstrumentationKey="];
    private static readonly string[] SecretWords = ["key", "secret", "password", "token", "connectionstring", "sas"];

    private const string Modern = "^(TLS)?1[._][23]$";

    private static readonly string[] Declarations = ["parameters", "outputs"];

    [Fact]
    public void No_parameter_or_output_is_or_holds_a_secret()
    {
        var text = Repository.Read("infra/azuredeploy.json");
        Assert.All(Credentials, word => Assert.DoesNotContain(word, text, StringComparison.OrdinalIgnoreCase));

        foreach (var (kind, name, type) in Templates(JsonNode.Parse(text)!.AsObject()).SelectMany(Declared))
        {
            Assert.False(type.StartsWith("secure", StringComparison.OrdinalIgnoreCase), $"The {kind} {name} is a {type}.");
            Assert.False(SecretWords.Any(word => name.EndsWith(word, StringComparison.OrdinalIgnoreCase)), $"The {kind} {name} is called like a secret.");
        }
    }

    [Fact]
    public void No_setting_holds_a_secret() => Assert.All(Deployment.All, deployment => Assert.All(deployment.Settings, setting =>
    {
        if (setting.Key == "Api__Key") { Assert.StartsWith("[format('@Microsoft.KeyVault(SecretUri=", setting.Value, StringComparison.Ordinal); }
        else if (setting.Key == "DURABLE_TASK_SCHEDULER_CONNECTION_STRING") { Assert.Contains("Authentication=ManagedIdentity", setting.Value, StringComparison.Ordinal); }
        else if (setting.Key == "APPLICATIONINSIGHTS_CONNECTION_STRING") { Assert.All(deployment.OfType("Microsoft.Insights/components"), each => Assert.True((bool)each["properties"]!["DisableLocalAuth"]!)); }
        else { Assert.DoesNotMatch("(?i)(key|secret|password|connection_?string)$", setting.Key); }
    }));

    [Fact]
    public void Everything_is_reached_by_https_and_TLS_1_2_alone() => Assert.All(Deployment.All, deployment =>
    {
        var app = deployment.OfType("Microsoft.Web/sites").Single()["properties"]!;
        Assert.True((bool)app["httpsOnly"]!);
        Assert.Matches(Modern, (string?)app["siteConfig"]!["minTlsVersion"]);
        Assert.Matches(Modern, (string?)app["siteConfig"]!["scmMinTlsVersion"]);
        Assert.Equal("Disabled", (string?)app["siteConfig"]!["ftpsState"]);
        Assert.All(deployment.OfType("Microsoft.Web/sites/basicPublishingCredentialsPolicies"), each => Assert.False((bool)each["properties"]!["allow"]!));
        Assert.All(Accounts(deployment), account =>
        {
            Assert.True((bool)account["supportsHttpsTrafficOnly"]!);
            Assert.Matches(Modern, (string?)account["minimumTlsVersion"]);
            Assert.False((bool)account["allowSharedKeyAccess"]!);
        });
    });

    [Fact]
    public void Only_bundles_may_be_read_by_anybody()
    {
        Assert.Equal(["ca-bundles"], Public(Deployment.WithScheduler));
        Assert.Empty(Public(Deployment.WithStorage));   // its anonymousBundles is false

        foreach (var deployment in Deployment.All)
        {
            var open = deployment.OfType("Microsoft.Storage/storageAccounts").Where(each => (bool)each["properties"]!["allowBlobPublicAccess"]!).Select(each => (string)each["name"]!);
            Assert.Equal(Public(deployment).Count == 0 ? [] : [deployment.Settings["CaBundles__accountName"]], open);
        }

        static List<string> Public(Deployment deployment) =>
            [.. deployment.OfType("Microsoft.Storage/storageAccounts/blobServices/containers").Where(each => (string?)each["properties"]!["publicAccess"] is not "None")
                .Select(each => $"{each["properties"]!["publicAccess"]}" == "Blob" ? Deployment.IdOf(each).Split('/')[^1] : "lists, too")];
    }

    [Fact]
    public void Every_vault_is_protected_from_purging_and_opened_by_roles_alone() => Assert.All(Deployment.All, deployment =>
    {
        var vaults = deployment.OfType("Microsoft.KeyVault/vaults").ToList();
        Assert.All(vaults, vault =>
        {
            Assert.True((bool)vault["properties"]!["enablePurgeProtection"]!);
            Assert.True((bool)vault["properties"]!["enableSoftDelete"]!);
            Assert.True((bool)vault["properties"]!["enableRbacAuthorization"]!);
            Assert.Null(vault["properties"]!["accessPolicies"]);
        });

        var names = vaults.Select(each => (string)each["name"]!).ToList();
        var settings = deployment.Settings.Keys.Where(name => name is "Vaults__Default" or "Vaults__System" || name.EndsWith("__Uri", StringComparison.Ordinal));
        Assert.Equal(names.Order(StringComparer.Ordinal), settings.Select(deployment.VaultOf).Order(StringComparer.Ordinal));
    });

    [Fact]
    public void Each_backend_brings_what_it_needs_and_not_the_other()
    {
        Assert.Single(Deployment.WithScheduler.OfType("Microsoft.DurableTask/schedulers/taskHubs"), hub => Deployment.IdOf(hub).EndsWith("/" + Deployment.WithScheduler.Settings["TASKHUB_NAME"], StringComparison.Ordinal));
        Assert.Contains("DURABLE_TASK_SCHEDULER_CONNECTION_STRING", Deployment.WithScheduler.Settings.Keys);

        Assert.DoesNotContain(Deployment.WithStorage.Resources, each => ((string)each["type"]!).StartsWith("Microsoft.DurableTask/", StringComparison.Ordinal));
        Assert.DoesNotContain("DURABLE_TASK_SCHEDULER_CONNECTION_STRING", Deployment.WithStorage.Settings.Keys);
    }

    [Fact]
    public void The_absence_of_a_heartbeat_is_noticed_outside_the_app() => Assert.All(Deployment.All, deployment =>
    {
        var rule = deployment.OfType("Microsoft.Insights/scheduledQueryRules").Single(each => (string?)each["name"] == "timer-dead")["properties"]!;
        var criterion = rule["criteria"]!["allOf"]![0]!;
        Assert.Contains("name == \"StartDue\"", (string)criterion["query"]!, StringComparison.Ordinal);
        Assert.DoesNotContain(" by ", (string)criterion["query"]!, StringComparison.Ordinal);   // no row would be silence
        Assert.Equal(("LessThan", 1), ((string?)criterion["operator"], (int)criterion["threshold"]!));

        var probe = deployment.OfType("Microsoft.Insights/webtests").Single()["properties"]!;
        Assert.Contains("/healthz/ready", (string)probe["Request"]!["RequestUrl"]!, StringComparison.Ordinal);
    });

    private static IEnumerable<JsonNode> Accounts(Deployment deployment) => deployment.OfType("Microsoft.Storage/storageAccounts").Select(each => each["properties"]!);

    /// <summary>The template, and those nested in it.</summary>
    private static IEnumerable<JsonObject> Templates(JsonObject template)
    {
        yield return template;
        var resources = template["resources"] is JsonObject named ? named.Select(each => each.Value) : template["resources"]!.AsArray();
        foreach (var resource in resources)
        {
            if ((resource!["properties"] as JsonObject)?["template"] is not JsonObject nested) { continue; }
            foreach (var each in Templates(nested)) { yield return each; }
        }
    }

    private static IEnumerable<(string Kind, string Name, string Type)> Declared(JsonObject template) => Declarations
        .SelectMany(kind => (template[kind] as JsonObject ?? []).Select(each => (kind.TrimEnd('s'), each.Key, (string?)each.Value!["type"] ?? "")));
}
