using System.Buffers.Binary;
using System.Text;

namespace CertFunctions.App.Acme.Dns01.Rfc2136;

/// <summary>Reads DNS messages from strangers: whatever the bytes, it ends, and with a message or <see cref="FormatException"/>.</summary>
internal sealed class DnsReader
{
    private const int MostPointers = 128;

    private readonly byte[] _octets;
    private int _at;

    private DnsReader(byte[] octets) => _octets = octets;

    public static DnsMessage Read(byte[] octets) => new DnsReader(octets).Message();

    private DnsMessage Message()
    {
        var id = Short();
        var flags = Short();
        int questions = Short(), answers = Short(), authorities = Short(), additionals = Short();
        return new DnsMessage
        {
            Id = id,
            IsResponse = (flags & 0x8000) != 0,
            Opcode = flags >> 11 & 0xf,
            IsAuthoritative = (flags & 0x0400) != 0,
            IsTruncated = (flags & 0x0200) != 0,
            WantsRecursion = (flags & 0x0100) != 0,
            ResponseCode = flags & 0xf,
            Questions = Many(questions, () => new DnsQuestion(Name(), Short(), Short())),
            Answers = Many(answers, Record),
            Authorities = Many(authorities, Record),
            Additionals = Many(additionals, Record),
        };
    }

    // A count is a claim: each item takes octets, so reading stops at the end of the message at the latest.
    private static List<T> Many<T>(int count, Func<T> read)
    {
        var items = new List<T>();
        for (var i = 0; i < count; i++) { items.Add(read()); }

        return items;
    }

    private DnsRecord Record()
    {
        var name = Name();
        int type = Short(), @class = Short();
        var timeToLive = (uint)Short() << 16 | (uint)Short();
        var length = Short();
        if (_at + length > _octets.Length) { throw Broken(); }

        var start = _at;
        var target = type is DnsMessage.Alias or DnsMessage.NameServer or DnsMessage.StartOfAuthority && length > 0 ? Name() : null;
        _at = start + length;
        return new DnsRecord(name, type, @class, timeToLive, _octets.AsMemory(start, length), target);
    }

    /// <summary>RFC 1035 §4.1.4; a pointer must lead backwards, or two could lead to each other for ever.</summary>
    private string Name()
    {
        var name = new StringBuilder();
        var at = _at;
        var end = -1;
        for (var pointers = 0; ;)
        {
            if (at >= _octets.Length) { throw Broken(); }

            int length = _octets[at];
            if (length == 0)
            {
                _at = end < 0 ? at + 1 : end;
                return name.ToString().ToLowerInvariant();
            }

            if (length >= 0xc0)
            {
                if (at + 1 >= _octets.Length || ++pointers > MostPointers) { throw Broken(); }

                var to = (length & 0x3f) << 8 | _octets[at + 1];
                if (to >= at) { throw Broken(); }
                if (end < 0) { end = at + 2; }
                at = to;
                continue;
            }

            if (length > 63 || at + 1 + length > _octets.Length || name.Length + length > 255) { throw Broken(); }
            if (name.Length > 0) { name.Append('.'); }
            name.Append(Encoding.Latin1.GetString(_octets, at + 1, length));
            at += length + 1;
        }
    }

    private int Short()
    {
        if (_at + 2 > _octets.Length) { throw Broken(); }

        var value = BinaryPrimitives.ReadUInt16BigEndian(_octets.AsSpan(_at));
        _at += 2;
        return value;
    }

    private static FormatException Broken() => new("This is no DNS message.");
}
