using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>What may be created as a CertificateRequest (cert-manager semantics §5). Afterwards its spec is immutable.</summary>
public static class CertificateRequestRules
{
    /// <summary>Every violation, not only the first.</summary>
    public static IEnumerable<Violation> Check(CertificateRequest r) =>
    [
        .. CommonRules.IssuerRef(r.Spec.IssuerRef),
        .. CommonRules.Duration(r.Spec.Duration),
        .. CommonRules.Usages(r.Spec.Usages),
        .. Request(r.Spec),
    ];

    private static IEnumerable<Violation> Request(CertificateRequestSpec spec)
    {
        const string field = "spec.request";
        if (spec.Request.IsEmpty) { return [Violation.Required(field)]; }
        if (SigningRequests.TryRead(spec.Request, out var problem) is not { } csr) { return [Wrong(field, problem!)]; }

        return [.. Ca(field, spec, csr), .. Usages(field, spec, csr)];
    }

    private static IEnumerable<Violation> Ca(string field, CertificateRequestSpec spec, CsrFacts csr)
    {
        if (csr.IsCA is { } asked && asked != (spec.IsCA ?? false))
        {
            yield return Wrong(field, $"its basicConstraints say CA:{(asked ? "TRUE" : "FALSE")}, but spec.isCA is {(asked ? "false" : "true")}; they must agree");
        }
    }

    /// <summary>A CSR without both usage extensions takes the values of the object; with either, both must say the same as the object.</summary>
    private static IEnumerable<Violation> Usages(string field, CertificateRequestSpec spec, CsrFacts csr)
    {
        if (csr.KeyUsage is null && csr.ExtendedKeyUsages is null) { yield break; }

        var wanted = UsageNames.Expand(spec.Usages, spec.IsCA ?? false);
        var source = spec.Usages is { Count: > 0 } ? "spec.usages" : "the default usages (digital signature, key encipherment), as spec.usages is empty";
        if ((csr.KeyUsage ?? default) != wanted.KeyUsage)
        {
            yield return Wrong(field, $"its key usage is [{csr.KeyUsage ?? default}], but [{wanted.KeyUsage}] follows from {source}; they must agree");
        }

        if (!(csr.ExtendedKeyUsages ?? []).Equals(wanted.ExtendedKeyUsages))
        {
            yield return Wrong(field, $"its extended key usages are {csr.ExtendedKeyUsages ?? []}, but {wanted.ExtendedKeyUsages} follows from {source}; they must agree, in this order");
        }
    }

    // The CSR itself is not repeated: it is long, and the caller has it.
    private static Violation Wrong(string field, string problem) => new(field, "FieldValueInvalid", $"Invalid value: {problem}");
}
