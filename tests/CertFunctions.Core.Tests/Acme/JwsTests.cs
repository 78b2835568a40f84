using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CertFunctions.Core.Acme;

namespace CertFunctions.Core.Tests.Acme;

/// <summary>Signed messages, checked by .NET's own verification and by recomputation.</summary>
public sealed class JwsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Keys => new()
    {
        // because    key      algorithm
        { "RFC 8555", "P-256", "ES256" },
        { "RFC 8555", "P-384", "ES384" },
        { "RFC 8555", "RSA",   "RS256" },
    };

    [Theory, MemberData(nameof(Keys))]
    public async Task A_request_of_an_account_names_it_and_verifies_with_its_key(string because, string kind, string algorithm)
    {
        using var theirs = Make(kind);
        using var key = AccountKey.FromPem(theirs.ExportPkcs8PrivateKeyPem());
        var ca = new ScriptedCa { Answer = asked => asked.Method == "POST" ? SomeAcme.NewOrder() : null };

        await ca.Client.NewOrderAsync(SomeAcme.Identity(key), SomeAcme.Wish, Cancel);

        var sent = Assert.Single(ca.Posts);
        Assert.Equal("application/jose+json", sent.ContentType);
        Assert.Equal(["alg", "kid", "nonce", "url"], sent.Header.Select(each => each.Key));
        Assert.Equal((algorithm, "https://ca.test/account/7", "https://ca.test/order"), ((string?)sent.Header["alg"], (string?)sent.Header["kid"], (string?)sent.Header["url"]));
        Assert.True(Verifies(theirs, sent.Jws), because);
    }

    [Theory, MemberData(nameof(Keys))]
    public async Task A_request_for_an_account_brings_the_key_itself(string because, string kind, string algorithm)
    {
        using var theirs = Make(kind);
        using var key = AccountKey.FromPem(theirs.ExportPkcs8PrivateKeyPem());
        var ca = new ScriptedCa();

        await ca.Client.FindAccountAsync(key, Cancel);

        var sent = Assert.Single(ca.Posts);
        Assert.Equal(["alg", "jwk", "nonce", "url"], sent.Header.Select(each => each.Key));
        Assert.Equal(algorithm, (string?)sent.Header["alg"]);
        Assert.Equal("""{"onlyReturnExisting":true}""", sent.Payload.ToJsonString());
        using var published = Read(sent.Header["jwk"]!);
        Assert.True(Verifies(published, sent.Jws), because);
    }

    [Fact]
    public async Task POST_as_GET_has_an_empty_payload()
    {
        using var key = AccountKey.Generate();
        var ca = new ScriptedCa();

        await ca.Client.GetOrderAsync(SomeAcme.Identity(key), SomeAcme.OrderUrl, Cancel);

        Assert.Equal("", (string?)Assert.Single(ca.Posts).Jws["payload"]);
    }

    public static TheoryData<string, string> MacAlgorithms => new()
    {
        // because            algorithm
        { "what all CAs use", "HS256" },
        { "RFC 7518 §3.2",    "HS384" },
        { "RFC 7518 §3.2",    "HS512" },
    };

    [Theory, MemberData(nameof(MacAlgorithms))]
    public async Task An_external_account_vouches_for_the_key_by_its_MAC(string because, string algorithm)
    {
        using var key = AccountKey.Generate();
        var secret = RandomNumberGenerator.GetBytes(32);
        var ca = new ScriptedCa();

        await ca.Client.NewAccountAsync(key, ["mailto:a@b.test"], ExternalAccountKey.Parse("kid-1", Base64Url.EncodeToString(secret), algorithm), Cancel);

        var sent = Assert.Single(ca.Posts);
        var binding = sent.Payload["externalAccountBinding"]!;
        Assert.Equal($$"""{"alg":"{{algorithm}}","kid":"kid-1","url":"https://ca.test/account"}""", Asked.Part(binding, "protected").ToJsonString());
        Assert.True(JsonNode.DeepEquals(sent.Header["jwk"], Asked.Part(binding, "payload")));
        var signed = Asked.Signed(binding);
        var mac = algorithm switch { "HS256" => HMACSHA256.HashData(secret, signed), "HS384" => HMACSHA384.HashData(secret, signed), _ => HMACSHA512.HashData(secret, signed) };
        Assert.True(mac.AsSpan().SequenceEqual(Asked.Signature(binding)), because);
    }

    [Fact]
    public async Task A_roll_over_is_signed_by_the_new_key_within_and_by_the_old_one_around()
    {
        using var oldKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var newKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var old = AccountKey.FromPem(oldKey.ExportPkcs8PrivateKeyPem());
        using var next = AccountKey.FromPem(newKey.ExportPkcs8PrivateKeyPem());
        var ca = new ScriptedCa { More = ""","keyChange":"https://ca.test/key-change" """ };

        await ca.Client.ChangeKeyAsync(SomeAcme.Identity(old), next, Cancel);

        var sent = Assert.Single(ca.Posts);
        var inner = sent.Payload;
        var header = Asked.Part(inner, "protected");
        Assert.True(Verifies(oldKey, sent.Jws));
        Assert.True(Verifies(newKey, inner));
        Assert.Equal(["alg", "jwk", "url"], header.Select(each => each.Key));
        Assert.Equal("https://ca.test/key-change", (string?)header["url"]);
        Assert.Equal("https://ca.test/account/7", (string?)Asked.Part(inner, "payload")["account"]);
        using var named = Read(Asked.Part(inner, "payload")["oldKey"]!);
        Assert.Equal(oldKey.ExportSubjectPublicKeyInfo(), named.ExportSubjectPublicKeyInfo());
    }

    private static AsymmetricAlgorithm Make(string kind) => kind switch
    {
        "RSA" => RSA.Create(2048),
        "P-384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        _ => ECDsa.Create(ECCurve.NamedCurves.nistP256),
    };

    private static bool Verifies(AsymmetricAlgorithm key, JsonNode jws) => key switch
    {
        RSA rsa => rsa.VerifyData(Asked.Signed(jws), Asked.Signature(jws), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        ECDsa ec => ec.VerifyData(Asked.Signed(jws), Asked.Signature(jws), ec.KeySize == 256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384),
        _ => false,
    };

    private static AsymmetricAlgorithm Read(JsonNode jwk)
    {
        if ((string?)jwk["kty"] == "RSA") { return RSA.Create(new RSAParameters { Modulus = Octets("n"), Exponent = Octets("e") }); }

        var curve = (string?)jwk["crv"] == "P-384" ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP256;
        return ECDsa.Create(new ECParameters { Curve = curve, Q = new ECPoint { X = Octets("x"), Y = Octets("y") } });

        byte[] Octets(string name) => Base64Url.DecodeFromChars((string)jwk[name]!);
    }
}
