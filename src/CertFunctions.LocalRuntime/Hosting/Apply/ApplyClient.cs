using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace CertFunctions.LocalRuntime.Hosting.Apply;

/// <summary>An applied object: where it is on the API, and what its kind is called.</summary>
internal sealed record Target(Manifest Manifest, string Plural, string Path)
{
    public string Title => $"{Manifest.Kind} {Manifest.Name}";
}

/// <summary>The part of the resource API that applying needs. Knows no kind: it asks discovery.</summary>
internal sealed class ApplyClient(HttpClient http)
{
    private const string AsTable = "application/json;as=Table;v=v1;g=meta.k8s.io";

    private readonly Dictionary<string, JsonArray> _resources = new(StringComparer.Ordinal);

    public async Task<Target> FindAsync(Manifest manifest, CancellationToken cancellationToken)
    {
        if (!_resources.TryGetValue(manifest.ApiVersion, out var resources))
        {
            using var answer = await http.GetAsync($"/apis/{manifest.ApiVersion}", cancellationToken);
            if (!answer.IsSuccessStatusCode) { throw new HostStartException($"{manifest.Source}: the API does not serve {manifest.ApiVersion}."); }

            var list = JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
            _resources[manifest.ApiVersion] = resources = (JsonArray)list!["resources"]!;
        }

        var resource = resources.FirstOrDefault(r => (string?)r!["kind"] == manifest.Kind && !((string)r["name"]!).Contains('/', StringComparison.Ordinal))
            ?? throw new HostStartException($"{manifest.Source}: the API has no kind {manifest.Kind} in {manifest.ApiVersion}.");
        var plural = (string)resource["name"]!;
        var scope = (bool)resource["namespaced"]! ? $"/namespaces/{manifest.Namespace}" : "";
        return new Target(manifest, plural, $"/apis/{manifest.ApiVersion}{scope}/{plural}/{manifest.Name}");
    }

    /// <summary>Null when stored; otherwise what the API said, a line for each field at fault.</summary>
    public async Task<string?> PutAsync(Target target, CancellationToken cancellationToken)
    {
        using var body = new StringContent(target.Manifest.Text, Encoding.UTF8, "application/yaml");
        using var answer = await http.PutAsync(target.Path, body, cancellationToken);
        if (answer.IsSuccessStatusCode) { return null; }

        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        var status = text.StartsWith('{') ? JsonNode.Parse(text) : null;
        var causes = status?["details"]?["causes"] as JsonArray ?? [];
        if (causes.Count == 0) { return (string?)status?["message"] ?? $"{(int)answer.StatusCode} {answer.ReasonPhrase}"; }

        // The message repeats what the causes say in one long line.
        return string.Concat(causes.Select(cause => $"\n  {(string?)cause?["field"]}: {(string?)cause?["message"]}"));
    }

    public Task<JsonNode?> GetAsync(Target target, CancellationToken cancellationToken) => ReadAsync(target, "application/json", cancellationToken);

    public Task<JsonNode?> TableAsync(Target target, CancellationToken cancellationToken) => ReadAsync(target, AsTable, cancellationToken);

    private async Task<JsonNode?> ReadAsync(Target target, string accept, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target.Path);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        using var answer = await http.SendAsync(request, cancellationToken);
        return answer.IsSuccessStatusCode ? JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken)) : null;
    }
}
