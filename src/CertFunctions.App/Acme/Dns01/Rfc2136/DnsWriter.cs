using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace CertFunctions.App.Acme.Dns01.Rfc2136;

/// <summary>Writes DNS messages (RFC 1035 §4.1), names in full: never compressed.</summary>
internal sealed class DnsWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(512);

    public static byte[] Write(DnsMessage message)
    {
        var writer = new DnsWriter();
        writer.Short(message.Id);
        writer.Short((message.IsResponse ? 0x8000 : 0) | message.Opcode << 11 | (message.IsAuthoritative ? 0x0400 : 0) | (message.IsTruncated ? 0x0200 : 0) | (message.WantsRecursion ? 0x0100 : 0) | message.ResponseCode);
        writer.Short(message.Questions.Count);
        writer.Short(message.Answers.Count);
        writer.Short(message.Authorities.Count);
        writer.Short(message.Additionals.Count);
        foreach (var question in message.Questions)
        {
            writer.Name(question.Name);
            writer.Short(question.Type);
            writer.Short(question.Class);
        }

        foreach (var record in message.Answers.Concat(message.Authorities).Concat(message.Additionals)) { writer.Record(record); }

        return writer.ToArray();
    }

    /// <summary>Throws <see cref="FormatException"/> on what is no domain name.</summary>
    public DnsWriter Name(string name)
    {
        var start = _buffer.WrittenCount;
        foreach (var label in name.TrimEnd('.').Split('.', StringSplitOptions.None))
        {
            if (label.Length == 0 && name.TrimEnd('.').Length == 0) { break; }

            var octets = Encoding.ASCII.GetBytes(label);
            if (octets.Length is 0 or > 63) { throw new FormatException($"\"{name}\" is no domain name."); }
            Bytes([(byte)octets.Length]);
            Bytes(octets);
        }

        Bytes([0]);
        return _buffer.WrittenCount - start <= 255 ? this : throw new FormatException($"\"{name}\" is no domain name.");
    }

    public DnsWriter Short(int value)
    {
        Span<byte> octets = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(octets, (ushort)value);
        return Bytes(octets);
    }

    public DnsWriter Long(uint value)
    {
        Span<byte> octets = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, value);
        return Bytes(octets);
    }

    public DnsWriter Bytes(ReadOnlySpan<byte> octets)
    {
        _buffer.Write(octets);
        return this;
    }

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    private void Record(DnsRecord record)
    {
        Name(record.Name).Short(record.Type).Short(record.Class).Long(record.TimeToLive).Short(record.Data.Length).Bytes(record.Data.Span);
    }
}
