using CertFunctions.Core.Resources;
using CertFunctions.Core.Tests.Pki;
using CertFunctions.Core.Validation;

namespace CertFunctions.Core.Tests.Validation;

/// <summary>Every rule of a Certificate's spec beyond those in <see cref="RulesTests"/>: the field it names, and what it says.</summary>
public sealed class SpecRulesTests
{
    private static readonly CertificateSpec Valid = Issued.Spec(null, "web.example");
    private static readonly CertificateSpec Ca = Issued.Spec("ca") with { IsCA = true };

    public static TheoryData<string, CertificateSpec, string> Names => new()
    {
        { "empty DNS name", Valid with { DnsNames = ["a.example", ""] }, "spec.dnsNames[1]: Required value" },
        { "DNS name with a space", Valid with { DnsNames = ["a b"] }, "spec.dnsNames[0]: Invalid value: \"a b\": must be ASCII without spaces" },
        { "DNS name with a line feed, shown harmlessly", Valid with { DnsNames = ["a\nb"] }, "spec.dnsNames[0]: Invalid value: \"a\uFFFDb\": must be ASCII" },
        { "long DNS name, shown in part", Valid with { DnsNames = [new string('a', 300)] }, $"spec.dnsNames[0]: Invalid value: \"{new string('a', 256)}…\": must have at most 253 characters" },
        { "DNS name twice", Valid with { DnsNames = ["a.example", "b.example", "A.example"] }, "spec.dnsNames[2]: Duplicate value: \"A.example\"" },
        { "empty address", Valid with { IpAddresses = [""] }, "spec.ipAddresses[0]: Required value" },
        { "an address with a prefix", Valid with { IpAddresses = ["192.0.2.0/24"] }, "spec.ipAddresses[0]: Invalid value: \"192.0.2.0/24\": must be an IP address" },
        { "an address twice, spelled otherwise", Valid with { IpAddresses = ["192.0.2.1", "::ffff:192.0.2.1"] }, "spec.ipAddresses[1]: Duplicate value" },
        { "empty URI", Valid with { Uris = [""] }, "spec.uris[0]: Required value" },
        { "URI without a scheme", Valid with { Uris = ["urn:a:b", "trust.example/web"] }, "spec.uris[1]: Invalid value: \"trust.example/web\": must be an absolute URI" },
        { "URI with nothing behind the scheme", Valid with { Uris = ["spiffe:"] }, "spec.uris[0]: Invalid value" },
        { "URI with a scheme that starts with a digit", Valid with { Uris = ["1a:b"] }, "spec.uris[0]: Invalid value" },
        { "URI with a space", Valid with { Uris = ["https://a.example/b c"] }, "spec.uris[0]: Invalid value" },
        { "URI beyond ASCII", Valid with { Uris = ["https://köln.example/"] }, "spec.uris[0]: Invalid value" },
        { "URI with half an escape", Valid with { Uris = ["https://a.example/%4"] }, "spec.uris[0]: Invalid value" },
        { "URI with an angle bracket", Valid with { Uris = ["https://a.example/<b>"] }, "spec.uris[0]: Invalid value" },
        { "long URI", Valid with { Uris = ["https://a.example/" + new string('a', 2048)] }, "spec.uris[0]: Invalid value" },
        { "URI twice", Valid with { Uris = ["urn:a:b", "urn:a:b"] }, "spec.uris[1]: Duplicate value" },
        { "empty email address", Valid with { EmailAddresses = [""] }, "spec.emailAddresses[0]: Required value" },
        { "email address with a display name", Valid with { EmailAddresses = ["Ann <a@b.example>"] }, "spec.emailAddresses[0]: Invalid value: \"Ann <a@b.example>\": must be an email address alone" },
        { "email address without a host", Valid with { EmailAddresses = ["ann@"] }, "spec.emailAddresses[0]: Invalid value" },
        { "email address without a mailbox", Valid with { EmailAddresses = ["@b.example"] }, "spec.emailAddresses[0]: Invalid value" },
        { "email address that is a host", Valid with { EmailAddresses = ["b.example"] }, "spec.emailAddresses[0]: Invalid value" },
        { "email address with two dots", Valid with { EmailAddresses = ["a..b@b.example"] }, "spec.emailAddresses[0]: Invalid value" },
        { "email address in quotes", Valid with { EmailAddresses = ["\"a b\"@b.example"] }, "spec.emailAddresses[0]: Invalid value" },
        { "email address beyond ASCII", Valid with { EmailAddresses = ["jürgen@b.example"] }, "spec.emailAddresses[0]: Invalid value" },
        { "email address twice", Valid with { EmailAddresses = ["a@b.example", "a@b.example"] }, "spec.emailAddresses[1]: Duplicate value" },
        { "otherName without a type", Valid with { OtherNames = [new OtherName { Utf8Value = "u" }] }, "spec.otherNames[0].oid: Required value" },
        { "otherName with a name as its type", Valid with { OtherNames = [Other("upn", "u")] }, "spec.otherNames[0].oid: Invalid value: \"upn\": must be a dotted object identifier" },
        { "otherName with a type DER cannot hold", Valid with { OtherNames = [Other("3.1.2", "u")] }, "spec.otherNames[0].oid: Invalid value" },
        { "otherName without a value", Valid with { OtherNames = [Other("1.2.3", "u"), Other("1.2.3", "")] }, "spec.otherNames[1].utf8Value: Required value" },
        { "otherName with a NUL", Valid with { OtherNames = [Other("1.2.3", "a\0b")] }, "spec.otherNames[0].utf8Value: Invalid value: \"a\uFFFDb\": must hold no control characters" },
        { "otherName that is half a character", Valid with { OtherNames = [Other("1.2.3", "\ud800")] }, "spec.otherNames[0].utf8Value: Invalid value" },
        { "otherName twice", Valid with { OtherNames = [Other("1.2.3", "u"), Other("1.2.3", "u")] }, "spec.otherNames[1]: Duplicate value: \"1.2.3:u\"" },
        { "101 names of all kinds", Valid with { DnsNames = Many(50), Uris = [.. Enumerable.Range(0, 51).Select(i => $"urn:a:{i}")] }, "spec: Invalid value: \"101\": at most 100 names" },
        { "more bytes than fit", Valid with { Uris = [.. Enumerable.Range(0, 6).Select(i => $"urn:a:{i}{new string('x', 1900)}")] }, "spec: Invalid value: \"11453\": subject and names may have at most 10000 bytes in all" },
        { "10,000 names are answered by their number", Valid with { DnsNames = Many(10_000) }, "spec: Invalid value: \"10000\": at most 100 names" },
        { "only a literal subject without a CN", Valid with { DnsNames = null, LiteralSubject = "O=Us" }, "spec: Required value: at least one of commonName (or a CN in literalSubject), dnsNames, ipAddresses, uris, emailAddresses or otherNames" },
        { "only a subject", Valid with { DnsNames = null, Subject = new X509Subject { Organizations = ["Us"] } }, "spec: Required value: at least one of" },
    };

    public static TheoryData<string, CertificateSpec, string> Subjects => new()
    {
        { "CN with a tab", Valid with { CommonName = "a\tb" }, "spec.commonName: Invalid value: \"a\uFFFDb\": must hold no control characters" },
        { "empty organization", WithSubject(new X509Subject { Organizations = ["Us", ""] }), "spec.subject.organizations[1]: Required value" },
        { "country twice", WithSubject(new X509Subject { Countries = ["DE", "DE"] }), "spec.subject.countries[1]: Duplicate value: \"DE\"" },
        { "unit with a NUL", WithSubject(new X509Subject { OrganizationalUnits = ["a\0"] }), "spec.subject.organizationalUnits[0]: Invalid value" },
        { "long locality", WithSubject(new X509Subject { Localities = [new string('a', 257)] }), "spec.subject.localities[0]: Invalid value: \"" },
        { "17 provinces", WithSubject(new X509Subject { Provinces = Many(17) }), "spec.subject.provinces: Too many: 17: must have at most 16 items" },
        { "street beyond U+FFFF", WithSubject(new X509Subject { StreetAddresses = ["🏠"] }), "spec.subject.streetAddresses[0]: Invalid value" },
        { "empty postal code", WithSubject(new X509Subject { PostalCodes = [""] }), "spec.subject.postalCodes[0]: Required value" },
        { "serial number with a line feed", WithSubject(new X509Subject { SerialNumber = "7\n" }), "spec.subject.serialNumber: Invalid value: \"7\uFFFD\": must hold no control characters" },
        { "literal and CN", Valid with { LiteralSubject = "CN=a", CommonName = "a" }, "spec.commonName: Forbidden: may not be set together with literalSubject" },
        { "literal and subject", WithSubject(new X509Subject { SerialNumber = "7" }) with { LiteralSubject = "CN=a" }, "spec.subject: Forbidden: may not be set together with literalSubject" },
        { "a CA without a subject", Valid with { IsCA = true }, "spec.commonName: Required value: a CA needs a subject" },
        { "literal that cannot be read", Valid with { LiteralSubject = "CN" }, "spec.literalSubject: Invalid value: \"CN\": must be attributes of the form key=value" },
        { "the same, and no other name", Valid with { DnsNames = null, LiteralSubject = "CN" }, "spec.literalSubject: Invalid value: \"CN\"" },
        { "literal with a long CN", Valid with { LiteralSubject = "CN=" + new string('a', 65) }, $"spec.literalSubject: Invalid value: \"{new string('a', 65)}\": CN must have at most 64 bytes" },
    };

    public static TheoryData<string, CertificateSpec, string> Keys => new()
    {
        { "Ed25519, which Key Vault does not hold", WithKey("Ed25519", 0), "spec.privateKey.algorithm: Unsupported value: \"Ed25519\": supported values: \"RSA\", \"ECDSA\": Key Vault holds no Ed25519 keys; keep the key yourself and post a CertificateRequest" },
        { "an algorithm that nobody knows", WithKey("DSA", 0), "spec.privateKey.algorithm: Unsupported value: \"DSA\": supported values: \"RSA\", \"ECDSA\"" },
        { "RSA 8192, which cert-manager takes", WithKey("RSA", 8192), "spec.privateKey.size: Unsupported value: \"8192\": supported values: \"2048\", \"3072\", \"4096\": Key Vault holds RSA keys of these sizes only" },
        { "RSA 3000, which cert-manager takes", WithKey(null, 3000), "spec.privateKey.size: Unsupported value: \"3000\": supported values: \"2048\", \"3072\", \"4096\": Key Vault" },
        { "RSA 1024", WithKey("RSA", 1024), "spec.privateKey.size: Unsupported value: \"1024\"" },
        { "a negative size", WithKey("RSA", -1), "spec.privateKey.size: Unsupported value: \"-1\"" },
        { "ECDSA 224", WithKey("ECDSA", 224), "spec.privateKey.size: Unsupported value: \"224\": supported values: \"256\", \"384\", \"521\": Key Vault holds ECDSA keys" },
        { "a signature of the other family", Valid with { SignatureAlgorithm = "ECDSAWithSHA256" }, "spec.signatureAlgorithm: Unsupported value: \"ECDSAWithSHA256\": supported values: \"SHA256WithRSA\", \"SHA384WithRSA\", \"SHA512WithRSA\": these are what a key of the algorithm RSA makes" },
        { "and the other way round", WithKey("ECDSA", 256) with { SignatureAlgorithm = "SHA256WithRSA" }, "spec.signatureAlgorithm: Unsupported value: \"SHA256WithRSA\": supported values: \"ECDSAWithSHA256\"" },
        { "SHA-1", Valid with { SignatureAlgorithm = "SHA1WithRSA" }, "spec.signatureAlgorithm: Unsupported value" },
        { "Ed25519's signature with another key", Valid with { SignatureAlgorithm = "PureEd25519" }, "spec.signatureAlgorithm: Unsupported value" },
    };

    public static TheoryData<string, CertificateSpec, string> Renewals => new()
    {
        { "0 percent", Valid with { RenewBeforePercentage = 0 }, "spec.renewBeforePercentage: Invalid value: \"0\": must be 1 to 99" },
        { "100 percent", Valid with { RenewBeforePercentage = 100 }, "spec.renewBeforePercentage: Invalid value: \"100\": must be 1 to 99" },
        { "negative", Valid with { RenewBeforePercentage = -5 }, "spec.renewBeforePercentage: Invalid value: \"-5\"" },
        { "too little of a short lifetime", Valid with { Duration = TimeSpan.FromHours(1), RenewBeforePercentage = 8 }, "spec.renewBeforePercentage: Invalid value: \"8\": must come to at least 5m of the duration 1h0m0s" },
        { "unknown policy", WithRenewal(new Renewal { Policy = "Never" }), "spec.renewal.policy: Unsupported value: \"Never\": supported values: \"RenewBefore\", \"Disabled\"" },
        { "windows for no renewal", WithRenewal(new Renewal { Policy = "Disabled", Windows = [Window] }), "spec.renewal.windows: Forbidden: " },
        { "33 windows", WithRenewal(new Renewal { Windows = [.. Enumerable.Repeat(Window, 33)] }), "spec.renewal.windows: Too many: 33: must have at most 32 items" },
        { "a window of no length", WithRenewal(new Renewal { Windows = [Window, Window with { WindowDuration = TimeSpan.Zero }] }), "spec.renewal.windows[1].windowDuration: Invalid value: \"0s\": must be more than 0" },
        { "a time zone that nobody knows", WithRenewal(new Renewal { Windows = [Window with { Timezone = "Europe/Bielefeld" }] }), "spec.renewal.windows[0].timezone: Invalid value: \"Europe/Bielefeld\": must be the name of an IANA time zone" },
        { "a time zone that is a path", WithRenewal(new Renewal { Windows = [Window with { Timezone = "../../../etc/passwd" }] }), "spec.renewal.windows[0].timezone: Invalid value" },
        { "an absolute path", WithRenewal(new Renewal { Windows = [Window with { Timezone = "/etc/localtime" }] }), "spec.renewal.windows[0].timezone: Invalid value" },
        { "the machine's own time zone", WithRenewal(new Renewal { Windows = [Window with { Timezone = "Local" }] }), "spec.renewal.windows[0].timezone: Invalid value" },
        { "no cron", WithRenewal(new Renewal { Windows = [Window with { Cron = "" }] }), "spec.renewal.windows[0].cron: Required value" },
    };

    public static TheoryData<string, CertificateSpec, string> Constraints => new()
    {
        { "not a CA", Valid with { NameConstraints = Permit(new NameConstraintItem { DnsDomains = ["a.example"] }) }, "spec.nameConstraints: Forbidden: only a CA (isCA: true)" },
        { "neither permitted nor excluded", Ca with { NameConstraints = new NameConstraints { Critical = true } }, "spec.nameConstraints: Required value: permitted or excluded must name something" },
        { "nothing in it", Ca with { NameConstraints = Permit(new NameConstraintItem { DnsDomains = [] }) }, "spec.nameConstraints: Required value" },
        { "a wildcard", Ca with { NameConstraints = Permit(new NameConstraintItem { DnsDomains = ["*.a.example"] }) }, "spec.nameConstraints.permitted.dnsDomains[0]: Invalid value: \"*.a.example\": must be a domain" },
        { "an empty domain", Ca with { NameConstraints = Permit(new NameConstraintItem { DnsDomains = ["a.example", ""] }) }, "spec.nameConstraints.permitted.dnsDomains[1]: Required value" },
        { "an address without a prefix", Ca with { NameConstraints = Exclude(new NameConstraintItem { IpRanges = ["192.0.2.1"] }) }, "spec.nameConstraints.excluded.ipRanges[0]: Invalid value: \"192.0.2.1\": must be a range" },
        { "a prefix that is too long", Ca with { NameConstraints = Exclude(new NameConstraintItem { IpRanges = ["192.0.2.0/33"] }) }, "spec.nameConstraints.excluded.ipRanges[0]: Invalid value" },
        { "a prefix with a leading zero", Ca with { NameConstraints = Exclude(new NameConstraintItem { IpRanges = ["192.0.2.0/08"] }) }, "spec.nameConstraints.excluded.ipRanges[0]: Invalid value" },
        { "a negative prefix", Ca with { NameConstraints = Exclude(new NameConstraintItem { IpRanges = ["192.0.2.0/-8"] }) }, "spec.nameConstraints.excluded.ipRanges[0]: Invalid value" },
        { "a mailbox with a display name", Ca with { NameConstraints = Exclude(new NameConstraintItem { EmailAddresses = ["Ann <a@b.example>"] }) }, "spec.nameConstraints.excluded.emailAddresses[0]: Invalid value" },
        { "a URI where its host is meant", Ca with { NameConstraints = Permit(new NameConstraintItem { UriDomains = ["https://a.example"] }) }, "spec.nameConstraints.permitted.uriDomains[0]: Invalid value" },
        { "an address where a host is meant", Ca with { NameConstraints = Permit(new NameConstraintItem { UriDomains = ["192.0.2.1"] }) }, "spec.nameConstraints.permitted.uriDomains[0]: Invalid value" },
        { "101 constraints", Ca with { NameConstraints = Permit(new NameConstraintItem { DnsDomains = Many(101) }) }, "spec.nameConstraints: Too many: 101: must have at most 100 items" },
    };

    public static TheoryData<string, CertificateSpec, string> Outputs => new()
    {
        { "no history at all", Valid with { RevisionHistoryLimit = 0 }, "spec.revisionHistoryLimit: Invalid value: \"0\": must be at least 1" },
        { "label key", WithLabel("a b", "c"), "spec.secretTemplate.labels: Invalid value: \"a b\"" },
        { "label value", WithLabel("a", "b c"), "spec.secretTemplate.labels: Invalid value: \"b c\"" },
        { "annotation key", WithAnnotation("a b", "c"), "spec.secretTemplate.annotations: Invalid value: \"a b\"" },
        { "cert-manager's own annotation", WithAnnotation("cert-manager.io/issuer-name", "c"), "spec.secretTemplate.annotations[cert-manager.io/issuer-name]: Forbidden" },
        { "our own annotation", WithAnnotation("certfunctions.dev/adopt", "true"), "spec.secretTemplate.annotations[certfunctions.dev/adopt]: Forbidden" },
        { "our own label", WithLabel("certfunctions.dev/request-uid", "c"), "spec.secretTemplate.labels[certfunctions.dev/request-uid]: Forbidden" },
        { "a value longer than a tag's", WithAnnotation("a", new string('x', 257)), "spec.secretTemplate.annotations[a]: Invalid value: " },
        { "label and annotation of one name", Valid with { SecretTemplate = new SecretTemplate { Labels = Map("a"), Annotations = Map("a") } }, "spec.secretTemplate.annotations[a]: Duplicate value: \"a\"" },
        { "more than the tags left", Valid with { SecretTemplate = new SecretTemplate { Labels = Map("a", "b", "c", "d"), Annotations = Map("e", "f", "g") } }, "spec.secretTemplate: Invalid value: \"7\": labels and annotations become tags, of which Key Vault takes 15 and CertFunctions needs 10: at most 5 are left" },
        { "keystore without a password", Valid with { Keystores = new Keystores { Jks = new JksKeystore { Create = true } } }, "spec.keystores.jks.passwordSecretRef.name: Required value: or password must be set" },
        { "also when it is not made", Valid with { Keystores = new Keystores { Jks = new JksKeystore { Create = false } } }, "spec.keystores.jks.passwordSecretRef.name: Required value" },
        { "a reference without a name", Valid with { Keystores = new Keystores { Jks = new JksKeystore { Create = true, PasswordSecretRef = new SecretKeyRef { Key = "k" } } } }, "spec.keystores.jks.passwordSecretRef.name: Required value" },
        { "two passwords", Valid with { Keystores = new Keystores { Jks = new JksKeystore { Create = true, Password = "p", PasswordSecretRef = Reference } } }, "spec.keystores.jks: Forbidden: password and passwordSecretRef" },
        { "an empty password", Valid with { Keystores = new Keystores { Pkcs12 = new Pkcs12Keystore { Create = true, Password = "" } } }, "spec.keystores.pkcs12.password: Invalid value: \"\": must not be empty" },
        { "PKCS#12 without a password", Valid with { Keystores = new Keystores { Pkcs12 = new Pkcs12Keystore { Create = true } } }, "spec.keystores.pkcs12.passwordSecretRef.name: Required value" },
        { "unknown profile", Valid with { Keystores = new Keystores { Pkcs12 = new Pkcs12Keystore { Create = true, PasswordSecretRef = Reference, Profile = "Modern" } } }, "spec.keystores.pkcs12.profile: Unsupported value: \"Modern\": supported values: \"LegacyRC2\", \"LegacyDES\", \"Modern2023\", \"Modern2026\"" },
        { "unknown format", Valid with { AdditionalOutputFormats = [new AdditionalOutputFormat { Type = "PEM" }] }, "spec.additionalOutputFormats[0].type: Unsupported value: \"PEM\": supported values: \"DER\", \"CombinedPEM\"" },
        { "format twice", Valid with { AdditionalOutputFormats = [new AdditionalOutputFormat { Type = "DER" }, new AdditionalOutputFormat { Type = "DER" }] }, "spec.additionalOutputFormats[1].type: Duplicate value: \"DER\"" },
    };

    public static TheoryData<string, CertificateSpec> Accepted => new()
    {
        { "only a URI", Valid with { DnsNames = null, Uris = ["spiffe://trust.example/ns/a"] } },
        { "only an email address", Valid with { DnsNames = null, EmailAddresses = ["a.b+c@d.example"] } },
        { "only an otherName", Valid with { DnsNames = null, OtherNames = [Other("1.3.6.1.4.1.311.20.2.3", "u@d.example")] } },
        { "only a CN in a literal subject", Valid with { DnsNames = null, LiteralSubject = "CN=web,O=Us" } },
        { "a literal subject and empty members", Valid with { LiteralSubject = "O=Us", CommonName = "", Subject = new X509Subject { Organizations = [] } } },
        { "a wildcard and an underscore", Valid with { DnsNames = ["*.a.example", "_acme.a.example", "localhost"] } },
        { "the same text as name of two kinds", Valid with { CommonName = "web.example", DnsNames = ["web.example"] } },
        { "values of one member in two lists", WithSubject(new X509Subject { Organizations = ["Us"], OrganizationalUnits = ["Us"] }) },
        { "100 names", Valid with { DnsNames = Many(100) } },
        { "the default size spelled 0", WithKey("ECDSA", 0) },
        { "any hash of the key's family", WithKey("ECDSA", 256) with { SignatureAlgorithm = "ECDSAWithSHA512" } },
        { "usages left out of the CSR", Valid with { EncodeUsagesInRequest = false } },
        { "a percentage alone", Valid with { RenewBeforePercentage = 50 } },
        { "renewal windows", WithRenewal(new Renewal { Policy = "RenewBefore", Windows = [Window, Window with { Timezone = null, Cron = "@daily" }] }) },
        { "no renewal", WithRenewal(new Renewal { Policy = "Disabled", Windows = [] }) },
        { "every kind of name constraint", Ca with { NameConstraints = Exclude(new NameConstraintItem { DnsDomains = ["a.example", ".b.example"], IpRanges = ["10.0.0.0/8", "::/0"], EmailAddresses = ["a@b.example", "b.example", ".c.example"], UriDomains = [".d.example"] }) } },
        { "cert-manager's one open annotation", WithAnnotation("cert-manager.io/allow-direct-injection", "true") },
        { "five tags", Valid with { SecretTemplate = new SecretTemplate { Labels = Map("a", "b", "c"), Annotations = Map("d", "e") } } },
        { "both keystores", Valid with { Keystores = new Keystores { Jks = new JksKeystore { Create = true, Password = "p" }, Pkcs12 = new Pkcs12Keystore { Create = true, Profile = "Modern2026", PasswordSecretRef = Reference } } } },
        { "both formats", Valid with { AdditionalOutputFormats = [new AdditionalOutputFormat { Type = "DER" }, new AdditionalOutputFormat { Type = "CombinedPEM" }] } },
    };

    private static RenewalWindow Window => new() { Cron = "0 2 * * 6", WindowDuration = TimeSpan.FromHours(4), Timezone = "Europe/Berlin" };

    private static SecretKeyRef Reference => new() { Name = "password", Key = "value" };

    [Theory]
    [MemberData(nameof(Names))]
    [MemberData(nameof(Subjects))]
    [MemberData(nameof(Keys))]
    [MemberData(nameof(Renewals))]
    [MemberData(nameof(Constraints))]
    [MemberData(nameof(Outputs))]
    public void Names_the_field_and_what_it_must_be(string because, CertificateSpec spec, string expected)
    {
        var violation = Assert.Single(Check(spec));

        Assert.True($"{violation.Field}: {violation.Message}".StartsWith(expected, StringComparison.Ordinal), $"{because}: {violation}");
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Accepts(string because, CertificateSpec spec) => Assert.True(!Check(spec).Any(), $"{because}: {string.Join("; ", Check(spec))}");

    [Fact]
    public void Renewal_is_told_one_way() => Assert.Equal(
        ["spec.renewBefore", "spec.renewBeforePercentage"],
        Check(Valid with { RenewBefore = TimeSpan.FromHours(1), RenewBeforePercentage = 10 }).Select(each => each.Field));

    [Fact]
    public void Every_field_that_is_wrong_is_named_in_one_answer()
    {
        var spec = new CertificateSpec
        {
            SecretName = "", IssuerRef = new IssuerRef { Name = "" }, CommonName = new string('a', 65), Subject = new X509Subject { Countries = [""] },
            DnsNames = ["", "a b"], IpAddresses = ["x"], Uris = ["x"], EmailAddresses = ["x"], OtherNames = [new OtherName()],
            Duration = TimeSpan.FromMinutes(1), RenewBeforePercentage = 0, Renewal = new Renewal { Policy = "x" }, Usages = ["x"],
            PrivateKey = new PrivateKeySpec { Size = 1, Encoding = "x", RotationPolicy = "x" }, SignatureAlgorithm = "x",
            NameConstraints = new NameConstraints(), RevisionHistoryLimit = 0, SecretTemplate = new SecretTemplate { Labels = Map(" ") },
            Keystores = new Keystores { Jks = new JksKeystore { Create = true }, Pkcs12 = new Pkcs12Keystore { Create = true, Password = "p", Profile = "x" } },
            AdditionalOutputFormats = [new AdditionalOutputFormat { Type = "x" }],
        };

        Assert.Equal(
        [
            "spec.secretName", "spec.issuerRef.name", "spec.commonName", "spec.subject.countries[0]", "spec.dnsNames[0]", "spec.dnsNames[1]", "spec.ipAddresses[0]",
            "spec.uris[0]", "spec.emailAddresses[0]", "spec.otherNames[0].oid", "spec.otherNames[0].utf8Value", "spec.duration", "spec.renewBeforePercentage",
            "spec.renewal.policy", "spec.usages[0]", "spec.privateKey.size", "spec.signatureAlgorithm", "spec.privateKey.encoding", "spec.privateKey.rotationPolicy",
            "spec.nameConstraints", "spec.nameConstraints", "spec.revisionHistoryLimit", "spec.secretTemplate.labels", "spec.keystores.jks.passwordSecretRef.name",
            "spec.keystores.pkcs12.profile", "spec.additionalOutputFormats[0].type",
        ],
        Check(spec).Select(each => each.Field));
    }

    private static IEnumerable<Violation> Check(CertificateSpec spec) =>
        CertificateRules.Check(new Certificate { Metadata = new ObjectMeta { Name = "web", Namespace = "default" }, Spec = spec });

    private static CertificateSpec WithSubject(X509Subject subject) => Valid with { Subject = subject };

    private static CertificateSpec WithKey(string? algorithm, int size) => Valid with { PrivateKey = new PrivateKeySpec { Algorithm = algorithm, Size = size } };

    private static CertificateSpec WithRenewal(Renewal renewal) => Valid with { Renewal = renewal };

    private static CertificateSpec WithLabel(string key, string value) => Valid with { SecretTemplate = new SecretTemplate { Labels = ValueMap.Empty.With(key, value) } };

    private static CertificateSpec WithAnnotation(string key, string value) => Valid with { SecretTemplate = new SecretTemplate { Annotations = ValueMap.Empty.With(key, value) } };

    private static NameConstraints Permit(NameConstraintItem item) => new() { Permitted = item };

    private static NameConstraints Exclude(NameConstraintItem item) => new() { Excluded = item };

    private static ValueMap Map(params string[] keys) => ValueMap.From(keys.Select(key => KeyValuePair.Create(key, "x")));

    private static OtherName Other(string oid, string value) => new() { Oid = oid, Utf8Value = value };

    private static ValueList<string> Many(int count) => Enumerable.Range(0, count).Select(i => $"n{i}.example").ToValueList();
}
