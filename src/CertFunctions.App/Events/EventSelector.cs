using System.Text.Json.Nodes;

namespace CertFunctions.App.Events;

/// <summary>A field selector over events, as <c>kubectl describe</c> and <c>kubectl events --for</c> send it.</summary>
public sealed record EventSelector(IReadOnlyList<(string Field, bool IsEqual, string Value)> Terms)
{
    /// <summary>The fields that Kubernetes lets events be selected by.</summary>
    private static readonly HashSet<string> Fields = new(
    [
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion",
        "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type", "metadata.name", "metadata.namespace",
    ], StringComparer.Ordinal);

    /// <returns>Null when it names another field, or is no selector; <paramref name="problem"/> says which.</returns>
    public static EventSelector? TryParse(string? text, out string problem)
    {
        problem = "";
        var terms = new List<(string, bool, string)>();
        foreach (var term in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = term.IndexOf('=', StringComparison.Ordinal);
            var isEqual = at < 1 || term[at - 1] != '!';
            var field = at < 1 ? term : term[..(isEqual ? at : at - 1)];
            if (at < 1 || !Fields.Contains(field))
            {
                problem = $"field label not supported: {field}";
                return null;
            }

            terms.Add((field, isEqual, term[(at + 1)..].TrimStart('=')));
        }

        return new EventSelector(terms);
    }

    /// <summary>The value that a field must have; null when it may have several.</summary>
    public string? Only(string field) => Terms.Where(term => term.Field == field && term.IsEqual).Select(term => term.Value).FirstOrDefault();

    public bool Selects(JsonObject kubernetesEvent) => Terms.All(term => term.IsEqual == (Value(kubernetesEvent, term.Field) == term.Value));

    private static string Value(JsonObject kubernetesEvent, string field)
    {
        if (field == "source") { field = "source.component"; }

        JsonNode? node = kubernetesEvent;
        foreach (var part in field.Split('.')) { node = node?[part]; }

        return (string?)node ?? "";
    }
}
