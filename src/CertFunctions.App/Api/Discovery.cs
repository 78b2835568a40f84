using System.Text.Json.Nodes;

namespace CertFunctions.App.Api;

/// <summary>Tells clients which kinds there are (Kubernetes discovery, the plain form).</summary>
public static class Discovery
{
    public static JsonObject Groups(ResourceKinds kinds) => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. kinds.All.Select(kind => (kind.Group, kind.Version)).Distinct().Select(each => new JsonObject
        {
            ["name"] = each.Group,
            ["versions"] = new JsonArray([Version(each.Group, each.Version)]),
            ["preferredVersion"] = Version(each.Group, each.Version),
        })]),
    };

    public static JsonObject Resources(ResourceKinds kinds, string group, string version) => new()
    {
        ["kind"] = "APIResourceList",
        ["apiVersion"] = "v1",
        ["groupVersion"] = $"{group}/{version}",
        ["resources"] = new JsonArray([.. kinds.All.Where(kind => kind.Group == group && kind.Version == version).Select(kind => new JsonObject
        {
            ["name"] = kind.Plural,
            ["singularName"] = kind.Singular,
            ["namespaced"] = kind.IsNamespaced,
            ["kind"] = kind.Kind,
            ["verbs"] = new JsonArray(["create", "delete", "get", "list", "update"]),
            ["shortNames"] = new JsonArray([.. kind.ShortNames.Select(name => JsonValue.Create(name))]),
            ["categories"] = new JsonArray(["cert-manager"]),
        })]),
    };

    private static JsonObject Version(string group, string version) => new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };
}
