using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace CertFunctions.Core.Pki;

/// <summary>IP addresses as people write them in a spec, without the surprises of <see cref="IPAddress.TryParse(string?, out IPAddress?)"/>.</summary>
public static class IpLiteral
{
    /// <summary>Four decimal numbers without leading zeros, or IPv6 without zone and brackets. An IPv4-mapped address is the IPv4 address, as in Go.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (string.IsNullOrEmpty(text) || text.AsSpan().ContainsAny("%[]/ ") || !IPAddress.TryParse(text, out var parsed)) { return false; }
        if (parsed.AddressFamily is AddressFamily.InterNetwork && parsed.ToString() != text) { return false; }

        address = parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed;
        return true;
    }

    /// <summary>The one spelling to compare by (RFC 5952); text that is no address comes back as it is.</summary>
    public static string Canonical(string text) => TryParse(text, out var address) ? address.ToString() : text;
}
