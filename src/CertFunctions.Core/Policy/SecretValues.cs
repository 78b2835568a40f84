using System.Text.Json;
using System.Text.Json.Nodes;
using CertFunctions.Core.Ports;

namespace CertFunctions.Core.Policy;

/// <summary>Reads a <c>…SecretRef</c> of name and key: Key Vault holds one value a secret where Kubernetes holds many.</summary>
public static class SecretValues
{
    /// <summary>The value as it is; if it is a JSON object that has <paramref name="key"/> as a string, that member.</summary>
    public static SecretText Pick(SecretText value, string? key)
    {
        var text = value.Reveal();
        if (string.IsNullOrEmpty(key) || !text.AsSpan().TrimStart().StartsWith('{')) { return value; }

        try
        {
            return JsonNode.Parse(text) is JsonObject all && all[key] is JsonValue member && member.TryGetValue<string>(out var found) ? new SecretText(found) : value;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return value;   // no JSON after all (or a member twice)
        }
    }
}
