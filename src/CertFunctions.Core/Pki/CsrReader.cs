using System.Formats.Asn1;
using System.Security.Cryptography;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Pki;

/// <summary>Reads a CSR from a stranger (security A1–A4): says everything that is wrong with it, and lets nothing expensive happen before the cheap checks have passed.</summary>
internal static class CsrReader
{
    private const string Label = "CERTIFICATE REQUEST";
    private const int MostProblems = 20;

    /// <summary>Null exactly when there are problems, each fit to follow "spec.request".</summary>
    public static CsrFacts? Read(ReadOnlyMemory<byte> pem, out IReadOnlyList<string> problems)
    {
        try
        {
            if (Pem.ReadBlocks(pem, Pem.MaxSingleBytes) is [(Label or "NEW " + Label, var der)]) { return ReadDer(der, out problems); }

            problems = [$"must be one PEM block \"{Label}\""];
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException or ArgumentException or FormatException or OverflowException or InvalidOperationException)
        {
            problems = [$"cannot be read as a PKCS#10 request: {exception.Message}"];
        }

        return null;
    }

    private static CsrFacts? ReadDer(byte[] der, out IReadOnlyList<string> problems)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var request = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var signed = request.PeekEncodedValue();
        var info = request.ReadSequence();
        var algorithm = request.ReadSequence().ReadObjectIdentifier();
        var signature = request.ReadBitString(out _);
        request.ThrowIfNotEmpty();

        info.ReadInteger();
        var subject = info.ReadEncodedValue();
        var spki = info.ReadEncodedValue();
        var extensions = new CsrExtensions(info);

        var keyProblem = KeyPolicy.Problem(spki, out var key);
        List<string> found = [.. Optional(keyProblem), .. Optional(SubjectProblem(subject)), .. extensions.Problems];
        if (!Signatures.IsAcceptable(algorithm)) { found.Add("must be signed with SHA-256 or better (RSA PKCS#1 or ECDSA) or with Ed25519"); }
        else if (keyProblem is null && !Signatures.Verify(spki, algorithm, signed.Span, signature))
        {
            found.Add("its signature does not verify: it was changed, or made with another key");
        }

        problems = [.. found.Distinct().Take(MostProblems)];
        return found.Count > 0 ? null : Facts(subject, spki, key!, extensions);
    }

    /// <summary>Reads every part, so that nothing is copied that others choke on; a common name with control characters reads differently to different eyes.</summary>
    private static string? SubjectProblem(ReadOnlyMemory<byte> subject)
    {
        var rdns = new AsnReader(subject, AsnEncodingRules.DER).ReadSequence();
        while (rdns.HasData)
        {
            var rdn = rdns.ReadSetOf(skipSortOrderValidation: true);
            if (!rdn.HasData) { return "has a subject with an empty part"; }
            while (rdn.HasData)
            {
                var attribute = rdn.ReadSequence();
                var isCommonName = attribute.ReadObjectIdentifier() == "2.5.4.3";
                if (DistinguishedNames.Text(attribute).Any(char.IsControl) && isCommonName) { return "has control characters in its common name"; }
                attribute.ThrowIfNotEmpty();
            }
        }

        return null;
    }

    private static CsrFacts Facts(ReadOnlyMemory<byte> subject, ReadOnlyMemory<byte> spki, PublicKeyFacts key, CsrExtensions extensions)
    {
        var names = extensions.AlternativeNames is { } san ? GeneralNames.Read(san) : [];
        return new CsrFacts(
            Convert.ToHexStringLower(SHA256.HashData(spki.Span)),
            key.Algorithm,
            key.SizeInBits,
            DistinguishedNames.CommonName(subject),
            Texts(names, GeneralNameKind.Dns),
            names.Where(name => name.Kind is GeneralNameKind.IpAddress).Select(name => IpLiteral.Canonical(name.ToString())).ToValueList())
        {
            Uris = Texts(names, GeneralNameKind.Uri),
            EmailAddresses = Texts(names, GeneralNameKind.Email),
            OtherNames = names.Where(name => name.Kind is GeneralNameKind.OtherName).Select(name => name.Other)
                .Select(other => new OtherName { Oid = other.Oid, Utf8Value = other.Utf8 }).ToValueList(),
            Subject = subject,
            AlternativeNames = extensions.AlternativeNames,
            SubjectPublicKeyInfo = spki,
            IsCA = extensions.IsCA,
            PathLength = extensions.PathLength,
            KeyUsage = extensions.KeyUsage,
            ExtendedKeyUsages = extensions.ExtendedKeyUsages,
            NameConstraints = extensions.NameConstraints,
            NameConstraintsAreCritical = extensions.NameConstraintsAreCritical,
            Ignored = extensions.Ignored,
        };
    }

    private static ValueList<string> Texts(IEnumerable<GeneralName> names, GeneralNameKind kind) =>
        names.Where(name => name.Kind == kind).Select(name => name.Text).ToValueList();

    private static IEnumerable<string> Optional(string? problem) => problem is null ? [] : [problem];
}
