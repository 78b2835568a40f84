using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CertFunctions.Core.Validation;

/// <summary>How a DNS server is written down: <c>host[:port]</c>, <c>[v6]:port</c>, or the address of DNS over HTTPS (RFC 8484).</summary>
/// <param name="Host">Name or address, without brackets; empty for DNS over HTTPS.</param>
/// <param name="Https">Null: plain DNS.</param>
public sealed record NameserverSyntax(string Host, int Port, Uri? Https)
{
    private const int DefaultPort = 53;

    public static bool IsValid(string? text) => Parse(text) is not null;

    /// <summary>Null when it is none of these.</summary>
    public static NameserverSyntax? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) { return null; }
        if (text.StartsWith("https://", StringComparison.Ordinal)) { return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? new("", 443, uri) : null; }
        if (IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 && text[0] != '[') { return new(text, DefaultPort, null); }

        var (host, port) = Split(text);
        if (port is null || host.Length == 0) { return null; }

        return IPAddress.TryParse(host, out _) || IsHostName(host) ? new(host, port.Value, null) : null;
    }

    private static (string Host, int? Port) Split(string text)
    {
        if (text[0] != '[') { return text.LastIndexOf(':') is var colon and >= 0 ? (text[..colon], Number(text[(colon + 1)..])) : (text, DefaultPort); }

        var end = text.IndexOf(']', StringComparison.Ordinal);
        if (end < 0 || !IPAddress.TryParse(text[1..end], out var v6) || v6.AddressFamily != AddressFamily.InterNetworkV6) { return ("", null); }

        var rest = text[(end + 1)..];
        return (text[1..end], rest.Length == 0 ? DefaultPort : rest[0] == ':' ? Number(rest[1..]) : null);
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535 ? port : null;

    private static bool IsHostName(string host) =>
        host.Length <= 253 && host.TrimEnd('.').Split('.').All(label => label.Length is > 0 and <= 63 && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
}
