using System.Text.Json;
using System.Text.Json.Serialization;

namespace CertFunctions.Core.Acme;

/// <summary>ACME's JSON as it is on the wire. Everything a CA sends may be absent: what is needed is checked where it becomes an object.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    MaxDepth = 16)]
[JsonSerializable(typeof(WireDirectory))]
[JsonSerializable(typeof(WireAccount))]
[JsonSerializable(typeof(WireOrder))]
[JsonSerializable(typeof(WireAuthorization))]
[JsonSerializable(typeof(WireChallenge))]
[JsonSerializable(typeof(WireRenewalInfo))]
[JsonSerializable(typeof(WireProblem))]
[JsonSerializable(typeof(NewAccountBody))]
[JsonSerializable(typeof(UpdateBody))]
[JsonSerializable(typeof(NewOrderBody))]
[JsonSerializable(typeof(FinalizeBody))]
[JsonSerializable(typeof(RevokeBody))]
[JsonSerializable(typeof(KeyChangeBody))]
[JsonSerializable(typeof(JwsBody))]
[JsonSerializable(typeof(JwsHeader))]
internal sealed partial class AcmeJson : JsonSerializerContext;

internal sealed record WireDirectory(string? NewNonce, string? NewAccount, string? NewOrder, string? RevokeCert, string? KeyChange, string? RenewalInfo, WireMeta? Meta);

internal sealed record WireMeta(string? TermsOfService, string? Website, string?[]? CaaIdentities, bool? ExternalAccountRequired, Dictionary<string, JsonElement>? Profiles);

internal sealed record WireAccount(string? Status, string?[]? Contact);

internal sealed record WireIdentifier(string? Type, string? Value);

internal sealed record WireOrder(
    string? Status, string? Expires, WireIdentifier?[]? Identifiers, string?[]? Authorizations, string? Finalize, string? Certificate, string? Profile, WireProblem? Error);

internal sealed record WireAuthorization(WireIdentifier? Identifier, string? Status, string? Expires, bool? Wildcard, WireChallenge?[]? Challenges);

internal sealed record WireChallenge(string? Type, string? Url, string? Status, string? Token, WireProblem? Error);

internal sealed record WireRenewalInfo(WireWindow? SuggestedWindow, [property: JsonPropertyName("explanationURL")] string? ExplanationUrl);

internal sealed record WireWindow(string? Start, string? End);

internal sealed record WireProblem(string? Type, string? Title, string? Detail, int? Status, WireIdentifier? Identifier, WireProblem?[]? Subproblems);

internal sealed record NewAccountBody
{
    public bool? TermsOfServiceAgreed { get; init; }

    public bool? OnlyReturnExisting { get; init; }

    public IReadOnlyList<string>? Contact { get; init; }

    public JwsBody? ExternalAccountBinding { get; init; }
}

/// <summary>For accounts and authorizations.</summary>
internal sealed record UpdateBody
{
    public string? Status { get; init; }

    public IReadOnlyList<string>? Contact { get; init; }
}

internal sealed record NewOrderBody(IReadOnlyList<WireIdentifier> Identifiers, string? NotAfter, string? Profile, string? Replaces);

internal sealed record FinalizeBody(string Csr);

internal sealed record RevokeBody(string Certificate, int? Reason);
