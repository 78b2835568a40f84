using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Pki;

/// <summary>The extensions that a CSR requests (RFC 2985 §5.4.2), as far as they mean something here.</summary>
internal sealed class CsrExtensions
{
    private const string ExtensionRequest = "1.2.840.113549.1.9.14";
    private const string AlternativeNamesOid = Pki.AlternativeNames.Oid;
    private const string NameConstraintsOid = NameConstraintsExtension.Oid;
    private const string BasicConstraints = "2.5.29.19";
    private const string KeyUsageOid = "2.5.29.15";
    private const string ExtendedKeyUsage = "2.5.29.37";

    private static readonly string[] Known = [AlternativeNamesOid, BasicConstraints, KeyUsageOid, ExtendedKeyUsage, NameConstraintsOid];

    private readonly Dictionary<string, (bool IsCritical, ReadOnlyMemory<byte> Value)> _found = [];
    private readonly List<string> _problems = [];

    /// <param name="info">At the attributes, or at the end of a CSR without any.</param>
    public CsrExtensions(AsnReader info)
    {
        Collect(info);
        (IsCA, PathLength) = ReadBasicConstraints();
        KeyUsage = Find(KeyUsageOid) is { } usage ? KeyUsages.Read(usage) : default(X509KeyUsageFlags?);
        ExtendedKeyUsages = Find(ExtendedKeyUsage) is { } extended ? KeyUsages.ReadExtended(extended).ToValueList() : null;
        if (Find(AlternativeNamesOid) is { } san) { _problems.AddRange(GeneralNames.Problems(san)); }
        if (Find(NameConstraintsOid) is { } constraints) { _ = NameConstraintsExtension.Read(constraints); }
    }

    /// <summary>What must be mended before the CSR is taken.</summary>
    public IReadOnlyList<string> Problems => _problems;

    public ReadOnlyMemory<byte>? AlternativeNames => Find(AlternativeNamesOid);

    public ReadOnlyMemory<byte>? NameConstraints => Find(NameConstraintsOid);

    public bool NameConstraintsAreCritical => _found.TryGetValue(NameConstraintsOid, out var found) && found.IsCritical;

    public bool? IsCA { get; }

    public int? PathLength { get; }

    public X509KeyUsageFlags? KeyUsage { get; }

    public ValueList<string>? ExtendedKeyUsages { get; }

    public ValueList<string> Ignored => _found.Keys.Except(Known).Order(StringComparer.Ordinal).ToValueList();

    private void Collect(AsnReader info)
    {
        if (!info.HasData) { return; }

        var attributes = info.ReadSetOf(skipSortOrderValidation: true, new Asn1Tag(TagClass.ContextSpecific, 0));
        info.ThrowIfNotEmpty();
        while (attributes.HasData)
        {
            var attribute = attributes.ReadSequence();
            if (attribute.ReadObjectIdentifier() != ExtensionRequest) { continue; }

            var list = attribute.ReadSetOf(skipSortOrderValidation: true).ReadSequence();
            while (list.HasData) { Add(list.ReadSequence()); }
        }
    }

    private void Add(AsnReader extension)
    {
        var oid = extension.ReadObjectIdentifier();
        var isCritical = extension.PeekTag() == Asn1Tag.Boolean && extension.ReadBoolean();
        if (!_found.TryAdd(oid, (isCritical, extension.ReadOctetString()))) { _problems.Add($"asks for extension {oid} twice"); }
    }

    private (bool? IsCA, int? PathLength) ReadBasicConstraints()
    {
        if (Find(BasicConstraints) is not { } value) { return (null, null); }

        var reader = new AsnReader(value, AsnEncodingRules.DER).ReadSequence();
        var isCA = reader.HasData && reader.PeekTag() == Asn1Tag.Boolean && reader.ReadBoolean();
        if (!reader.HasData) { return (isCA, null); }

        var length = reader.ReadInteger();
        if (length.Sign < 0) { _problems.Add("asks for a negative path length"); }
        if (!isCA) { _problems.Add("asks for a path length without being a CA"); }
        return (isCA, (int)BigInteger.Min(BigInteger.Abs(length), int.MaxValue));
    }

    // Not "? value : null": null turns into empty memory there, by way of byte[].
    private ReadOnlyMemory<byte>? Find(string oid) => _found.TryGetValue(oid, out var found) ? found.Value : default(ReadOnlyMemory<byte>?);
}
