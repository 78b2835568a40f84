namespace CertFunctions.Core.Resources;

/// <summary>What every resource has (Kubernetes API conventions). Callers own name, namespace, labels and annotations; the system owns the rest.</summary>
public sealed record ObjectMeta
{
    /// <summary>Unique within kind and namespace; never changes.</summary>
    public required string Name { get; init; }

    /// <summary>Null on cluster-scoped kinds.</summary>
    public string? Namespace { get; init; }

    /// <summary>Tells two resources apart that had the same name one after the other.</summary>
    public string? Uid { get; init; }

    /// <summary>The store's ETag. Never stored: filled in when a resource is read.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Counts changes of the spec, and of the annotations under <c>certfunctions.dev/</c> that act as spec.</summary>
    public long Generation { get; init; }

    /// <summary>When it was first stored.</summary>
    public DateTimeOffset? CreationTimestamp { get; init; }

    /// <summary>Set by a DELETE; the resource goes away once what depends on it is cleaned up.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>For people and tools to select by.</summary>
    public ValueMap? Labels { get; init; }

    /// <summary>For people and tools to note what they need; those under <c>certfunctions.dev/</c> act as spec.</summary>
    public ValueMap? Annotations { get; init; }
}

/// <summary>Any resource: the part that storage and the HTTP API need to know.</summary>
public interface IResource<TSelf>
    where TSelf : class, IResource<TSelf>
{
    string ApiVersion { get; }

    string Kind { get; }

    ObjectMeta Metadata { get; }

    TSelf WithMetadata(ObjectMeta metadata);
}

/// <summary>Names a resource of a known kind. Namespace is null for cluster-scoped kinds.</summary>
public sealed record ResourceName(string? Namespace, string Name)
{
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}
