using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.App.Api;

/// <summary>What a path below <c>/apis</c> means.</summary>
/// <param name="Group">Null: the list of groups.</param>
/// <param name="Version">Null: one group.</param>
/// <param name="Plural">Null: the resources of a group and version.</param>
/// <param name="Name">Null: a list.</param>
/// <param name="Subresource">The segment after the name, such as <c>status</c>; null: the resource itself.</param>
public sealed record ResourcePath(string? Group, string? Version, string? Namespace, string? Plural, string? Name, string? Subresource = null)
{
    /// <summary>Null when the path has a shape that no resource has.</summary>
    public static ResourcePath? TryParse(string? path)
    {
        var segments = (path ?? "").TrimEnd('/').Split('/');
        if (segments is not [""] && segments.Contains("")) { return null; }

        return segments switch
        {
            [""] => new(null, null, null, null, null),
            [var group] => new(group, null, null, null, null),
            [var group, var version] => new(group, version, null, null, null),
            [var group, var version, "namespaces", var ns, var plural] => new(group, version, ns, plural, null),
            [var group, var version, "namespaces", var ns, var plural, var name] => new(group, version, ns, plural, name),
            [var group, var version, "namespaces", var ns, var plural, var name, var sub] => new(group, version, ns, plural, name, sub),
            [var group, var version, var plural] => new(group, version, null, plural, null),
            [var group, var version, var plural, var name] => new(group, version, null, plural, name),
            [var group, var version, var plural, var name, var sub] => new(group, version, null, plural, name, sub),
            _ => null,
        };
    }

    public ResourceName ResourceName => new(Namespace, Name!);

    /// <summary>False when no resource can have this name or namespace: not worth asking the store, which may take offence at odd names.</summary>
    public bool IsWellFormed =>
        (Namespace is null || MetadataRules.IsLabel(Namespace)) && (Name is null || MetadataRules.IsSubdomain(Name));
}
