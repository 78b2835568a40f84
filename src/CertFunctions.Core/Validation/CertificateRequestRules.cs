using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>What may be created as a CertificateRequest (cert-manager semantics §5). Afterwards its spec is immutable.</summary>
public static class CertificateRequestRules
{
    private const string Field = "spec.request";

    /// <summary>Every violation, not only the first.</summary>
    public static IEnumerable<Violation> Check(CertificateRequest r) =>
    [
        .. CommonRules.IssuerRef(r.Spec.IssuerRef),
        .. CommonRules.Duration(r.Spec.Duration),
        .. CommonRules.Usages(r.Spec.Usages, r.Spec.IsCA ?? false),
        .. Request(r.Spec),
    ];

    private static IEnumerable<Violation> Request(CertificateRequestSpec spec)
    {
        if (spec.Request.IsEmpty) { return [Violation.Required(Field)]; }
        if (CsrReader.Read(spec.Request, out var problems) is not { } csr) { return problems.Select(Wrong); }

        return [.. Names(spec, csr), .. Ca(spec, csr), .. Usages(spec, csr)];
    }

    /// <summary>Without a subject a certificate needs names, and a CA a subject (RFC 5280 §4.1.2.6).</summary>
    private static IEnumerable<Violation> Names(CertificateRequestSpec spec, CsrFacts csr)
    {
        if (csr.NamesNobody) { yield return Wrong("names nobody: its subject and its subject alternative names are both empty"); }
        else if ((spec.IsCA ?? false) && !csr.HasSubject) { yield return Wrong("has no subject; a CA needs one, as what it signs names its issuer by it"); }
    }

    private static IEnumerable<Violation> Ca(CertificateRequestSpec spec, CsrFacts csr)
    {
        var isCA = spec.IsCA ?? false;
        if (csr.IsCA is { } asked && asked != isCA)
        {
            yield return Wrong($"its basicConstraints say CA:{(asked ? "TRUE" : "FALSE")}, but spec.isCA is {(isCA ? "true" : "false")}; they must agree");
        }

        if (csr.NameConstraints is not null && !isCA) { yield return Wrong("holds name constraints, which only a CA certificate may have; spec.isCA is false"); }
    }

    /// <summary>A CSR without both usage extensions takes the values of the object; with either, both must say the same as the object.</summary>
    private static IEnumerable<Violation> Usages(CertificateRequestSpec spec, CsrFacts csr)
    {
        if (csr.KeyUsage is null && csr.ExtendedKeyUsages is null) { yield break; }

        var wanted = UsageNames.Expand(spec.Usages, spec.IsCA ?? false);
        var source = spec.Usages is { Count: > 0 } ? "spec.usages" : "the default usages (digital signature, key encipherment), as spec.usages is empty";
        if ((csr.KeyUsage ?? default) != wanted.KeyUsage)
        {
            yield return Wrong(
                $"its key usage is [{UsageNames.Describe(csr.KeyUsage ?? default)}], but [{UsageNames.Describe(wanted.KeyUsage)}] follows from {source}; they must agree");
        }

        if (!(csr.ExtendedKeyUsages ?? []).Equals(wanted.ExtendedKeyUsages))
        {
            yield return Wrong($"its extended key usages are {csr.ExtendedKeyUsages ?? []}, but {wanted.ExtendedKeyUsages} follows from {source}; they must agree, in this order");
        }
    }

    // The CSR itself is not repeated: it is long, and the caller has it.
    private static Violation Wrong(string problem) => new(Field, "FieldValueInvalid", $"Invalid value: {problem}");
}
