using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.CertificateRequests;

/// <summary>One certificate that a CA of ours is about to sign.</summary>
/// <param name="SignerThumbprint">SHA-256 of the CA certificate, hex.</param>
/// <param name="ChainThumbprints">SHA-256 of the certificates above it, hex, from the CA's issuer upward.</param>
public sealed record IssuedRecord(string RequestUid, string SignerThumbprint, ValueList<string> ChainThumbprints)
{
    /// <summary>A name of RFC 5280 §5.3.1; null: not revoked.</summary>
    public string? RevocationReason { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }
}

/// <summary>Every serial number an issuer used, written before it signs: uniqueness, proof for rotation, source for CRLs (design §3, security C 26).</summary>
public sealed class IssuedLog(IObjectStore objects)
{
    /// <summary>Records an intent to sign; repeating it for the same request is fine, also with a newer signer.</summary>
    /// <returns>False when the serial number belongs to another request.</returns>
    public async Task<bool> RecordAsync(string issuerUid, DateTimeOffset notAfter, byte[] serial, IssuedRecord record, CancellationToken cancellationToken)
    {
        var name = Name(issuerUid, notAfter, serial);
        var content = JsonSerializer.SerializeToUtf8Bytes(record, IssuedJson.Default.IssuedRecord);
        if (await objects.PutIfAbsentAsync(name, content, cancellationToken) is PutResult.Written) { return true; }
        if (await objects.FindAsync(name, cancellationToken) is not { } found) { return false; }

        var existing = JsonSerializer.Deserialize(found.Content.Span, IssuedJson.Default.IssuedRecord);
        if (existing?.RequestUid != record.RequestUid) { return false; }

        return existing == record || await objects.PutIfMatchAsync(name, content, found.ETag, cancellationToken) is PutResult.Written;
    }

    /// <summary>Marks a certificate as revoked; repeating it keeps the first date.</summary>
    /// <returns>False when the log does not know it.</returns>
    public async Task<bool> RevokeAsync(string issuerUid, DateTimeOffset notAfter, byte[] serial, string reason, DateTimeOffset now, CancellationToken cancellationToken)
    {
        while (await objects.FindAsync(Name(issuerUid, notAfter, serial), cancellationToken) is { } found)
        {
            var record = JsonSerializer.Deserialize(found.Content.Span, IssuedJson.Default.IssuedRecord)!;
            if (record.RevokedAt is not null) { return true; }

            var content = JsonSerializer.SerializeToUtf8Bytes(record with { RevocationReason = reason, RevokedAt = now }, IssuedJson.Default.IssuedRecord);
            if (await objects.PutIfMatchAsync(found.Name, content, found.ETag, cancellationToken) is PutResult.Written) { return true; }
        }

        return false;
    }

    private static string Name(string issuerUid, DateTimeOffset notAfter, byte[] serial) =>
        $"issued/{issuerUid}/{notAfter.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}/{Convert.ToHexStringLower(serial)}";

    /// <summary>A serial number from its hex form; null when absent or not 8 to 20 octets starting with 0x01..0x7f.</summary>
    public static byte[]? TrySerial(string? hex)
    {
        if (hex is not { Length: >= 16 and <= 40 } || hex.Length % 2 != 0 || !hex.All(char.IsAsciiHexDigit)) { return null; }

        var octets = Convert.FromHexString(hex);
        return octets[0] is >= 0x01 and <= 0x7f ? octets : null;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IssuedRecord))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class IssuedJson : JsonSerializerContext;
