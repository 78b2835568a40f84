using System.Collections.Frozen;

namespace CertFunctions.Core.Pki;

/// <summary>Attribute types of X.501 names: their object identifiers, and the keys that a literal subject may use.</summary>
internal static class AttributeTypes
{
    public const string CommonName = "2.5.4.3";
    public const string SerialNumber = "2.5.4.5";
    public const string Country = "2.5.4.6";
    public const string Locality = "2.5.4.7";
    public const string Province = "2.5.4.8";
    public const string StreetAddress = "2.5.4.9";
    public const string Organization = "2.5.4.10";
    public const string OrganizationalUnit = "2.5.4.11";
    public const string PostalCode = "2.5.4.17";
    public const string DomainComponent = "0.9.2342.19200300.100.1.25";
    public const string UserId = "0.9.2342.19200300.100.1.1";

    private const int MaxOidLength = 128;
    private const int MaxArcDigits = 18;

    /// <summary>RFC 4514 §3's keys and SERIALNUMBER; case counts, as in cert-manager.</summary>
    public static FrozenDictionary<string, string> Keys { get; } = new Dictionary<string, string>
    {
        ["CN"] = CommonName,
        ["O"] = Organization,
        ["OU"] = OrganizationalUnit,
        ["C"] = Country,
        ["L"] = Locality,
        ["ST"] = Province,
        ["STREET"] = StreetAddress,
        ["DC"] = DomainComponent,
        ["UID"] = UserId,
        ["SERIALNUMBER"] = SerialNumber,
    }.ToFrozenDictionary();

    /// <summary>Dotted numbers that DER can hold: two arcs or more, the first 0 to 2, the second below 40 unless the first is 2.</summary>
    public static bool IsOid(string? text)
    {
        if (text is null or { Length: 0 or > MaxOidLength }) { return false; }

        var arcs = text.Split('.');
        return arcs.Length >= 2
            && arcs.All(arc => arc.Length is > 0 and <= MaxArcDigits && arc.All(char.IsAsciiDigit) && (arc.Length == 1 || arc[0] != '0'))
            && arcs[0] is "0" or "1" or "2"
            && (arcs[0] == "2" || (arcs[1].Length < 3 && int.Parse(arcs[1], System.Globalization.CultureInfo.InvariantCulture) < 40));
    }
}
