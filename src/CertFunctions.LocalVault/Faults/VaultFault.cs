using System.Text.Json.Serialization;

namespace CertFunctions.LocalVault.Faults;

/// <summary>An answer that clients must cope with and a laptop does not give by itself.</summary>
public sealed record VaultFault
{
    /// <summary>429, or 5xx. 0 breaks the connection off without an answer.</summary>
    [JsonPropertyName("status")] public required int Status { get; init; }

    /// <summary>The header <c>Retry-After</c>; none if null.</summary>
    [JsonPropertyName("retryAfterSeconds")] public int? RetryAfterSeconds { get; init; }

    /// <summary>How many requests get it; one if null.</summary>
    [JsonPropertyName("times")] public int? Times { get; init; }

    /// <summary>Only requests of this method; any if null.</summary>
    [JsonPropertyName("method")] public string? Method { get; init; }

    /// <summary>Only paths that begin so, as <c>/certificates/web</c>; any if null.</summary>
    [JsonPropertyName("path")] public string? Path { get; init; }

    /// <summary>What was asked for is done first, and only its answer lost.</summary>
    [JsonPropertyName("afterEffect")] public bool AfterEffect { get; init; }

    internal bool Fits(string method, string path) =>
        (Method is null || Method.Equals(method, StringComparison.OrdinalIgnoreCase)) && (Path is null || path.StartsWith(Path, StringComparison.OrdinalIgnoreCase));
}
