using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using CertFunctions.Core.Policy;
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

/// <summary>What a listing tells of one entry, without a read.</summary>
/// <param name="Signer">The CA that signed, by its keys.</param>
/// <param name="SignerSerial">That CA certificate's own serial number, hex; null when it is unknown.</param>
/// <param name="IsCA">Whether what was signed is a CA itself.</param>
/// <param name="Owner">Uid of the Certificate it was made for; null: a person's own CSR.</param>
/// <param name="OwnerName"><c>namespace/name</c> of that Certificate.</param>
public sealed record IssuedTags(SignerKeys Signer, string? SignerSerial, bool IsCA, string? Owner, string? OwnerName)
{
    /// <summary>Who was about to sign it before that, when the CA changed meanwhile: one of the two did.</summary>
    public SignerKeys? Before { get; init; }

    internal ValueMap Write() => ValueMap.From(
    [
        new("key", Signer.Key), new("root", Signer.RootKey ?? ""), new("waskey", Before?.Key ?? ""), new("wasroot", Before?.RootKey ?? ""), new("by", SignerSerial ?? ""), new("ca", IsCA ? "1" : ""), new("owner", Owner ?? ""), new("name", OwnerName ?? ""),
    ]);

    internal static IssuedTags Read(ValueMap metadata)
    {
        return new(new(Text("key") ?? "", Text("root")), Text("by"), Text("ca") is not null, Text("owner"), Text("name")) { Before = Text("waskey") is { } was ? new(was, Text("wasroot")) : null };

        string? Text(string key) => metadata.Find(key) is { Length: > 0 } text ? text : null;
    }
}

/// <summary>One line of the log.</summary>
public sealed record IssuedEntry(string IssuerUid, string SerialNumber, IssuedTags Tags);

/// <summary>Every serial number an issuer used, written before it signs: uniqueness, proof for rotation, source for CRLs (design §3, security C 26).</summary>
public sealed class IssuedLog(IObjectStore objects)
{
    private const string Revoked = "revoked";

    /// <summary>Records an intent to sign; repeating it for the same request is fine, also with a newer signer.</summary>
    /// <returns>False when the serial number belongs to another request.</returns>
    public async Task<bool> RecordAsync(string issuerUid, DateTimeOffset notAfter, byte[] serial, IssuedRecord record, IssuedTags tags, CancellationToken cancellationToken)
    {
        var name = Name(issuerUid, notAfter, serial);
        var content = JsonSerializer.SerializeToUtf8Bytes(record, IssuedJson.Default.IssuedRecord);
        if (await objects.PutIfAbsentAsync(name, content, tags.Write(), cancellationToken) is PutResult.Written) { return true; }
        if (await objects.FindAsync(name, cancellationToken) is not { } found) { return false; }

        var existing = JsonSerializer.Deserialize(found.Content.Span, IssuedJson.Default.IssuedRecord);
        if (existing?.RequestUid != record.RequestUid) { return false; }

        return existing == record || await objects.PutIfMatchAsync(name, content, After(found.Metadata, tags).Write(), found.ETag, cancellationToken) is PutResult.Written;
    }

    private static IssuedTags After(ValueMap metadata, IssuedTags tags)
    {
        var old = IssuedTags.Read(metadata);
        return tags with { Before = old.Signer.Key.Length > 0 && old.Signer != tags.Signer ? old.Signer : old.Before };
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
            if (await objects.PutIfMatchAsync(found.Name, content, found.Metadata.With(Revoked, "1"), found.ETag, cancellationToken) is PutResult.Written) { return true; }
        }

        return false;
    }

    /// <summary>What is neither expired nor revoked, of one issuer or of all. Days of <c>notAfter</c> count whole. Costs what is listed.</summary>
    public async IAsyncEnumerable<IssuedEntry> ListLiveAsync(string? issuerUid, DateTimeOffset now, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in objects.ListAllAsync(issuerUid is null ? "issued/" : $"issued/{issuerUid}/", cancellationToken))
        {
            if (entry.Name.Split('/') is not [_, var issuer, var day, var serial] || string.CompareOrdinal(day, Day(now)) < 0) { continue; }
            if (entry.Metadata.Find(Revoked) is null) { yield return new(issuer, serial, IssuedTags.Read(entry.Metadata)); }
        }
    }

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static string Name(string issuerUid, DateTimeOffset notAfter, byte[] serial) =>
        $"issued/{issuerUid}/{Day(notAfter)}/{Convert.ToHexStringLower(serial)}";

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
