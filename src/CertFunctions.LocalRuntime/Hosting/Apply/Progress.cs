using System.Text.Json.Nodes;

namespace CertFunctions.LocalRuntime.Hosting.Apply;

/// <summary>Where one applied object stands.</summary>
internal sealed record Progress(Target Target, JsonNode? Resource, JsonNode? Table)
{
    /// <summary>A kind whose table has neither a Ready nor a Synced column has nothing to wait for.</summary>
    public bool IsDone => IsFailed || (string?)Settled?["status"] == "True" || !HasColumn;

    /// <summary>The issuance ended without a certificate, or the object was refused for good.</summary>
    public bool IsFailed =>
        (string?)Settled?["status"] != "True"
        && ((string?)Condition("Issuing")?["status"] == "False" || (string?)Condition("Ready")?["reason"] is "Failed" or "Denied");

    /// <summary>What holds it up, in the object's own words.</summary>
    public string Reason => (Condition("Issuing") ?? Settled) is { } condition
        ? $"{(string?)condition["reason"]}: {(string?)condition["message"]}"
        : "no status yet";

    private JsonNode? Settled => Condition("Ready") ?? Condition("Synced");

    private bool HasColumn =>
        Table is null || ((JsonArray)Table["columnDefinitions"]!).Any(column => ((string?)column!["name"])?.ToUpperInvariant() is "READY" or "SYNCED");

    private JsonNode? Condition(string type) =>
        (Resource?["status"]?["conditions"] as JsonArray)?.FirstOrDefault(condition => (string?)condition!["type"] == type);
}
