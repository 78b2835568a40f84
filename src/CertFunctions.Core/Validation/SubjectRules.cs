using System.Text;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>The subject: in parts, or as one literal, not both.</summary>
internal static class SubjectRules
{
    public const string TextRule = "must hold no control characters and none beyond U+FFFF";

    private const int MaxCommonNameBytes = 64;
    private const int MaxValues = 16;
    private const int MaxCharacters = 256;

    public static IEnumerable<Violation> Check(CertificateSpec spec) =>
    [
        .. CommonName(spec.CommonName), .. Parts(spec.Subject ?? new X509Subject()), .. string.IsNullOrEmpty(spec.LiteralSubject) ? [] : Literal(spec), .. OfCa(spec),
    ];

    /// <summary>Everything that the subject will hold, to be counted.</summary>
    public static IEnumerable<string?> Texts(CertificateSpec spec) =>
        [spec.CommonName, spec.LiteralSubject, spec.Subject?.SerialNumber, .. Lists(spec.Subject ?? new X509Subject()).SelectMany(each => each.Values ?? [])];

    private static IEnumerable<Violation> CommonName(string? commonName)
    {
        if (commonName is null) { yield break; }
        if (IsTooLong(commonName))
        {
            yield return Violation.Invalid("spec.commonName", commonName, "must have at most 64 bytes; longer names go into dnsNames, with commonName left out");
        }

        if (!DistinguishedNames.IsText(commonName)) { yield return Violation.Invalid("spec.commonName", commonName, TextRule); }
    }

    private static IEnumerable<Violation> Parts(X509Subject subject)
    {
        foreach (var (name, values) in Lists(subject))
        {
            var field = $"spec.subject.{name}";
            if (values?.Count > MaxValues) { yield return Violation.TooMany(field, values.Count, MaxValues); }

            for (var i = 0; i < Math.Min(values?.Count ?? 0, MaxValues); i++)
            {
                if (string.IsNullOrEmpty(values![i])) { yield return Violation.Required($"{field}[{i}]"); }
                else if (Problem(values[i]) is { } problem) { yield return Violation.Invalid($"{field}[{i}]", values[i], problem); }
                else if (values.Take(i).Contains(values[i])) { yield return Violation.Duplicate($"{field}[{i}]", values[i]); }
            }
        }

        if (Problem(subject.SerialNumber ?? "") is { } wrong) { yield return Violation.Invalid("spec.subject.serialNumber", subject.SerialNumber!, wrong); }
    }

    private static IEnumerable<Violation> Literal(CertificateSpec spec)
    {
        const string field = "spec.literalSubject";
        if (!string.IsNullOrEmpty(spec.CommonName)) { yield return Violation.Forbidden("spec.commonName", "may not be set together with literalSubject"); }
        if (Lists(spec.Subject ?? new X509Subject()).Any(each => each.Values?.Count > 0) || !string.IsNullOrEmpty(spec.Subject?.SerialNumber))
        {
            yield return Violation.Forbidden("spec.subject", "may not be set together with literalSubject");
        }

        if (LiteralSubject.TryParse(spec.LiteralSubject!, out var problem) is null) { yield return Violation.Invalid(field, spec.LiteralSubject!, problem!); }
        else if (DistinguishedNames.CommonName(spec) is { } name && IsTooLong(name)) { yield return Violation.Invalid(field, name, "CN must have at most 64 bytes"); }
    }

    private static IEnumerable<Violation> OfCa(CertificateSpec spec)
    {
        if (spec.IsCAOrDefault() && Texts(spec).All(string.IsNullOrEmpty))
        {
            yield return Violation.Required("spec.commonName", "a CA needs a subject, as what it signs names its issuer by it: set commonName, subject or literalSubject");
        }
    }

    private static (string Name, ValueList<string>? Values)[] Lists(X509Subject subject) =>
    [
        ("organizations", subject.Organizations), ("countries", subject.Countries), ("organizationalUnits", subject.OrganizationalUnits),
        ("localities", subject.Localities), ("provinces", subject.Provinces), ("streetAddresses", subject.StreetAddresses), ("postalCodes", subject.PostalCodes),
    ];

    private static string? Problem(string value)
    {
        if (value.Length > MaxCharacters) { return $"must have at most {MaxCharacters} characters"; }

        return DistinguishedNames.IsText(value) ? null : TextRule;
    }

    private static bool IsTooLong(string commonName) => Encoding.UTF8.GetByteCount(commonName) > MaxCommonNameBytes;
}
