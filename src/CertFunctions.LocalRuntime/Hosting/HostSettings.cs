using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>Where settings come from; a later source wins: defaults, <c>local.settings.json</c>, environment, command line.</summary>
internal static class HostSettings
{
    public const string FileName = "local.settings.json";

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static void AddTo(IConfigurationBuilder configuration, IConfigurationSource defaults, IReadOnlyList<string> settings, params ReadOnlySpan<string> folders)
    {
        configuration.Add(defaults);
        foreach (var folder in folders)
        {
            var file = Path.Combine(folder, FileName);
            if (!File.Exists(file)) { continue; }

            configuration.AddInMemoryCollection(ValuesOf(file));
            break;
        }

        configuration.AddEnvironmentVariables();
        configuration.AddCommandLine([.. settings]);
    }

    /// <summary>The route prefix of HTTP functions: host.json's <c>extensions.http.routePrefix</c>, <c>api</c> when it says nothing.</summary>
    public static string RoutePrefix(string folder)
    {
        var file = Path.Combine(folder, "host.json");
        if (!File.Exists(file)) { return "api"; }

        using var document = Read(file);
        return document.RootElement.TryGetProperty("extensions", out var extensions)
            && extensions.TryGetProperty("http", out var http)
            && http.TryGetProperty("routePrefix", out var prefix)
                ? prefix.GetString() ?? ""
                : "api";
    }

    private static Dictionary<string, string?> ValuesOf(string file)
    {
        using var document = Read(file);
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        if (!document.RootElement.TryGetProperty("Values", out var section)) { return values; }

        foreach (var value in section.EnumerateObject())
        {
            values[value.Name.Replace("__", ":", StringComparison.Ordinal)] = value.Value.ToString();
        }

        return values;
    }

    private static JsonDocument Read(string file)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(file), Lenient);
        }
        catch (JsonException broken)
        {
            throw new HostStartException($"{file} is not JSON: {broken.Message}");
        }
    }
}
