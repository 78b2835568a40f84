using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace CertFunctions.AwkwardCa;

/// <summary>A request whose signature and nonce are good.</summary>
/// <param name="Account">Null: it was signed by a key (<c>jwk</c>).</param>
/// <param name="Path">Split by the slash, without the resource.</param>
internal sealed record AcmeRequest(Jws Jws, CaAccount? Account, JsonObject Jwk, string Url, IReadOnlyList<string> Path, AcmeCall Call)
{
    public CaAccount Signer => Account ?? throw new Refused(Boulder.Malformed("Unable to validate JWS :: No Key ID in JWS header"));
}

/// <summary>What is sent back.</summary>
internal sealed record AcmeReply(int Status, JsonNode? Json)
{
    public byte[]? Body { get; init; }

    public string ContentType { get; init; } = "application/json";

    /// <summary>Sent in chunks, without <c>Content-Length</c>.</summary>
    public bool HidesLength { get; init; }

    public string? Location { get; init; }

    public string? RetryAfter { get; init; }

    public IReadOnlyList<string> Links { get; init; } = [];

    public byte[] Bytes => Body ?? (Json is null ? [] : Encoding.UTF8.GetBytes(Json.ToJsonString()));

    public static AcmeReply Of(AcmeFault fault) => new(fault.Status, fault.ToJson()) { ContentType = "application/problem+json", RetryAfter = fault.RetryAfter };

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

/// <summary>Where everything is.</summary>
internal sealed class Urls(string root)
{
    public string Root => root;

    public string Account(CaAccount account) => $"{root}/acme/acct/{account.Id}";

    public string Order(CaOrder order) => $"{root}/acme/order/{order.Account.Id}/{order.Id}";

    public string Finalize(CaOrder order) => $"{root}/acme/finalize/{order.Account.Id}/{order.Id}";

    public string Authorization(CaAuthorization authorization) => $"{root}/acme/authz/{authorization.Account.Id}/{authorization.Id}";

    public string Challenge(CaAuthorization authorization, CaChallenge challenge) => $"{root}/acme/chall/{authorization.Account.Id}/{authorization.Id}/{challenge.Type}";

    public string Certificate(IssuedCertificate certificate) => $"{root}/acme/cert/{certificate.Serial}";
}
