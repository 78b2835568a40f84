using System.Net;
using System.Net.Sockets;

namespace CertFunctions.Core.Acme;

/// <summary>Which addresses the app may connect to on somebody else's word (security F 54).</summary>
public static class AddressRules
{
    /// <summary>Credentials of the machine itself are handed out there.</summary>
    private static readonly Block[] Never =
    [
        new("169.254.0.0/16", "link-local, with the cloud's metadata service"),
        new("168.63.129.16/32", "the cloud's own platform address"),
        new("fe80::/10", "link-local"),
    ];

    /// <summary>IANA's special-purpose registries, as far as nobody on the internet can have such an address.</summary>
    private static readonly Block[] Private =
    [
        new("0.0.0.0/8", "this host"),
        new("10.0.0.0/8", "private"),
        new("100.64.0.0/10", "shared by carriers"),
        new("127.0.0.0/8", "loopback"),
        new("172.16.0.0/12", "private"),
        new("192.0.0.0/24", "reserved for protocols"),
        new("192.0.2.0/24", "for documentation"),
        new("192.168.0.0/16", "private"),
        new("198.18.0.0/15", "for benchmarks"),
        new("198.51.100.0/24", "for documentation"),
        new("203.0.113.0/24", "for documentation"),
        new("224.0.0.0/4", "multicast"),
        new("240.0.0.0/4", "reserved or broadcast"),
        new("::/127", "unspecified or loopback"),
        new("64:ff9b:1::/48", "local address translation"),
        new("100::/64", "discarded"),
        new("2001::/32", "a Teredo tunnel"),
        new("2001:db8::/32", "for documentation"),
        new("2002::/16", "a 6to4 tunnel"),
        new("fc00::/7", "private"),
        new("fec0::/10", "site-local"),
        new("ff00::/8", "multicast"),
    ];

    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Compatible = IPNetwork.Parse("::/96");

    /// <summary>Why not; null: it may.</summary>
    public static string? Refusal(IPAddress address, bool allowsPrivate)
    {
        // An IPv4 address inside an IPv6 one is where the packets end up; both must pass.
        if (Inner(address) is { } inner && Refusal(inner, allowsPrivate) is { } refusal) { return refusal; }

        return Find(Never, address) ?? (allowsPrivate ? null : Find(Private, address));
    }

    private static string? Find(Block[] blocks, IPAddress address) =>
        blocks.FirstOrDefault(block => block.Network.Contains(address)) is { } block ? $"{address} is {block.Meaning}" : null;

    private static IPAddress? Inner(IPAddress address)
    {
        if (address.AddressFamily is not AddressFamily.InterNetworkV6) { return null; }
        if (address.IsIPv4MappedToIPv6) { return address.MapToIPv4(); }

        var octets = address.GetAddressBytes().AsSpan();
        return Translated.Contains(address) ? new IPAddress(octets[12..])
            : SixToFour.Contains(address) ? new IPAddress(octets[2..6])
            : Compatible.Contains(address) && !IPAddress.IPv6Loopback.Equals(address) && !IPAddress.IPv6Any.Equals(address) ? new IPAddress(octets[12..])
            : null;
    }

    private sealed class Block(string network, string meaning)
    {
        public IPNetwork Network { get; } = IPNetwork.Parse(network);

        public string Meaning => meaning;
    }
}
