using System.Text.Json.Nodes;

namespace CertFunctions.LocalRuntime.Hosting.Apply;

/// <summary>Where one applied object stands.</summary>
internal sealed record Progress(Target Target, JsonNode? Resource, JsonNode? Table)
{
    /// <summary>A kind whose table has no Ready column has nothing to wait for.</summary>
    public bool IsDone => IsFailed || (string?)Condition("Ready")?["status"] == "True" || !HasReadyColumn;

    /// <summary>The issuance ended without a certificate, or the object was refused for good.</summary>
    public bool IsFailed =>
        (string?)Condition("Ready")?["status"] != "True"
        && ((string?)Condition("Issuing")?["status"] == "False" || (string?)Condition("Ready")?["reason"] is "Failed" or "Denied");

    /// <summary>What holds it up, in the object's own words.</summary>
    public string Reason => (Condition("Issuing") ?? Condition("Ready")) is { } condition
        ? $"{(string?)condition["reason"]}: {(string?)condition["message"]}"
        : "no status yet";

    private bool HasReadyColumn =>
        Table is null || ((JsonArray)Table["columnDefinitions"]!).Any(column => "Ready".Equals((string?)column!["name"], StringComparison.OrdinalIgnoreCase));

    private JsonNode? Condition(string type) =>
        (Resource?["status"]?["conditions"] as JsonArray)?.FirstOrDefault(condition => (string?)condition!["type"] == type);
}
