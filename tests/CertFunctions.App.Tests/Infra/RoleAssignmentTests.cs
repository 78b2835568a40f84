using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CertFunctions.App.Tests.Infra;

/// <summary>The template gives the roles of docs/security.md: no other, and none wider.</summary>
public sealed partial class RoleAssignmentTests
{
    [Fact]
    public void The_template_gives_what_the_table_says() => Assert.All(Deployment.All, deployment => Assert.Equal(Documented(deployment), Given(deployment)));

    public static TheoryData<string, Action<JsonObject>> Widened => new()
    {
        { "a whole group instead of one vault", all => Rescope(all, "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-example") },
        { "the account instead of the container", all => Rescope(all, Id(all, "containers/ca-bundles").Split("/blobServices")[0], within: "containers/ca-bundles") },
        { "Owner instead of what it is", all => Assignments(all)[0]["properties"]!["roleDefinitionId"] = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635" },
        { "somebody else", all => Assignments(all)[0]["properties"]!["principalId"] = "11111111-1111-1111-1111-111111111111" },
        { "one more", all => all["predictedResources"]!.AsArray().Add(Another(all)) },
    };

    [Theory]
    [MemberData(nameof(Widened))]
    public void What_is_not_in_the_table_fails(string because, Action<JsonObject> change)
    {
        var deployment = Deployment.WithScheduler;

        change(deployment.Snapshot);

        Assert.False(Documented(deployment).SequenceEqual(Given(deployment)), because);
    }

    [Fact]
    public void Examples_give_the_roles_that_the_second_table_names()
    {
        var lines = Repository.Read("docs/security.md").Split('\n');
        foreach (var file in Directory.GetFiles(Repository.PathOf("infra/examples"), "*.bicep"))
        {
            var row = Assert.Single(lines, line => line.Contains($"`infra/examples/{Path.GetFileName(file)}`", StringComparison.Ordinal));
            var roles = Guid().Matches(File.ReadAllText(file)).Select(match => match.Value).Distinct();
            Assert.All(roles, role => Assert.Contains(role, row, StringComparison.Ordinal));
        }
    }

    private static List<RoleAssignment> Given(Deployment deployment) => Sorted(deployment.RoleAssignments.Distinct());

    private static List<RoleAssignment> Documented(Deployment deployment) => Sorted(Repository.Read("docs/security.md").Split('\n')
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
        .Where(cells => cells is ["", "the app's identity", _, _, _, var why, ""] && why.Length > 0)
        .Where(cells => cells[4] == "always" || cells[4] == deployment.Backend)
        .Where(cells => cells[3] != "each namespace's vault" || deployment.Settings.ContainsKey("Vaults__0__Uri"))
        .Select(cells => new RoleAssignment(cells[1], Guid().Match(cells[2]).Value, cells[3])));

    private static List<RoleAssignment> Sorted(IEnumerable<RoleAssignment> all) => [.. all.OrderBy(each => each.Scope, StringComparer.Ordinal).ThenBy(each => each.Role, StringComparer.Ordinal)];

    private static List<JsonObject> Assignments(JsonObject all) =>
        [.. all["predictedResources"]!.AsArray().Select(each => each!.AsObject()).Where(each => (string?)each["type"] == "Microsoft.Authorization/roleAssignments")];

    private static JsonObject Another(JsonObject all)
    {
        var copy = Assignments(all)[0].DeepClone().AsObject();
        copy["properties"]!["roleDefinitionId"] = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/00482a5a-887f-4fb3-b363-3b7fe8e74483";
        return copy;
    }

    private static string Id(JsonObject all, string end) => all["predictedResources"]!.AsArray().Select(each => Deployment.IdOf(each!.AsObject())).First(id => id.EndsWith(end, StringComparison.Ordinal));

    private static void Rescope(JsonObject all, string scope, string within = "/vaults/")
    {
        var assignment = Assignments(all).First(each => Deployment.IdOf(each).Contains(within, StringComparison.Ordinal));
        assignment["id"] = $"[extensionResourceId('{scope}', 'Microsoft.Authorization/roleAssignments', 'name')]";
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Guid();
}
