using System.Text.Json.Nodes;
using CertFunctions.Core.Validation;

namespace CertFunctions.App.Api.Patches;

/// <summary>One way to change part of a resource.</summary>
public abstract class Patch
{
    /// <summary>Kubernetes' media types. Strategic merge is not among them, as with any custom resource.</summary>
    public static IReadOnlyList<string> MediaTypes { get; } = ["application/merge-patch+json", "application/json-patch+json", "application/apply-patch+yaml"];

    /// <summary>Whether it makes the resource when there is none.</summary>
    public virtual bool MayCreate => false;

    /// <summary>The patched resource, made of <paramref name="current"/>, which may be changed; or what is wrong with the patch.</summary>
    /// <param name="current">Null when there is none, which only happens if <see cref="MayCreate"/>.</param>
    public abstract (JsonObject? Patched, PatchProblem? Problem) Apply(JsonObject? current);

    /// <summary>Reads a patch by its media type; the problem, if any, is the caller's to tell.</summary>
    public static Patch? TryParse(string mediaType, byte[] body, out Violation? problem)
    {
        if (mediaType == "application/json-patch+json")
        {
            return Api.BodyReader.ParseNode(body, isYaml: false, out problem) is not { } node ? null : JsonPatch.TryParse(node, out problem);
        }

        if (Api.BodyReader.Parse(body, mediaType.EndsWith("yaml", StringComparison.Ordinal), out problem) is not { } patch) { return null; }

        return mediaType == "application/merge-patch+json" ? new MergePatch(patch) : new ApplyPatch(patch);
    }
}

/// <param name="IsTest">A <c>test</c> operation did not hold: the patch is fine, the resource is not as expected.</param>
public sealed record PatchProblem(Violation Violation, bool IsTest = false);

/// <summary>RFC 7386: members replace, null removes, objects merge.</summary>
public sealed class MergePatch(JsonObject patch) : Patch
{
    public override (JsonObject? Patched, PatchProblem? Problem) Apply(JsonObject? current)
    {
        Merge(current!, patch);
        return (current, null);
    }

    // As deep as the patch, and that is bounded by the reader.
    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null) { target.Remove(name); }
            else if (value is not JsonObject inner) { target[name] = value.DeepClone(); }
            else
            {
                if (target[name] is not JsonObject) { target[name] = new JsonObject(); }

                Merge((JsonObject)target[name]!, inner);
            }
        }
    }
}

/// <summary>
/// Server-side apply without field ownership (ADR 14): a spec that is there replaces the stored one whole, so what left the manifest leaves the resource;
/// labels and annotations are merged, so that those of others stay.
/// </summary>
public sealed class ApplyPatch(JsonObject wish) : Patch
{
    private static readonly string[] Merged = ["labels", "annotations"];

    public override bool MayCreate => true;

    public override (JsonObject? Patched, PatchProblem? Problem) Apply(JsonObject? current)
    {
        if (wish["metadata"] is not JsonObject and not null) { return (null, new(new("metadata", "FieldValueInvalid", "expected an object"))); }

        var next = (JsonObject)wish.DeepClone();
        if (current is null) { return (next, null); }

        var metadata = next["metadata"] as JsonObject;
        next.Remove("metadata");
        var kept = current["metadata"] as JsonObject ?? [];
        foreach (var (name, value) in metadata?.ToArray() ?? [])
        {
            metadata!.Remove(name);
            if (!Merged.Contains(name) || value is not JsonObject added || kept[name] is not JsonObject stored) { kept[name] = value; continue; }

            foreach (var (key, text) in added.ToArray())
            {
                added.Remove(key);
                stored[key] = text;
            }
        }

        foreach (var (name, value) in next.ToArray())
        {
            next.Remove(name);
            current[name] = value;
        }

        return (current, null);
    }
}
