namespace CertFunctions.Core.Pki;

/// <summary>Why a certificate is revoked (RFC 5280 §5.3.1), as far as the holder of a leaf can say it.</summary>
public static class RevocationReasons
{
    private static readonly Dictionary<string, int> Codes = new(StringComparer.Ordinal)
    {
        ["unspecified"] = 0, ["keyCompromise"] = 1, ["affiliationChanged"] = 3, ["superseded"] = 4, ["cessationOfOperation"] = 5,
    };

    public static IEnumerable<string> Names => Codes.Keys;

    /// <returns>Null when there is no such reason.</returns>
    public static int? Code(string name) => Codes.TryGetValue(name, out var code) ? code : null;
}
