using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CertFunctions.App.Acme.Dns01.Rfc2136;

/// <summary>What a server's signature says.</summary>
internal enum TsigVerdict
{
    /// <summary>It comes from who holds the key.</summary>
    Genuine,

    /// <summary>None, or one that does not verify.</summary>
    Unsigned,

    /// <summary>BADSIG (RFC 8945 §3): the server has another secret.</summary>
    BadSignature,

    /// <summary>BADKEY: it does not know the key's name, or not with this algorithm.</summary>
    BadKey,

    /// <summary>BADTIME: the clocks differ by more than five minutes.</summary>
    BadTime,
}

/// <summary>Signs requests and judges answers (RFC 8945 §5).</summary>
internal static class Tsig
{
    private const ushort FudgeInSeconds = 300;

    /// <returns>The message with its signature, and the MAC that the answer's signature builds on.</returns>
    public static (byte[] Message, byte[] Mac) Sign(DnsMessage message, TsigKey key, DateTimeOffset now)
    {
        var plain = DnsWriter.Write(message);
        var mac = key.Sign([.. plain, .. Variables(key, now.ToUnixTimeSeconds(), FudgeInSeconds, error: 0, other: [])]);
        var data = new DnsWriter().Name(key.Algorithm).Bytes(Time(now.ToUnixTimeSeconds())).Short(FudgeInSeconds).Short(mac.Length).Bytes(mac).Short(message.Id).Short(0).Short(0).ToArray();
        var record = new DnsRecord(key.Name, DnsMessage.Signature, DnsMessage.Any, 0, data);
        return (DnsWriter.Write(message with { Additionals = [.. message.Additionals, record] }), mac);
    }

    /// <param name="answer">As it came; its last record must be the signature.</param>
    public static TsigVerdict Judge(byte[] answer, DnsMessage message, TsigKey key, byte[] requestMac, DateTimeOffset now)
    {
        if (message.Additionals is not [.., { Type: DnsMessage.Signature } record] || Parse(record.Data.Span) is not { } signature) { return TsigVerdict.Unsigned; }

        switch (signature.Error)
        {
            case 16: return TsigVerdict.BadSignature;   // these two are not signed themselves (§5.3.2)
            case 17: return TsigVerdict.BadKey;
            case 18: return TsigVerdict.BadTime;        // signed, and it says only that nothing was done
        }

        if (record.Name != key.Name || !signature.Algorithm.Equals(key.Algorithm, StringComparison.OrdinalIgnoreCase)) { return TsigVerdict.Unsigned; }

        var plain = answer[..(answer.Length - Length(record, answer))];
        BinaryPrimitives.WriteUInt16BigEndian(plain, (ushort)signature.OriginalId);
        BinaryPrimitives.WriteUInt16BigEndian(plain.AsSpan(10), (ushort)(message.Additionals.Count - 1));
        byte[] content = [.. new DnsWriter().Short(requestMac.Length).Bytes(requestMac).ToArray(), .. plain, .. Variables(key, signature.Time, signature.Fudge, signature.Error, signature.Other)];
        return CryptographicOperations.FixedTimeEquals(key.Sign(content), signature.Mac) && Math.Abs(now.ToUnixTimeSeconds() - signature.Time) <= Math.Max(signature.Fudge, FudgeInSeconds)
            ? TsigVerdict.Genuine
            : TsigVerdict.Unsigned;
    }

    /// <summary>§4.3.3: what is signed besides the message.</summary>
    private static byte[] Variables(TsigKey key, long seconds, int fudge, int error, byte[] other) =>
        new DnsWriter().Name(key.Name).Short(DnsMessage.Any).Long(0).Name(key.Algorithm).Bytes(Time(seconds)).Short(fudge).Short(error).Short(other.Length).Bytes(other).ToArray();

    private static byte[] Time(long seconds)
    {
        var octets = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(octets, seconds);
        return octets[2..];
    }

    /// <summary>How many octets the last record takes: its name may be compressed, what follows it may not.</summary>
    private static int Length(DnsRecord record, byte[] answer)
    {
        var fixedPart = 10 + record.Data.Length;
        var end = answer.Length - fixedPart;
        var full = new DnsWriter().Name(record.Name).ToArray();
        return fixedPart + (end >= full.Length && Lower(answer.AsSpan(end - full.Length, full.Length)).SequenceEqual(full) ? full.Length : Compressed(answer, end, full));
    }

    // Labels in full until a pointer stands for the rest (§4.2 forbids it in TSIG; some servers do it all the same).
    private static int Compressed(byte[] answer, int end, byte[] full)
    {
        for (var kept = 0; kept < full.Length - 1; kept += full[kept] + 1)
        {
            var start = end - 2 - kept;
            if (start >= 12 && answer[end - 2] >= 0xc0 && Lower(answer.AsSpan(start, kept)).SequenceEqual(full.AsSpan(0, kept))) { return kept + 2; }
        }

        return full.Length;
    }

    private static byte[] Lower(ReadOnlySpan<byte> octets)
    {
        var lower = octets.ToArray();
        for (var i = 0; i < lower.Length; i++) { lower[i] = lower[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(lower[i] | 0x20) : lower[i]; }

        return lower;
    }

    private static Parsed? Parse(ReadOnlySpan<byte> data)
    {
        var labels = new List<string>();
        while (data.Length > 0 && data[0] is > 0 and <= 63 && data.Length > data[0])
        {
            labels.Add(System.Text.Encoding.Latin1.GetString(data.Slice(1, data[0])));
            data = data[(data[0] + 1)..];
        }

        if (data.Length < 11 || data[0] != 0) { return null; }
        data = data[1..];
        var seconds = (long)BinaryPrimitives.ReadUInt16BigEndian(data) << 32 | BinaryPrimitives.ReadUInt32BigEndian(data[2..]);
        int fudge = BinaryPrimitives.ReadUInt16BigEndian(data[6..]), size = BinaryPrimitives.ReadUInt16BigEndian(data[8..]);
        if (data.Length < 10 + size + 6) { return null; }

        var mac = data.Slice(10, size).ToArray();
        data = data[(10 + size)..];
        int id = BinaryPrimitives.ReadUInt16BigEndian(data), error = BinaryPrimitives.ReadUInt16BigEndian(data[2..]), other = BinaryPrimitives.ReadUInt16BigEndian(data[4..]);
        return data.Length == 6 + other ? new Parsed(string.Join('.', labels), seconds, fudge, mac, id, error, data[6..].ToArray()) : null;
    }

    private sealed record Parsed(string Algorithm, long Time, int Fudge, byte[] Mac, int OriginalId, int Error, byte[] Other);
}
