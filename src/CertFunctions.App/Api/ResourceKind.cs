using System.Text.Json.Serialization.Metadata;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.App.Api;

/// <summary>One column of <c>kubectl get</c>; its cell comes from the listing metadata under <paramref name="Key"/>.</summary>
/// <param name="Priority">Above 0: only with <c>-o wide</c>.</param>
public sealed record Column(string Name, string Key, int Priority = 0);

/// <summary>What the one resource API needs to know of a kind, without its type.</summary>
public abstract class ResourceKind
{
    public string Group { get; init; } = "cert-manager.io";

    public string Version { get; init; } = "v1";

    /// <summary>A second group and version under which the same resources are read and written; null: there is none.</summary>
    public string? AlsoServedAs { get; init; }

    public required string Plural { get; init; }

    public required string Singular { get; init; }

    public required string Kind { get; init; }

    public required IReadOnlyList<string> ShortNames { get; init; }

    public required bool IsNamespaced { get; init; }

    /// <summary>Longest body taken, in bytes.</summary>
    public int BodyLimit { get; init; } = BodyReader.Limit;

    /// <summary>Written by the system alone: callers may look.</summary>
    public bool IsReadOnly { get; init; }

    public required IReadOnlyList<Column> Columns { get; init; }

    /// <summary>Name of the orchestrator that reconciles this kind.</summary>
    public required string Orchestrator { get; init; }

    /// <summary>Instance ids are <c>{prefix}:{uid}</c>.</summary>
    public required string InstancePrefix { get; init; }

    /// <summary>Every group and version under which the kind is served.</summary>
    public IReadOnlyList<(string Group, string Version)> Places => AlsoServedAs?.Split('/') is [var group, var version] ? [(Group, Version), (group, version)] : [(Group, Version)];

    /// <summary>Whether the kind is served under this group and version.</summary>
    public bool IsServedAs(string? group, string? version) => Places.Any(place => place.Group == group && place.Version == version);

    public string ObjectPrefix => $"resources/{Plural}/";

    public string ObjectName(ResourceName name) => $"{ObjectPrefix}{name.Namespace ?? "_"}/{name.Name}";
}

/// <summary>A kind, whole: its JSON, its rules, what listings show, which index entries its resources need.</summary>
public sealed class ResourceKind<T> : ResourceKind
    where T : class, IResource<T>
{
    public required JsonTypeInfo<T> Json { get; init; }

    /// <summary>Every rule the resource breaks; none when it is valid.</summary>
    public required Func<T, IEnumerable<Violation>> Rules { get; init; }

    /// <summary>What may not change, or not be set, given the new resource and the stored one (null on create). None unless the kind says so.</summary>
    public Func<T, T?, IEnumerable<Violation>> Transition { get; init; } = (_, _) => [];

    /// <summary>Fills in what the server owns, given the new resource and the stored one (null on create).</summary>
    public required Func<T, T?, T> Prepare { get; init; }

    /// <summary>Whether two versions wish for the same: spec, and the annotations under <c>certfunctions.dev/</c>. A difference is a new generation.</summary>
    public required Func<T, object> Spec { get; init; }

    public bool SameWish(T left, T right) => Spec(left).Equals(Spec(right)) && OurAnnotations(left).SequenceEqual(OurAnnotations(right));

    private static IEnumerable<KeyValuePair<string, string>> OurAnnotations(T resource) =>
        (resource.Metadata.Annotations ?? ValueMap.Empty).Where(pair => pair.Key.StartsWith(Annotations.OurPrefix, StringComparison.Ordinal));

    /// <summary>Listing metadata besides the generic (uid, generation, created, deleted, due): what the columns show.</summary>
    public required Func<T, ValueMap> Index { get; init; }

    /// <summary>Names of the index objects to put before the resource is written (by-issuer, by-secret).</summary>
    public required Func<T, IReadOnlyList<string>> IndexEntries { get; init; }
}
