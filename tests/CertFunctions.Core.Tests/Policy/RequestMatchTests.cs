using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Tests.Pki;

namespace CertFunctions.Core.Tests.Policy;

/// <summary>Which changes of a spec re-issue: those that the request of the current revision does not cover any more.</summary>
public sealed class RequestMatchTests
{
    private static readonly CertificateSpec Asked = Issued.Spec("web", "a.example", "b.example") with
    {
        IpAddresses = ["192.0.2.1", "2001:db8::1"],
        Uris = ["urn:a:1", "urn:a:2"],
        EmailAddresses = ["a@b.example", "b@b.example"],
        OtherNames = [Other("1.2.3", "x"), Other("1.2.3", "y")],
        Subject = new X509Subject
        {
            Organizations = ["Us", "Them"], Countries = ["DE"], OrganizationalUnits = ["Web"], Localities = ["Köln"], Provinces = ["NRW"],
            StreetAddresses = ["Am Dom 1"], PostalCodes = ["50667"], SerialNumber = "7",
        },
        Duration = TimeSpan.FromDays(30),
        Usages = ["digital signature", "server auth"],
    };

    private static readonly CertificateSpec Literal = Issued.Spec(null, "a.example") with { LiteralSubject = "CN=web,OU=a,DC=x" };

    public static TheoryData<string, CertificateSpec, string> Changes => new()
    {
        { "nothing changed", Asked, "" },
        { "order of lists does not count", Asked with { DnsNames = ["b.example", "a.example"], Uris = ["urn:a:2", "urn:a:1"], Usages = ["server auth", "digital signature"] }, "" },
        { "nor inside the subject", With(Asked.Subject! with { Organizations = ["Them", "Us"] }), "" },
        { "an address may be spelled otherwise", Asked with { IpAddresses = ["::ffff:192.0.2.1", "2001:DB8:0:0::1"] }, "" },
        { "commonName", Asked with { CommonName = "other" }, "spec.commonName" },
        { "commonName taken away", Asked with { CommonName = null }, "spec.commonName" },
        { "a DNS name more", Asked with { DnsNames = ["a.example", "b.example", "c.example"] }, "spec.dnsNames" },
        { "a DNS name in another case", Asked with { DnsNames = ["A.example", "b.example"] }, "spec.dnsNames" },
        { "an address less", Asked with { IpAddresses = ["192.0.2.1"] }, "spec.ipAddresses" },
        { "another uri", Asked with { Uris = ["urn:a:1", "urn:a:3"] }, "spec.uris" },
        { "no uris", Asked with { Uris = null }, "spec.uris" },
        { "another email address", Asked with { EmailAddresses = ["a@b.example", "c@b.example"] }, "spec.emailAddresses" },
        { "another value of an otherName", Asked with { OtherNames = [Other("1.2.3", "x"), Other("1.2.3", "z")] }, "spec.otherNames" },
        { "another type of an otherName", Asked with { OtherNames = [Other("1.2.3", "x"), Other("1.2.4", "y")] }, "spec.otherNames" },
        { "an empty list of otherNames asks for none", Asked with { OtherNames = [] }, "spec.otherNames" },
        { "no list of otherNames asks for nothing (as in cert-manager)", Asked with { OtherNames = null }, "" },
        { "organizations", With(Asked.Subject! with { Organizations = ["Us"] }), "spec.subject.organizations" },
        { "countries", With(Asked.Subject! with { Countries = ["FR"] }), "spec.subject.countries" },
        { "organizationalUnits", With(Asked.Subject! with { OrganizationalUnits = null }), "spec.subject.organizationalUnits" },
        { "localities", With(Asked.Subject! with { Localities = ["Bonn"] }), "spec.subject.localities" },
        { "provinces", With(Asked.Subject! with { Provinces = ["RP"] }), "spec.subject.provinces" },
        { "streetAddresses", With(Asked.Subject! with { StreetAddresses = ["Am Dom 2"] }), "spec.subject.streetAddresses" },
        { "postalCodes", With(Asked.Subject! with { PostalCodes = ["50668"] }), "spec.subject.postalCodes" },
        { "serialNumber", With(Asked.Subject! with { SerialNumber = "8" }), "spec.subject.serialNumber" },
        { "the whole subject gone", Asked with { CommonName = null, Subject = new X509Subject { Countries = ["DE"] } },
            "spec.commonName spec.subject.organizations spec.subject.organizationalUnits spec.subject.localities spec.subject.provinces spec.subject.streetAddresses spec.subject.postalCodes spec.subject.serialNumber" },
        { "a literal subject instead", Asked with { CommonName = null, Subject = null, LiteralSubject = "CN=web" }, "spec.literalSubject" },
        { "isCA", Asked with { IsCA = true }, "spec.isCA" },
        { "usages", Asked with { Usages = ["server auth"] }, "spec.usages" },
        { "duration", Asked with { Duration = TimeSpan.FromDays(60) }, "spec.duration" },
        { "duration taken away", Asked with { Duration = null }, "" },
        { "issuerRef", Asked with { IssuerRef = new IssuerRef { Name = "other" } }, "spec.issuerRef" },
        { "issuerRef with its defaults spelled out", Asked with { IssuerRef = new IssuerRef { Name = "ca", Kind = "Issuer", Group = "cert-manager.io" } }, "" },
        { "renewBefore", Asked with { RenewBefore = TimeSpan.FromHours(1) }, "" },
        { "renewBeforePercentage", Asked with { RenewBeforePercentage = 50 }, "" },
        { "renewal", Asked with { Renewal = new Renewal { Policy = "Disabled" } }, "" },
        { "secretTemplate", Asked with { SecretTemplate = new SecretTemplate { Labels = ValueMap.Empty.With("a", "b") } }, "" },
        { "keystores", Asked with { Keystores = new Keystores { Jks = new JksKeystore { Create = true, Password = "x" } } }, "" },
        { "additionalOutputFormats", Asked with { AdditionalOutputFormats = [new AdditionalOutputFormat { Type = "DER" }] }, "" },
        { "revisionHistoryLimit", Asked with { RevisionHistoryLimit = 3 }, "" },
        { "encoding and rotationPolicy", Asked with { PrivateKey = new PrivateKeySpec { Encoding = "PKCS8", RotationPolicy = "Never" } }, "" },
        { "signatureAlgorithm", Asked with { SignatureAlgorithm = "ECDSAWithSHA512" }, "" },
        { "encodeUsagesInRequest", Asked with { EncodeUsagesInRequest = false }, "" },
        { "nameConstraints", Asked with { NameConstraints = new NameConstraints { Permitted = new NameConstraintItem { DnsDomains = ["x"] } } }, "" },
        { "several at once, all named", Asked with { DnsNames = null, Uris = null, Duration = TimeSpan.FromDays(1) }, "spec.dnsNames spec.uris spec.duration" },
    };

    public static TheoryData<string, CertificateSpec, string> LiteralChanges => new()
    {
        { "nothing changed", Literal, "" },
        { "spelled otherwise, the same name", Literal with { LiteralSubject = @"CN = w\65b; OU=a , DC=x" }, "" },
        { "another value", Literal with { LiteralSubject = "CN=web,OU=b,DC=x" }, "spec.literalSubject" },
        { "another order", Literal with { LiteralSubject = "OU=a,CN=web,DC=x" }, "spec.literalSubject" },
        { "one RDN of two", Literal with { LiteralSubject = "CN=web+OU=a,DC=x" }, "spec.literalSubject" },
        { "the same in members, without what they cannot say", Issued.Spec("web", "a.example") with { Subject = new X509Subject { OrganizationalUnits = ["a"] } }, "spec.literalSubject" },
        { "less in members", Issued.Spec("web", "a.example"), "spec.subject.organizationalUnits" },
    };

    public static TheoryData<string, CertificateSpec, string> LeafRows => new()
    {
        { "as issued", Leaf, "" },
        { "a CN may have become a DNS name", Leaf with { CommonName = null, DnsNames = ["a.example", "web"] }, "" },
        { "and the other way round", Leaf with { CommonName = "a.example", DnsNames = ["web", "a.example"] }, "" },
        { "a CN that is nowhere", Leaf with { CommonName = "other" }, "spec.commonName" },
        { "a DNS name that is nowhere", Leaf with { DnsNames = ["a.example", "c.example"] }, "spec.dnsNames" },
        { "a DNS name nobody asked for any more", Leaf with { DnsNames = [] }, "spec.dnsNames" },
        { "an address", Leaf with { IpAddresses = [] }, "spec.ipAddresses" },
        { "a uri", Leaf with { Uris = ["urn:a:2"] }, "spec.uris" },
        { "an email address", Leaf with { EmailAddresses = ["b@b.example"] }, "spec.emailAddresses" },
        { "a literal subject with the same CN", Leaf with { CommonName = null, LiteralSubject = "CN=web,O=Us" }, "" },
        { "a literal subject with another CN", Leaf with { CommonName = null, LiteralSubject = "CN=other" }, "spec.literalSubject" },
        { "usages, isCA, subject and duration are not looked at", Leaf with { Usages = ["any"], IsCA = true, Subject = new X509Subject { Countries = ["DE"] }, Duration = TimeSpan.FromHours(9) }, "" },
    };

    private static CertificateSpec Leaf => Issued.Spec("web", "a.example") with
    {
        IpAddresses = ["::ffff:192.0.2.1"], Uris = ["urn:a:1"], EmailAddresses = ["a@b.example"],
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Names_the_fields_that_a_request_does_not_cover(string because, CertificateSpec changed, string fields) =>
        Assert.Equal((because, fields), (because, string.Join(' ', RequestMatch.Differences(RequestFor(Asked), changed))));

    [Theory]
    [MemberData(nameof(LiteralChanges))]
    public void Compares_a_literal_subject_octet_by_octet(string because, CertificateSpec changed, string fields) =>
        Assert.Equal((because, fields), (because, string.Join(' ', RequestMatch.Differences(RequestFor(Literal), changed))));

    [Theory]
    [MemberData(nameof(LeafRows))]
    public void Without_a_request_the_leaf_is_compared_laxly(string because, CertificateSpec changed, string fields)
    {
        using var key = Issued.Key();
        var leaf = X509Facts.Read(SelfSigner.Sign(Issued.Csr(Leaf, key), key, Issued.Terms()));

        Assert.Equal((because, fields), (because, string.Join(' ', RequestMatch.Differences(leaf, changed))));
    }

    [Fact]
    public void A_CSR_that_cannot_be_read_differs_in_nothing_of_its_own() =>
        Assert.Empty(RequestMatch.Differences(RequestFor(Asked) with { Csr = null }, Asked with { DnsNames = ["z.example"], Subject = null }));

    private static AttemptFacts RequestFor(CertificateSpec spec)
    {
        using var key = Issued.Key();
        return new AttemptFacts(
            "web-1", "uid", CertificateUid: "owner", Generation: 1, PrivateKeyVersion: null, spec.IssuerRef, spec.Duration, spec.IsCA ?? false, spec.Usages,
            CsrSummary.Of(Issued.Csr(spec, key)), State: "Issued", Message: null);
    }

    private static CertificateSpec With(X509Subject subject) => Asked with { Subject = subject };

    private static OtherName Other(string oid, string value) => new() { Oid = oid, Utf8Value = value };
}
