using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Acme;

namespace CertFunctions.Core.Tests.Acme;

/// <summary>Things that ACME tests need and are not about.</summary>
internal static class SomeAcme
{
    public static readonly Uri OrderUrl = new("https://ca.test/order/1");

    public static readonly AcmeNewOrder Wish = new([AcmeIdentifier.Dns("web.test")]);

    public const string Order = """
        {"status":"pending","expires":"2026-01-08T00:00:00.123456789Z","identifiers":[{"type":"dns","value":"web.test"}],
         "authorizations":["https://ca.test/authz/1"],"finalize":"https://ca.test/order/1/finalize"}
        """;

    public static AcmeIdentity Identity(AccountKey key) => new(key, new Uri("https://ca.test/account/7"));

    public static HttpResponseMessage NewOrder() => ScriptedCa.With(ScriptedCa.Json(Order, 201), "Location", OrderUrl.AbsoluteUri);

    /// <summary>A certificate that says it is issued by this name; whose signature it has does not matter here.</summary>
    public static byte[] IssuedBy(string issuer, Action<CertificateRequest>? more = null, byte[]? serial = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=leaf", key, HashAlgorithmName.SHA256);
        more?.Invoke(request);
        var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var x509 = request.Create(new X500DistinguishedName($"CN={issuer}"), X509SignatureGenerator.CreateForECDsa(key), at, at.AddDays(90), serial ?? [1, 2, 3]);
        return x509.RawData;
    }

    public static string Pem(params byte[][] ders) => string.Concat(ders.Select(der => PemEncoding.WriteString("CERTIFICATE", der) + "\n"));
}
