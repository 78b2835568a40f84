using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Pki;

/// <summary>What a list of usage names means: key usage bits, and extended key usages in the order listed.</summary>
public sealed record ExpandedUsages(X509KeyUsageFlags KeyUsage, ValueList<string> ExtendedKeyUsages);

/// <summary>cert-manager's names for key usages and extended key usages (<c>pkg/api/util/usages.go</c>).</summary>
public static class UsageNames
{
    private const string Pkix = "1.3.6.1.5.5.7.3.";

    private static readonly FrozenDictionary<string, X509KeyUsageFlags> KeyUsages = new Dictionary<string, X509KeyUsageFlags>
    {
        ["signing"] = X509KeyUsageFlags.DigitalSignature,
        ["digital signature"] = X509KeyUsageFlags.DigitalSignature,
        ["content commitment"] = X509KeyUsageFlags.NonRepudiation,
        ["key encipherment"] = X509KeyUsageFlags.KeyEncipherment,
        ["key agreement"] = X509KeyUsageFlags.KeyAgreement,
        ["data encipherment"] = X509KeyUsageFlags.DataEncipherment,
        ["cert sign"] = X509KeyUsageFlags.KeyCertSign,
        ["crl sign"] = X509KeyUsageFlags.CrlSign,
        ["encipher only"] = X509KeyUsageFlags.EncipherOnly,
        ["decipher only"] = X509KeyUsageFlags.DecipherOnly,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, string> ExtendedKeyUsages = new Dictionary<string, string>
    {
        ["any"] = "2.5.29.37.0",
        ["server auth"] = Pkix + "1",
        ["client auth"] = Pkix + "2",
        ["code signing"] = Pkix + "3",
        ["email protection"] = Pkix + "4",
        ["s/mime"] = Pkix + "4",
        ["ipsec end system"] = Pkix + "5",
        ["ipsec tunnel"] = Pkix + "6",
        ["ipsec user"] = Pkix + "7",
        ["timestamping"] = Pkix + "8",
        ["ocsp signing"] = Pkix + "9",
        ["microsoft sgc"] = "1.3.6.1.4.1.311.10.3.3",
        ["netscape sgc"] = "2.16.840.1.113730.4.1",
    }.ToFrozenDictionary();

    /// <summary>Every name, sorted.</summary>
    public static ValueList<string> All { get; } = KeyUsages.Keys.Concat(ExtendedKeyUsages.Keys).Order(StringComparer.Ordinal).ToValueList();

    public static bool IsKnown(string name) => KeyUsages.ContainsKey(name) || ExtendedKeyUsages.ContainsKey(name);

    public static bool TryParse(string name, out X509KeyUsageFlags keyUsage) => KeyUsages.TryGetValue(name, out keyUsage);

    /// <param name="name">A usage name, case-sensitive.</param>
    /// <param name="extendedKeyUsage">The dotted OID.</param>
    public static bool TryParse(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? extendedKeyUsage) =>
        ExtendedKeyUsages.TryGetValue(name, out extendedKeyUsage);

    /// <summary>Key usage bits by their names here, for a sentence.</summary>
    public static string Describe(X509KeyUsageFlags keyUsage) =>
        string.Join(", ", KeyUsages.Where(each => each.Key != "signing" && keyUsage.HasFlag(each.Value)).Select(each => each.Key).Order(StringComparer.Ordinal));

    /// <summary>Null or empty means <c>digital signature</c> and <c>key encipherment</c>; a list replaces them whole; a CA gets <c>cert sign</c> besides. Unknown names are left out: validation has refused them.</summary>
    public static ExpandedUsages Expand(ValueList<string>? usages, bool isCA)
    {
        var names = usages is { Count: > 0 } ? usages : ["digital signature", "key encipherment"];
        var keyUsage = isCA ? X509KeyUsageFlags.KeyCertSign : X509KeyUsageFlags.None;
        var extended = new List<string>();
        foreach (var name in names)
        {
            if (TryParse(name, out X509KeyUsageFlags flag)) { keyUsage |= flag; }
            if (TryParse(name, out string? oid)) { extended.Add(oid); }
        }

        return new ExpandedUsages(keyUsage, extended.ToValueList());
    }
}
