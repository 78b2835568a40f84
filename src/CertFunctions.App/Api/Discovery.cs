using System.Text.Json.Nodes;

namespace CertFunctions.App.Api;

/// <summary>Tells clients which kinds there are (Kubernetes discovery, the plain form, which every kubectl reads).</summary>
public static class Discovery
{
    /// <summary>The answer for a path that names no resource; null when there is no such group or version.</summary>
    public static JsonObject? Of(ResourceKinds kinds, IEnumerable<Subresource> subresources, ResourcePath path)
    {
        var places = kinds.All.SelectMany(kind => kind.Places.Select(place => (Kind: kind, place.Group, place.Version)))
            .Where(each => (path.Group ?? each.Group) == each.Group && (path.Version ?? each.Version) == each.Version).ToList();
        var found = places.Select(each => each.Kind).ToList();
        var groups = places.GroupBy(each => each.Group, each => each.Version).OrderBy(group => group.Key, StringComparer.Ordinal);
        return path switch
        {
            { Group: null } => new JsonObject
            {
                ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = new JsonArray([.. groups.Select(each => Group(each.Key, each))]),
            },
            _ when found.Count == 0 => null,
            { Version: null } => Group(path.Group, places.Select(each => each.Version), isRoot: true),
            _ => Resources(path.Group, path.Version, found, [.. subresources]),
        };
    }

    /// <summary>The core group's resources.</summary>
    public static JsonObject Core(IEnumerable<CoreResource> resources) => new()
    {
        ["kind"] = "APIResourceList",
        ["apiVersion"] = "v1",
        ["groupVersion"] = "v1",
        ["resources"] = new JsonArray([.. resources.OrderBy(each => each.Plural, StringComparer.Ordinal).Select(each => each.Entry)]),
    };

    private static JsonObject Group(string name, IEnumerable<string> served, bool isRoot = false)
    {
        var versions = served.Distinct().Order(StringComparer.Ordinal).ToList();
        var group = isRoot ? new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" } : [];
        group["name"] = name;
        group["versions"] = new JsonArray([.. versions.Select(version => Version(name, version))]);
        group["preferredVersion"] = Version(name, versions[0]);
        return group;
    }

    private static JsonObject Resources(string group, string version, IEnumerable<ResourceKind> kinds, IReadOnlyList<Subresource> subresources) => new()
    {
        ["kind"] = "APIResourceList",
        ["apiVersion"] = "v1",
        ["groupVersion"] = $"{group}/{version}",
        ["resources"] = new JsonArray(
        [
            .. kinds.OrderBy(kind => kind.Plural, StringComparer.Ordinal).SelectMany(kind => (JsonObject[])
            [
                Resource(kind),
                .. subresources.Where(each => each.IsFor(kind)).OrderBy(each => each.Segment, StringComparer.Ordinal).Select(each => Subresource(kind, each)),
            ]),
        ]),
    };

    private static JsonObject Resource(ResourceKind kind) => new()
    {
        ["name"] = kind.Plural,
        ["singularName"] = kind.Singular,
        ["namespaced"] = kind.IsNamespaced,
        ["kind"] = kind.Kind,
        ["verbs"] = kind.IsReadOnly ? new JsonArray("get", "list", "watch") : new JsonArray("create", "delete", "get", "list", "patch", "update", "watch"),
        ["shortNames"] = new JsonArray([.. kind.ShortNames.Select(name => JsonValue.Create(name))]),
        ["categories"] = kind.IsReadOnly ? new JsonArray("cert-manager", "cert-manager-acme") : new JsonArray("cert-manager"),
    };

    private static JsonObject Subresource(ResourceKind kind, Subresource subresource) => new()
    {
        ["name"] = $"{kind.Plural}/{subresource.Segment}",
        ["singularName"] = "",
        ["namespaced"] = kind.IsNamespaced,
        ["kind"] = kind.Kind,
        ["verbs"] = new JsonArray([.. subresource.Verbs.Select(verb => JsonValue.Create(verb))]),
    };

    private static JsonObject Version(string group, string version) => new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };
}
