using System.Globalization;
using System.Text.Json.Nodes;
using CertFunctions.Core.Validation;

namespace CertFunctions.App.Api.Patches;

/// <summary>RFC 6902, within bounds: copying may neither grow nor nest a resource without end.</summary>
public sealed class JsonPatch : Patch
{
    private const int MostOperations = 1000;
    private const int MostCopied = 256 * 1024;
    private const int Deepest = 32;

    private readonly IReadOnlyList<Operation> _operations;

    private JsonPatch(IReadOnlyList<Operation> operations) => _operations = operations;

    private enum Code
    {
        Add,
        Remove,
        Replace,
        Move,
        Copy,
        Test,
    }

    public static JsonPatch? TryParse(JsonNode patch, out Violation? problem)
    {
        problem = null;
        if (patch is not JsonArray list) { problem = Wrong("", "expected a list of operations"); return null; }
        if (list.Count > MostOperations) { problem = Wrong("", $"more than {MostOperations} operations"); return null; }

        var operations = new List<Operation>(list.Count);
        for (var index = 0; index < list.Count; index++)
        {
            if (Operation.TryParse(list[index], out var why) is { } operation) { operations.Add(operation); }
            else { problem = Wrong($"[{index}]", why); return null; }
        }

        return new JsonPatch(operations);
    }

    public override (JsonObject? Patched, PatchProblem? Problem) Apply(JsonObject? current)
    {
        JsonNode? root = current;
        var copied = 0;
        for (var index = 0; index < _operations.Count; index++)
        {
            var operation = _operations[index];
            if (operation.Code is Code.Copy && (copied += Length(Pointer.Find(root, operation.From!))) > MostCopied)
            {
                return (null, new(Wrong($"[{index}]", "copies too much")));
            }

            if (operation.Code is Code.Test && !JsonNode.DeepEquals(Pointer.Find(root, operation.Path) is { } found ? found.Value : Missing, operation.Value))
            {
                return (null, new(Wrong($"[{index}]", $"the test of {operation.Text} does not hold"), IsTest: true));
            }

            if (Step(ref root, operation) is { } why) { return (null, new(Wrong($"[{index}]", $"{operation.Text}: {why}"))); }
        }

        return root is JsonObject patched ? (patched, null) : (null, new(Wrong("", "the patched resource is not an object")));
    }

    // Differs from every value a patch can hold, null included.
    private static readonly JsonNode Missing = new JsonObject { ["\u0000missing"] = true };

    private static string? Step(ref JsonNode? root, Operation operation)
    {
        switch (operation.Code)
        {
            case Code.Test:
                return null;
            case Code.Add:
                return Pointer.Add(ref root, operation.Path, operation.Value?.DeepClone());
            case Code.Remove:
                return Pointer.Remove(ref root, operation.Path);
            case Code.Replace:
                return Pointer.Find(root, operation.Path) is null ? "nothing is there" : Pointer.Remove(ref root, operation.Path) ?? Pointer.Add(ref root, operation.Path, operation.Value?.DeepClone());
            default:
                if (Pointer.Find(root, operation.From!) is not { } source) { return "nothing is at its from"; }
                if (operation.Code is Code.Copy) { return Pointer.Add(ref root, operation.Path, source.Value?.DeepClone()); }
                if (operation.Path.Count > operation.From!.Count && operation.Path.Take(operation.From.Count).SequenceEqual(operation.From)) { return "cannot be moved into itself"; }

                return Pointer.Remove(ref root, operation.From!) ?? Pointer.Add(ref root, operation.Path, source.Value);
        }
    }

    private static int Length(Found? found) => found?.Value?.ToJsonString().Length ?? 0;

    private static Violation Wrong(string field, string message) => new(field, "FieldValueInvalid", message);

    private sealed record Found(JsonNode? Value);

    private sealed record Operation(Code Code, string Text, IReadOnlyList<string> Path, IReadOnlyList<string>? From, JsonNode? Value)
    {
        public static Operation? TryParse(JsonNode? node, out string why)
        {
            why = "expected an object with op and path";
            if (node is not JsonObject item || String(item, "op") is not { } op || String(item, "path") is not { } path) { return null; }

            why = $"there is no operation {op}";
            if (!Enum.TryParse<Code>(op, ignoreCase: true, out var code) || op.Any(each => each is < 'a' or > 'z')) { return null; }

            why = "a path is empty or begins with /, and in it ~ only occurs as ~0 or ~1";
            if (Segments(path) is not { } segments) { return null; }

            why = $"{op} needs a value";
            if (code is Code.Add or Code.Replace or Code.Test && !item.ContainsKey("value")) { return null; }

            why = $"{op} needs a from";
            var from = String(item, "from") is { } text ? Segments(text) : null;
            if (code is Code.Move or Code.Copy && from is null) { return null; }

            return new Operation(code, path, segments, from, item["value"]);
        }

        private static string? String(JsonObject item, string member) => item[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

        private static List<string>? Segments(string path)
        {
            if (path.Length == 0) { return []; }

            var parts = path.Split('/').Skip(1).ToList();
            if (path[0] != '/' || parts.Count > Deepest || parts.Exists(part => part.Replace("~0", "", StringComparison.Ordinal).Replace("~1", "", StringComparison.Ordinal).Contains('~', StringComparison.Ordinal))) { return null; }

            return [.. parts.Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
        }
    }

    /// <summary>Following a JSON pointer (RFC 6901) and changing what is at its end. Members return what is wrong, or null.</summary>
    private static class Pointer
    {
        public static Found? Find(JsonNode? root, IReadOnlyList<string> path)
        {
            var at = root;
            foreach (var segment in path)
            {
                if (at is JsonObject map && map.TryGetPropertyValue(segment, out var member)) { at = member; }
                else if (at is JsonArray list && Index(segment, list.Count - 1) is { } index) { at = list[index]; }
                else { return null; }
            }

            return new Found(at);
        }

        public static string? Add(ref JsonNode? root, IReadOnlyList<string> path, JsonNode? value)
        {
            if (path.Count + Depth(value) > Deepest) { return $"nested deeper than {Deepest} levels"; }
            if (path.Count == 0) { root = value; return null; }

            switch (Find(root, [.. path.SkipLast(1)])?.Value)
            {
                case JsonObject map:
                    map[path[^1]] = value;
                    return null;
                case JsonArray list when (path[^1] == "-" ? list.Count : Index(path[^1], list.Count)) is { } index:
                    list.Insert(index, value);
                    return null;
                default:
                    return "nothing is there to add to";
            }
        }

        public static string? Remove(ref JsonNode? root, IReadOnlyList<string> path)
        {
            if (Find(root, path) is null) { return "nothing is there"; }
            if (path.Count == 0) { root = null; return null; }

            var parent = Find(root, [.. path.SkipLast(1)])!.Value;
            if (parent is JsonObject map) { map.Remove(path[^1]); }
            else { ((JsonArray)parent!).RemoveAt(Index(path[^1], int.MaxValue)!.Value); }

            return null;
        }

        private static int? Index(string segment, int last) =>
            segment.Length > 0 && (segment == "0" || segment[0] != '0') && int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= last ? index : null;

        private static int Depth(JsonNode? value) => value switch
        {
            JsonObject map => 1 + map.Select(pair => Depth(pair.Value)).DefaultIfEmpty().Max(),
            JsonArray list => 1 + list.Select(Depth).DefaultIfEmpty().Max(),
            _ => 0,
        };
    }
}
