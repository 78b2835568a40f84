using System.Text.Json.Nodes;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Validation;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api;

/// <summary>Namespaces as tools expect them. They are virtual: every well-formed name is one, and those with resources in them are listed.</summary>
public sealed class Namespaces(ResourceKinds kinds, IObjectStore objects) : CoreResource
{
    public override string Plural => "namespaces";

    public override JsonObject Entry => new()
    {
        ["name"] = Plural, ["singularName"] = "namespace", ["namespaced"] = false, ["kind"] = "Namespace",
        ["verbs"] = new JsonArray("create", "get", "list", "patch", "update"), ["shortNames"] = new JsonArray("ns"),
    };

    /// <summary>Writes are answered as if they had been done, so that a manifest that begins with its namespace applies unchanged.</summary>
    public override async Task<IResult> AnswerAsync(HttpRequest request, string? ns, string? name, CancellationToken cancellationToken)
    {
        if (ns is not null || HttpMethods.IsDelete(request.Method)) { return Statuses.MethodNotAllowed(); }
        if (HttpMethods.IsPost(request.Method))
        {
            var (body, refusal) = await BodyReader.ReadObjectAsync(request, cancellationToken);
            if (refusal is not null) { return refusal; }

            name = (body!["metadata"] as JsonObject)?["name"] is JsonValue text && text.TryGetValue<string>(out var given) ? given : "";
            return MetadataRules.IsLabel(name) ? Statuses.Json(201, Object(name)) : Statuses.Malformed([Violation.Invalid("metadata.name", name, "must be a namespace's name")]);
        }

        if (name is not null) { return MetadataRules.IsLabel(name) ? Statuses.Json(200, Object(name)) : Statuses.NotFound("", Plural, name); }

        return Statuses.Json(200, new JsonObject
        {
            ["kind"] = "NamespaceList", ["apiVersion"] = "v1", ["metadata"] = new JsonObject { ["resourceVersion"] = "" },
            ["items"] = new JsonArray([.. (await NamesAsync(cancellationToken)).Select(Object)]),
        });
    }

    /// <summary>Skips from one namespace to the next: costs what there are namespaces, not resources.</summary>
    private async Task<SortedSet<string>> NamesAsync(CancellationToken cancellationToken)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal) { "default" };
        foreach (var kind in kinds.All.Where(kind => kind.IsNamespaced))
        {
            string? from = null;
            while ((await objects.ListAsync(kind.ObjectPrefix, from, continuation: null, pageSize: 1, cancellationToken)).Entries is [var first])
            {
                var found = first.Name[kind.ObjectPrefix.Length..].Split('/')[0];
                names.Add(found);
                from = $"{kind.ObjectPrefix}{found}0";   // '0' follows '/'
            }
        }

        return names;
    }

    private static JsonObject Object(string name) => new()
    {
        ["kind"] = "Namespace", ["apiVersion"] = "v1", ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject(), ["status"] = new JsonObject { ["phase"] = "Active" },
    };
}
