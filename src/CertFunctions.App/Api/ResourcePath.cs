using CertFunctions.Core.Resources;

namespace CertFunctions.App.Api;

/// <summary>What a path below <c>/apis</c> means.</summary>
/// <param name="Group">Null: the list of groups.</param>
/// <param name="Plural">Null: the resources of a group and version.</param>
/// <param name="Name">Null: a list.</param>
public sealed record ResourcePath(string? Group, string? Version, string? Namespace, string? Plural, string? Name)
{
    /// <summary>Null when the path has a shape that no resource has.</summary>
    public static ResourcePath? TryParse(string? path) => (path ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        [] => new(null, null, null, null, null),
        [var group, var version] => new(group, version, null, null, null),
        [var group, var version, "namespaces", var ns, var plural] => new(group, version, ns, plural, null),
        [var group, var version, "namespaces", var ns, var plural, var name] => new(group, version, ns, plural, name),
        [var group, var version, var plural] => new(group, version, null, plural, null),
        [var group, var version, var plural, var name] => new(group, version, null, plural, name),
        _ => null,
    };

    public ResourceName ResourceName => new(Namespace, Name!);
}
