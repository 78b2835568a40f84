using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertFunctions.AwkwardCa;

/// <summary>The keys that sign: two roots, two intermediates that take turns below the first, and the first root crossed by the second.</summary>
public sealed class Authority : IDisposable
{
    public const string RootName = "Awkward Root A";
    public const string OtherRootName = "Awkward Root B";

    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _otherRootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa[] _keys = [ECDsa.Create(ECCurve.NamedCurves.nistP256), ECDsa.Create(ECCurve.NamedCurves.nistP256)];
    private readonly X509Certificate2[] _intermediates;
    private int _issued;

    internal Authority()
    {
        Root = SelfSigned(RootName, _rootKey);
        OtherRoot = SelfSigned(OtherRootName, _otherRootKey);
        Cross = Signed($"CN={RootName}", _rootKey, OtherRoot, _otherRootKey);
        _intermediates = [Signed("CN=Awkward E1,O=Awkward", _keys[0], Root, _rootKey), Signed("CN=Awkward E2,O=Awkward", _keys[1], Root, _rootKey)];
        using var strayKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Stray = SelfSigned("Awkward Stray", strayKey);
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2 OtherRoot { get; }

    /// <summary>The first root's key and name, signed by the second root.</summary>
    public X509Certificate2 Cross { get; }

    /// <summary>Belongs to no chain.</summary>
    public X509Certificate2 Stray { get; }

    /// <summary>The first root: what a certificate by the default chain ends in.</summary>
    public string RootPem => Root.ExportCertificatePem();

    public IReadOnlyList<X509Certificate2> Intermediates => _intermediates;

    internal X509Certificate2 Intermediate(int index) => _intermediates[index];

    /// <summary>Signs by the intermediate whose turn it is.</summary>
    internal (X509Certificate2 Leaf, int Intermediate) Sign(CertificateRequest request, DateTimeOffset notBefore, DateTimeOffset notAfter, byte[] serial)
    {
        var index = Interlocked.Increment(ref _issued) % 2;
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_intermediates[index], includeKeyIdentifier: true, includeIssuerAndSerial: false));
        return (request.Create(_intermediates[index].SubjectName, X509SignatureGenerator.CreateForECDsa(_keys[index]), notBefore, notAfter, serial), index);
    }

    /// <summary>For the server itself: another CA, good in any year that a test plays in.</summary>
    internal static (X509Certificate2 Ca, X509Certificate2 Server) ForApi()
    {
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var ca = SelfSigned("Awkward API CA", caKey);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        names.AddIpAddress(System.Net.IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using var bare = request.Create(ca.SubjectName, X509SignatureGenerator.CreateForECDsa(caKey), Begin.AddDays(1), End.AddDays(-1), [2]);
        using var whole = bare.CopyWithPrivateKey(key);
        return (ca, X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pfx), password: null));   // Kestrel wants a key that is in a store
    }

    public void Dispose()
    {
        _rootKey.Dispose();
        _otherRootKey.Dispose();
        foreach (var key in _keys) { key.Dispose(); }
        foreach (var certificate in (X509Certificate2[])[Root, OtherRoot, Cross, Stray, .. _intermediates]) { certificate.Dispose(); }
    }

    private static DateTimeOffset Begin { get; } = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static DateTimeOffset End { get; } = new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static X509Certificate2 SelfSigned(string name, ECDsa key) => Ca($"CN={name}", key).CreateSelfSigned(Begin, End);

    private static X509Certificate2 Signed(string name, ECDsa key, X509Certificate2 issuer, ECDsa issuerKey)
    {
        var request = Ca(name, key);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        return request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuerKey), Begin.AddDays(1), End.AddDays(-1), [1, .. RandomNumberGenerator.GetBytes(8)]);
    }

    private static CertificateRequest Ca(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    /// <summary>A made-up list of signed certificate timestamps (RFC 6962): clients must not mind it.</summary>
    internal static X509Extension Timestamps()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString([0, 0]);
        return new X509Extension("1.3.6.1.4.1.11129.2.4.2", writer.Encode(), critical: false);
    }
}
