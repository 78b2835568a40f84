using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Tests.Pki;
using CertFunctions.Core.Validation;

namespace CertFunctions.Core.Tests.Validation;

/// <summary>What a CSR and the request that brings it must agree on, so that what is approved is what is signed.</summary>
public sealed class CertificateRequestRulesTests
{
    private static readonly string[] None = [];

    public static TheoryData<string, string[], bool, string[], string[]> Pairs => new()
    {
        // because                                       CSR extensions                                                        isCA   usages                         violations
        { "a CSR without extensions takes all",          None,                                                                 false, ["server auth"],               None },
        { "also a CA's",                                 None,                                                                 true,  None,                          None },
        { "the defaults on both sides",                  ["keyUsage=digitalSignature,keyEncipherment"],                        false, None,                          None },
        { "the same usages on both sides",               ["extendedKeyUsage=serverAuth,clientAuth"],                           false, ["server auth", "client auth"], None },
        { "another order",                               ["extendedKeyUsage=serverAuth,clientAuth"],                           false, ["client auth", "server auth"], ["its extended key usages are"] },
        { "usages only in the CSR",                      ["keyUsage=digitalSignature", "extendedKeyUsage=serverAuth"],         false, None,                          ["its key usage is [digital signature], but [digital signature, key encipherment] follows from the default usages", "its extended key usages are"] },
        { "a key usage alone speaks for both",           ["keyUsage=digitalSignature"],                                        false, ["digital signature", "server auth"], ["its extended key usages are []"] },
        { "isCA brings cert sign along",                 ["keyUsage=digitalSignature,keyEncipherment,keyCertSign"],            true,  None,                          None },
        { "cert sign in the CSR but no CA",              ["keyUsage=digitalSignature,keyEncipherment,keyCertSign"],            false, None,                          ["its key usage is [cert sign, digital signature, key encipherment]"] },
        { "both say CA",                                 ["basicConstraints=CA:TRUE"],                                         true,  None,                          None },
        { "the CSR says CA",                             ["basicConstraints=CA:TRUE"],                                         false, None,                          ["its basicConstraints say CA:TRUE, but spec.isCA is false"] },
        { "the CSR says leaf",                           ["basicConstraints=critical,CA:FALSE"],                               true,  None,                          ["its basicConstraints say CA:FALSE, but spec.isCA is true"] },
        { "constraints are a CA's",                      ["nameConstraints=critical,permitted;DNS:example.com"],               true,  None,                          None },
        { "not a leaf's",                                ["nameConstraints=critical,permitted;DNS:example.com"],               false, None,                          ["holds name constraints"] },
        { "a usage that only a CA has",                  None,                                                                 false, ["cert sign"],                 ["\"cert sign\": is for CA certificates only"] },
        { "what nobody knows is left out",               ["tlsfeature=status_request", "1.2.3.4=critical,ASN1:NULL"],          false, None,                          None },
        { "everything at once",                          ["basicConstraints=CA:TRUE", "nameConstraints=permitted;DNS:a", "keyUsage=cRLSign"], false, ["tea"],          ["\"tea\"", "its basicConstraints", "holds name constraints", "its key usage"] },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_CSR_and_its_request_must_agree(string because, string[] extensions, bool isCA, string[] usages, string[] expected)
    {
        var csr = await ForeignCsr.WithAsync("/CN=web", extensions);

        var violations = Check(csr, spec => spec with { IsCA = isCA, Usages = usages.Length == 0 ? null : usages.ToValueList() });

        Assert.True(violations.Length == expected.Length && violations.Zip(expected).All(pair => pair.First.Contains(pair.Second, StringComparison.Ordinal)), $"{because}: {string.Join(" | ", violations)}");
    }

    [Fact]
    public async Task Every_violation_is_named_in_one_answer()
    {
        var csr = await ForeignCsr.OfAsync(ForeignCsr.Rsa(1024), "-sha1", "-subj", "/CN=web", "-addext", "subjectAltName=RID:1.2.3.4");

        var violations = Check(csr, spec => spec with { Duration = TimeSpan.FromMinutes(1), Usages = ["tea"], IssuerRef = new IssuerRef { Name = "" } });

        Assert.Equal(["spec.issuerRef.name", "spec.duration", "spec.usages[0]", "spec.request", "spec.request", "spec.request"], violations.Select(violation => violation[..violation.IndexOf(':', StringComparison.Ordinal)]));
    }

    [Theory]
    [InlineData("it names nobody", "/", "", false, "names nobody")]
    [InlineData("names are enough for a leaf", "/", "subjectAltName=DNS:web.example", false, null)]
    [InlineData("not for a CA", "/", "subjectAltName=DNS:web.example", true, "has no subject")]
    public async Task A_certificate_is_for_somebody(string because, string subject, string extension, bool isCA, string? expected)
    {
        var csr = await ForeignCsr.WithAsync(subject, extension.Length == 0 ? [] : [extension]);

        var violations = Check(csr, spec => spec with { IsCA = isCA });

        Assert.True(expected is null ? violations.Length == 0 : Assert.Single(violations).Contains(expected, StringComparison.Ordinal), because);
    }

    [Fact]
    public void A_request_needs_a_readable_CSR()
    {
        Assert.StartsWith("spec.request: Required value", Assert.Single(Check(default, spec => spec)), StringComparison.Ordinal);
        Assert.StartsWith("spec.request: Invalid value", Assert.Single(Check("hello"u8.ToArray(), spec => spec)), StringComparison.Ordinal);
    }

    private static string[] Check(ReadOnlyMemory<byte> csr, Func<CertificateRequestSpec, CertificateRequestSpec> change)
    {
        var spec = change(new CertificateRequestSpec { Request = csr, IssuerRef = new IssuerRef { Name = "ca" } });
        var request = new CertificateRequest { Metadata = new ObjectMeta { Name = "web-1", Namespace = "default" }, Spec = spec };
        return [.. CertificateRequestRules.Check(request).Select(violation => $"{violation.Field}: {violation.Message}")];
    }
}
