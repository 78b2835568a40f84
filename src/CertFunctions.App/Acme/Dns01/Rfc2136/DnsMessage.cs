using System.Security.Cryptography;

namespace CertFunctions.App.Acme.Dns01.Rfc2136;

/// <summary>A resource record (RFC 1035 §3.2.1).</summary>
/// <param name="Name">Lower case, without the trailing dot; labels are told apart by dots only.</param>
/// <param name="Data">RDATA; names in it are written out.</param>
/// <param name="Target">The name that CNAME, NS and SOA point to (SOA: the primary server).</param>
internal sealed record DnsRecord(string Name, int Type, int Class, uint TimeToLive, ReadOnlyMemory<byte> Data, string? Target = null);

/// <param name="Name">Without the trailing dot.</param>
internal sealed record DnsQuestion(string Name, int Type, int Class = DnsMessage.Internet);

/// <summary>A DNS message as far as updates (RFC 2136) and DNS over HTTPS need it; for an update, question is zone, answers are prerequisites, authorities are updates.</summary>
internal sealed record DnsMessage
{
    public const int Internet = 1;
    public const int None = 254;
    public const int Any = 255;

    public const int A = 1;
    public const int NameServer = 2;
    public const int Alias = 5;
    public const int StartOfAuthority = 6;
    public const int Text = 16;
    public const int Aaaa = 28;
    public const int Options = 41;
    public const int Signature = 250;

    public const int Query = 0;
    public const int Update = 5;

    public required int Id { get; init; }

    public bool IsResponse { get; init; }

    public int Opcode { get; init; }

    public bool IsAuthoritative { get; init; }

    public bool IsTruncated { get; init; }

    public bool WantsRecursion { get; init; }

    /// <summary>RFC 6895 §2.3; 0 is success.</summary>
    public int ResponseCode { get; init; }

    public IReadOnlyList<DnsQuestion> Questions { get; init; } = [];

    public IReadOnlyList<DnsRecord> Answers { get; init; } = [];

    public IReadOnlyList<DnsRecord> Authorities { get; init; } = [];

    public IReadOnlyList<DnsRecord> Additionals { get; init; } = [];

    public static DnsMessage Ask(string name, int type, bool recursion = false) =>
        new() { Id = NewId(), Opcode = Query, WantsRecursion = recursion, Questions = [new(name, type)] };

    /// <summary>One change of one record (RFC 2136 §2.5.1: class IN adds; §2.5.4: class NONE takes it away).</summary>
    public static DnsMessage Change(string zone, DnsRecord record) =>
        new() { Id = NewId(), Opcode = Update, Questions = [new(zone, StartOfAuthority)], Authorities = [record] };

    /// <summary>RDATA of a TXT record: the text in strings of at most 255 octets.</summary>
    public static byte[] TextData(string value)
    {
        var octets = System.Text.Encoding.UTF8.GetBytes(value);
        return octets.Length == 0 ? [0] : [.. octets.Chunk(255).SelectMany(chunk => chunk.Prepend((byte)chunk.Length))];
    }

    /// <summary>The other way; null for data that is none.</summary>
    public static string? ReadText(ReadOnlySpan<byte> data)
    {
        var octets = new List<byte>(data.Length);
        while (data.Length > 0)
        {
            if (data[0] >= data.Length) { return null; }
            octets.AddRange(data.Slice(1, data[0]));
            data = data[(data[0] + 1)..];
        }

        return System.Text.Encoding.UTF8.GetString([.. octets]);
    }

    // Guessed ids let a stranger answer (RFC 5452 §9.2).
    private static int NewId() => RandomNumberGenerator.GetInt32(0x10000);
}
