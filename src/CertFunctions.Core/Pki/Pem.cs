using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace CertFunctions.Core.Pki;

/// <summary>Reads and writes PEM in time proportional to its size (RFC 7468). .NET's own reader is quadratic on hostile input.</summary>
public static class Pem
{
    /// <summary>Largest chain taken, in bytes (cert-manager's figure).</summary>
    public const int MaxChainBytes = 95_000;

    /// <summary>Largest bundle taken, in bytes.</summary>
    public const int MaxBundleBytes = 330_000;

    /// <summary>Largest single certificate or CSR taken, in bytes.</summary>
    public const int MaxSingleBytes = 36_500;

    private const int MaxLabelLength = 64;

    private static readonly byte[] Begin = "-----BEGIN "u8.ToArray();
    private static readonly byte[] End = "-----END "u8.ToArray();
    private static readonly byte[] Dashes = "-----"u8.ToArray();

    /// <summary>The DER of every block, in order. Text outside of blocks is ignored; any block that is not a certificate, and input above 95,000 bytes, is a <see cref="FormatException"/>.</summary>
    public static IReadOnlyList<byte[]> ReadCertificates(ReadOnlyMemory<byte> pem) => ReadCertificates(pem, MaxChainBytes);

    /// <inheritdoc cref="ReadCertificates(ReadOnlyMemory{byte})"/>
    public static IReadOnlyList<byte[]> ReadCertificates(ReadOnlyMemory<byte> pem, int maxBytes)
    {
        var blocks = ReadBlocks(pem, maxBytes);
        foreach (var (label, der) in blocks)
        {
            if (label != "CERTIFICATE") { throw new FormatException($"The PEM holds a block \"{label}\" where only certificates belong."); }
            if (DerCertificate.TryRead(der, out var problem) is null) { throw new FormatException($"A certificate of the PEM cannot be read: {problem}"); }
        }

        return [.. blocks.Select(block => block.Der)];
    }

    /// <summary>One block a certificate, lines of 64 characters, each ended by a line feed.</summary>
    public static ReadOnlyMemory<byte> WriteCertificates(IEnumerable<byte[]> ders)
    {
        var text = new StringBuilder();
        foreach (var der in ders) { text.Append(PemEncoding.Write("CERTIFICATE", der)).Append('\n'); }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    internal static ReadOnlyMemory<byte> Write(string label, ReadOnlySpan<byte> der) =>
        Encoding.ASCII.GetBytes(PemEncoding.WriteString(label, der) + "\n");

    /// <param name="refusal">Why a block of this label is not taken, asked at its BEGIN line; null: it is. With it, half a BEGIN line is a <see cref="FormatException"/> too, not text.</param>
    internal static List<(string Label, byte[] Der)> ReadBlocks(ReadOnlyMemory<byte> pem, int maxBytes, Func<string, string?>? refusal = null, int maxBlocks = int.MaxValue)
    {
        if (pem.Length > maxBytes) { throw new FormatException($"The PEM has {pem.Length} bytes; at most {maxBytes} are read."); }

        var blocks = new List<(string Label, byte[] Der)>();
        var rest = pem.Span;
        while (NextLine(ref rest, out var line))
        {
            if (LabelOf(line, Begin) is not { } label)
            {
                if (refusal is not null && line.StartsWith(Begin)) { throw new FormatException("The PEM has a BEGIN line that does not end with five dashes."); }
                continue;
            }

            if (refusal?.Invoke(label) is { } problem) { throw new FormatException(problem); }
            if (blocks.Count == maxBlocks) { throw new FormatException($"The PEM has more than {maxBlocks} blocks."); }
            blocks.Add((label, ReadBody(ref rest, label, refusal)));
        }

        return blocks;
    }

    private static byte[] ReadBody(ref ReadOnlySpan<byte> rest, string label, Func<string, string?>? refusal)
    {
        var body = new ArrayBufferWriter<byte>();
        while (NextLine(ref rest, out var line))
        {
            if (LabelOf(line, Begin) is { } nested && refusal?.Invoke(nested) is { } problem) { throw new FormatException(problem); }
            if (line.StartsWith(Begin)) { break; }
            if (!line.StartsWith(End))
            {
                body.Write(line);
                continue;
            }

            if (LabelOf(line, End) != label) { break; }

            return Decode(body.WrittenSpan, label);
        }

        throw new FormatException($"The PEM block \"{label}\" does not end with its END line.");
    }

    private static byte[] Decode(ReadOnlySpan<byte> base64, string label)
    {
        var der = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        if (base64.IsEmpty || Base64.DecodeFromUtf8(base64, der, out var read, out var written) is not OperationStatus.Done || read != base64.Length)
        {
            throw new FormatException($"The PEM block \"{label}\" is not base64.");
        }

        return der[..written];
    }

    private static string? LabelOf(ReadOnlySpan<byte> line, ReadOnlySpan<byte> start)
    {
        if (line.Length <= start.Length + Dashes.Length || !line.StartsWith(start) || !line.EndsWith(Dashes)) { return null; }

        // A label is shown in messages: RFC 7468 §2 gives it visible characters, and nobody needs more than a few.
        var label = line[start.Length..^Dashes.Length];
        return label.Length <= MaxLabelLength && !label.ContainsAnyExceptInRange((byte)' ', (byte)'~')
            ? Encoding.ASCII.GetString(label)
            : throw new FormatException("The PEM has a BEGIN or END line whose label cannot be read.");
    }

    private static bool NextLine(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        if (rest.IsEmpty)
        {
            line = default;
            return false;
        }

        var end = rest.IndexOf((byte)'\n');
        line = (end < 0 ? rest : rest[..end]).Trim(" \t\r"u8);
        rest = end < 0 ? default : rest[(end + 1)..];
        return true;
    }
}
