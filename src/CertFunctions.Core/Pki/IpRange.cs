using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CertFunctions.Core.Pki;

/// <summary>A block of IP addresses, as name constraints hold it (RFC 5280 §4.2.1.10).</summary>
/// <param name="Octets">Network address, then mask: 8 octets for IPv4, 32 for IPv6.</param>
internal sealed record IpRange(byte[] Octets)
{
    /// <summary>CIDR (RFC 4632): bits behind the prefix are cleared, as Go does. IPv4 is written as IPv4.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out IpRange? range)
    {
        range = null;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash < 0 || !IpLiteral.TryParse(text![..slash], out var address)) { return false; }

        var network = address.GetAddressBytes();
        var isMapped = network.Length == 4 && text.Contains(':', StringComparison.Ordinal);
        var digits = text.AsSpan(slash + 1);
        if (isMapped || digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0')
            || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var prefix) || prefix > network.Length * 8)
        {
            return false;
        }

        var octets = new byte[network.Length * 2];
        for (var i = 0; i < network.Length; i++)
        {
            var mask = (byte)(0xff << (8 - Math.Clamp(prefix - (i * 8), 0, 8)));
            (octets[i], octets[network.Length + i]) = ((byte)(network[i] & mask), mask);
        }

        range = new IpRange(octets);
        return true;
    }
}
