using System.Text.Json;
using System.Text.Json.Serialization;

namespace CertFunctions.LocalVault;

// The REST bodies. Absent members are left out: the certificates client does not take null (local-servers.md §5.3).

internal sealed record Attributes
{
    [JsonPropertyName("enabled")] public bool? Enabled { get; init; }
    [JsonPropertyName("nbf")] public long? NotBefore { get; init; }
    [JsonPropertyName("exp")] public long? Expires { get; init; }
    [JsonPropertyName("created")] public long? Created { get; init; }
    [JsonPropertyName("updated")] public long? Updated { get; init; }
    [JsonPropertyName("recoveryLevel")] public string? RecoveryLevel { get; init; }
    [JsonPropertyName("recoverableDays")] public int? RecoverableDays { get; init; }
}

/// <summary>What a PUT, PATCH or import sends.</summary>
internal sealed record WriteBody
{
    [JsonPropertyName("value")] public string? Value { get; init; }
    [JsonPropertyName("pwd")] public string? Password { get; init; }
    [JsonPropertyName("contentType")] public string? ContentType { get; init; }
    [JsonPropertyName("attributes")] public Attributes? Attributes { get; init; }
    [JsonPropertyName("tags")] public Dictionary<string, string>? Tags { get; init; }
    [JsonPropertyName("policy")] public CertificatePolicyBody? Policy { get; init; }
    [JsonPropertyName("preserveCertOrder")] public bool? PreserveCertOrder { get; init; }

    /// <summary>For a merge: certificates in base64 DER.</summary>
    [JsonPropertyName("x5c")] public List<string>? Chain { get; init; }

    [JsonPropertyName("cancellation_requested")] public bool? CancellationRequested { get; init; }

    public override string ToString() => "***";
}

/// <summary>What an answer about a secret or certificate holds; each call fills its part.</summary>
internal sealed record ItemBody
{
    [JsonPropertyName("value")] public string? Value { get; init; }
    [JsonPropertyName("id")] public required string Id { get; init; }
    [JsonPropertyName("contentType")] public string? ContentType { get; init; }
    [JsonPropertyName("kid")] public string? KeyId { get; init; }
    [JsonPropertyName("sid")] public string? SecretId { get; init; }
    [JsonPropertyName("x5t")] public string? Thumbprint { get; init; }
    [JsonPropertyName("cer")] public byte[]? Cer { get; init; }
    [JsonPropertyName("managed")] public bool? Managed { get; init; }
    [JsonPropertyName("attributes")] public Attributes? Attributes { get; init; }
    [JsonPropertyName("tags")] public Dictionary<string, string>? Tags { get; init; }
    [JsonPropertyName("policy")] public CertificatePolicyBody? Policy { get; init; }
    [JsonPropertyName("preserveCertOrder")] public bool? PreserveCertOrder { get; init; }
    [JsonPropertyName("pending")] public PendingLink? Pending { get; init; }
    [JsonPropertyName("recoveryId")] public string? RecoveryId { get; init; }
    [JsonPropertyName("deletedDate")] public long? DeletedDate { get; init; }
    [JsonPropertyName("scheduledPurgeDate")] public long? ScheduledPurgeDate { get; init; }

    public override string ToString() => Id;
}

internal sealed record PendingLink([property: JsonPropertyName("id")] string Id);

/// <summary>A certificate that is being made: its CSR waits for somebody's signature.</summary>
internal sealed record OperationBody
{
    [JsonPropertyName("id")] public required string Id { get; init; }
    [JsonPropertyName("issuer")] public required IssuerName Issuer { get; init; }
    [JsonPropertyName("csr")] public required byte[] Csr { get; init; }
    [JsonPropertyName("cancellation_requested")] public required bool CancellationRequested { get; init; }
    [JsonPropertyName("status")] public required string Status { get; init; }
    [JsonPropertyName("status_details")] public string? StatusDetails { get; init; }
    [JsonPropertyName("target")] public string? Target { get; init; }
    [JsonPropertyName("request_id")] public required string RequestId { get; init; }
}

internal sealed record IssuerName([property: JsonPropertyName("name")] string? Name);

internal sealed record PageBody([property: JsonPropertyName("value")] List<ItemBody> Value, [property: JsonPropertyName("nextLink")] string? NextLink);

internal sealed record CertificatePolicyBody
{
    [JsonPropertyName("id")] public string? Id { get; init; }
    [JsonPropertyName("key_props")] public KeyProperties? Key { get; init; }
    [JsonPropertyName("secret_props")] public SecretProperties? Secret { get; init; }
    [JsonPropertyName("x509_props")] public JsonElement? X509 { get; init; }
    [JsonPropertyName("lifetime_actions")] public JsonElement? LifetimeActions { get; init; }
    [JsonPropertyName("issuer")] public JsonElement? Issuer { get; init; }
    [JsonIgnore] public string? IssuerName => Issuer is { ValueKind: JsonValueKind.Object } issuer && issuer.TryGetProperty("name", out var name) ? name.ToString() : null;
    [JsonPropertyName("attributes")] public Attributes? Attributes { get; init; }
}

internal sealed record KeyProperties
{
    [JsonPropertyName("kty")] public string? KeyType { get; init; }
    [JsonPropertyName("key_size")] public int? SizeInBits { get; init; }
    [JsonPropertyName("crv")] public string? Curve { get; init; }
    [JsonPropertyName("reuse_key")] public bool? ReuseKey { get; init; }
    [JsonPropertyName("exportable")] public bool? Exportable { get; init; }
}

/// <summary><c>x509_props</c> of a policy, as far as a CSR is made from it.</summary>
internal sealed record Subject
{
    [JsonPropertyName("subject")] public string? Name { get; init; }
    [JsonPropertyName("sans")] public SubjectAlternativeNames? Names { get; init; }
    [JsonPropertyName("ekus")] public List<string>? EnhancedUsages { get; init; }
    [JsonPropertyName("key_usage")] public List<string>? Usages { get; init; }
    [JsonPropertyName("basic_constraints")] public BasicConstraints? BasicConstraints { get; init; }
    [JsonExtensionData] public Dictionary<string, JsonElement>? Others { get; set; }   // the serializer binds no init member here
}

internal sealed record SubjectAlternativeNames
{
    [JsonPropertyName("dns_names")] public List<string>? DnsNames { get; init; }
    [JsonPropertyName("emails")] public List<string>? Emails { get; init; }
    [JsonPropertyName("upns")] public List<string>? UserPrincipalNames { get; init; }
}

internal sealed record BasicConstraints([property: JsonPropertyName("ca")] bool? IsCa);

internal sealed record SecretProperties([property: JsonPropertyName("contentType")] string? ContentType);

internal sealed record ErrorBody([property: JsonPropertyName("error")] ErrorDetail Error);

internal sealed record ErrorDetail(
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("innererror")] InnerError? Inner);

internal sealed record InnerError([property: JsonPropertyName("code")] string Code);

internal sealed record TokenBody(
    [property: JsonPropertyName("access_token")] string AccessToken,
    [property: JsonPropertyName("expires_on")] string ExpiresOn,
    [property: JsonPropertyName("resource")] string Resource,
    [property: JsonPropertyName("token_type")] string TokenType);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WriteBody))]
[JsonSerializable(typeof(ItemBody))]
[JsonSerializable(typeof(PageBody))]
[JsonSerializable(typeof(OperationBody))]
[JsonSerializable(typeof(Subject))]
[JsonSerializable(typeof(Faults.VaultFault))]
[JsonSerializable(typeof(Identity.VaultIdentity[]))]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(TokenBody))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class WireJson : JsonSerializerContext;
