using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CertFunctions.App.Tests.Infra;

/// <summary>What Azure would get: main.bicep compiled and evaluated for one set of parameters (tests/infra.sh keeps the files in step).</summary>
internal sealed partial class Deployment
{
    private Deployment(string backend, JsonObject snapshot) => (Backend, Snapshot) = (backend, snapshot);

    public static Deployment WithScheduler => Load("DurableTaskScheduler", "scheduler");

    public static Deployment WithStorage => Load("AzureStorage", "storage");

    public static IReadOnlyList<Deployment> All => [WithScheduler, WithStorage];

    public string Backend { get; }

    public JsonObject Snapshot { get; }

    public IEnumerable<JsonObject> Resources => Snapshot["predictedResources"]!.AsArray().Select(each => each!.AsObject());

    public IEnumerable<JsonObject> OfType(string type) => Resources.Where(each => (string?)each["type"] == type);

    /// <summary>The app settings, by name as the environment spells it.</summary>
    public IReadOnlyDictionary<string, string> Settings => Resources.Single(each => IdOf(each).EndsWith("/config/appsettings", StringComparison.Ordinal))["properties"]!.AsObject()
        .ToDictionary(each => each.Key, each => (string)each.Value!, StringComparer.Ordinal);

    public IEnumerable<RoleAssignment> RoleAssignments => OfType("Microsoft.Authorization/roleAssignments").Select(Read);

    public static string IdOf(JsonObject resource) => (string)resource["id"]!;

    private static Deployment Load(string backend, string name) => new(backend, JsonNode.Parse(Repository.Read($"infra/snapshots/{name}.snapshot.json"))!.AsObject());

    private RoleAssignment Read(JsonObject resource)
    {
        var id = IdOf(resource);
        var scope = ExtensionScope.Match(id) is { Success: true } extension ? extension.Groups["scope"].Value : id;
        var properties = resource["properties"]!;
        return new(
            Principal: ((string)properties["principalId"]!).Contains("format('identity-{0}'", StringComparison.Ordinal) ? "the app's identity" : (string)properties["principalId"]!,
            Role: ((string)properties["roleDefinitionId"]!).Split('/')[^1],
            Scope: NameOf(scope));
    }

    /// <summary>What docs/security.md calls it; anything else, a whole group say, by its id.</summary>
    private string NameOf(string scope)
    {
        var name = scope.Split('/')[^1];
        var vaults = OfType("Microsoft.KeyVault/vaults").Select(IdOf);
        if (vaults.Contains(scope))
        {
            return name == VaultOf("Vaults__Default") ? "default vault" : name == VaultOf("Vaults__System") ? "system vault" : "each namespace's vault";
        }

        return scope switch
        {
            _ when scope.EndsWith("/storageAccounts/" + Settings["AzureWebJobsStorage__accountName"], StringComparison.Ordinal) => "host storage account",
            _ when scope.EndsWith($"/storageAccounts/{Settings["CaBundles__accountName"]}/blobServices/default/containers/ca-bundles", StringComparison.Ordinal) => "container `ca-bundles`",
            _ when scope.EndsWith("/taskHubs/" + Settings["TASKHUB_NAME"], StringComparison.Ordinal) => "task hub",
            _ when scope.Contains("/Microsoft.Insights/components/", StringComparison.Ordinal) => "Application Insights",
            _ => scope,
        };
    }

    /// <summary>The vault's name within an address that is still an expression: its suffix differs by cloud.</summary>
    public string VaultOf(string setting) => VaultName.Match(Settings[setting]).Groups["name"].Value;

    [GeneratedRegex(@"^\[extensionResourceId\('(?<scope>[^']+)', 'Microsoft\.Authorization/roleAssignments'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ExtensionScope { get; }

    [GeneratedRegex(@"^\[format\('https://\{0\}\{1\}/', '(?<name>[a-z0-9-]+)', environment\(\)\.suffixes\.keyvaultDns\)\]$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VaultName { get; }
}

/// <param name="Role">The role's id.</param>
/// <param name="Scope">In the words of docs/security.md.</param>
internal sealed record RoleAssignment(string Principal, string Role, string Scope);
