namespace CertFunctions.Core.Resources;

/// <summary>One observed fact about a resource, keyed by <see cref="Type"/> (Kubernetes API conventions).</summary>
public sealed record Condition
{
    /// <summary>What it is about, e.g. <c>Ready</c>.</summary>
    public required string Type { get; init; }

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public required string Status { get; init; }

    /// <summary>A PascalCase code.</summary>
    public string? Reason { get; init; }

    /// <summary>For people.</summary>
    public string? Message { get; init; }

    /// <summary>When <see cref="Status"/> last changed; a new reason or message does not move it.</summary>
    public DateTimeOffset? LastTransitionTime { get; init; }

    /// <summary>The generation this was observed at; absent on CertificateRequests.</summary>
    public long? ObservedGeneration { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsTrue => Status == "True";
}

/// <summary>Reading and replacing conditions in a list.</summary>
public static class Conditions
{
    public static Condition? Find(this ValueList<Condition>? conditions, string type) =>
        conditions?.FirstOrDefault(condition => condition.Type == type);

    public static bool IsTrue(this ValueList<Condition>? conditions, string type) => conditions.Find(type)?.IsTrue ?? false;

    /// <summary>The list with one condition set: the transition time is kept unless the status changed.</summary>
    public static ValueList<Condition> With(this ValueList<Condition>? conditions, Condition condition, DateTimeOffset now)
    {
        var old = conditions.Find(condition.Type);
        var set = condition with
        {
            LastTransitionTime = old is not null && old.Status == condition.Status ? old.LastTransitionTime : now,
        };

        return old is null
            ? [.. conditions ?? [], set]
            : [.. conditions!.Select(each => each.Type == condition.Type ? set : each)];
    }

    public static ValueList<Condition> Without(this ValueList<Condition>? conditions, string type) =>
        [.. (conditions ?? []).Where(condition => condition.Type != type)];
}
