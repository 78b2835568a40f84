using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Pki;

/// <summary>What a verified CSR asks for.</summary>
/// <param name="KeyHash">SHA-256 of SubjectPublicKeyInfo, lower-case hex.</param>
/// <param name="KeyAlgorithm"><c>RSA</c>, <c>ECDSA</c> or <c>Ed25519</c>.</param>
/// <param name="IpAddresses">Canonical text (<see cref="IpLiteral.Canonical"/>).</param>
public sealed record CsrFacts(
    string KeyHash, string KeyAlgorithm, int KeySizeInBits, string? CommonName, ValueList<string> DnsNames, ValueList<string> IpAddresses)
{
    public ValueList<string> Uris { get; init; } = [];

    public ValueList<string> EmailAddresses { get; init; } = [];

    /// <summary>Without a value when that is not a UTF8String.</summary>
    public ValueList<OtherName> OtherNames { get; init; } = [];

    /// <summary>DER, copied into the certificate as it is.</summary>
    public required ReadOnlyMemory<byte> Subject { get; init; }

    /// <summary>Value of the SAN extension, copied byte for byte; null when absent.</summary>
    public required ReadOnlyMemory<byte>? AlternativeNames { get; init; }

    public required ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; init; }

    /// <summary>Null when the CSR has no basicConstraints.</summary>
    public bool? IsCA { get; init; }

    /// <summary>How many CAs below it the CSR's CA wants to allow; null: no limit asked for.</summary>
    public int? PathLength { get; init; }

    /// <summary>Null when the CSR has no key usage extension.</summary>
    public X509KeyUsageFlags? KeyUsage { get; init; }

    /// <summary>OIDs in the order given; null when the CSR has no extended key usage extension.</summary>
    public ValueList<string>? ExtendedKeyUsages { get; init; }

    /// <summary>Value of the name constraints extension, copied byte for byte into a CA certificate; null when absent.</summary>
    public ReadOnlyMemory<byte>? NameConstraints { get; init; }

    public bool NameConstraintsAreCritical { get; init; }

    /// <summary>OIDs of extensions that are asked for and left out, as cert-manager does.</summary>
    public ValueList<string> Ignored { get; init; } = [];

    /// <summary>True when neither subject nor SAN says whom it is for.</summary>
    public bool NamesNobody => DistinguishedNames.IsEmpty(Subject) && AlternativeNames is null;

    public bool HasSubject => !DistinguishedNames.IsEmpty(Subject);
}
