using System.Text.Json.Nodes;

namespace CertFunctions.AwkwardCa;

/// <summary>A name in an order: <c>dns</c> or <c>ip</c>; a wildcard keeps its <c>*.</c>.</summary>
public sealed record CaIdentifier(string Type, string Value)
{
    internal bool IsWildcard => Value.StartsWith("*.", StringComparison.Ordinal);

    /// <summary>What an authorization is for.</summary>
    internal CaIdentifier Bare => IsWildcard ? this with { Value = Value[2..] } : this;

    internal JsonObject ToJson() => new() { ["type"] = Type, ["value"] = Value };
}

/// <summary>A problem document (RFC 9457, RFC 8555 §6.7).</summary>
/// <param name="Type">The token behind <c>urn:ietf:params:acme:error:</c>.</param>
public sealed record AcmeFault(string Type, string Detail, int Status)
{
    /// <summary>The header as it is sent, sense or nonsense; null: none.</summary>
    public string? RetryAfter { get; init; }

    public IReadOnlyList<(CaIdentifier Identifier, AcmeFault Fault)> Subproblems { get; init; } = [];

    internal JsonObject ToJson()
    {
        var json = new JsonObject { ["type"] = $"urn:ietf:params:acme:error:{Type}", ["detail"] = Detail, ["status"] = Status };
        if (Subproblems.Count > 0)
        {
            json["subproblems"] = new JsonArray([.. Subproblems.Select(each =>
            {
                var sub = each.Fault.ToJson();
                sub["identifier"] = each.Identifier.ToJson();
                return sub;
            })]);
        }

        return json;
    }
}

/// <summary>Ends a request with a problem document.</summary>
internal sealed class Refused(AcmeFault fault) : Exception(fault.Detail)
{
    public AcmeFault Fault => fault;
}
