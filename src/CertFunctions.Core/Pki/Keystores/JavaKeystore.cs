using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;

namespace CertFunctions.Core.Pki.Keystores;

/// <summary>Java's own keystore format, JKS version 2, as the JDK reads it (sun.security.provider.JavaKeyStore and KeyProtector). Key and store share the password.</summary>
/// <remarks>Its protection is SHA-1 over password and salt: weak by today's measure, but what readers of <c>.jks</c> files know. PKCS#12 is the better wish.</remarks>
#pragma warning disable CA5350 // the format knows no other digest
internal static class JavaKeystore
{
    private const int KeyEntry = 1;
    private const int TrustedEntry = 2;
    private const string KeyProtector = "1.3.6.1.4.1.42.2.17.1.1";

    /// <summary>A key with its chain under <paramref name="alias"/>, then the trusted CA certificates.</summary>
    public static byte[] KeyStore(PrivateKey key, IReadOnlyList<byte[]> chain, IReadOnlyList<byte[]> ca, string alias, string password, DateTimeOffset now)
    {
        using var file = new Writer(password, entries: 1 + ca.Count);
        file.Int(KeyEntry);
        file.Text(Lower(alias));
        file.Long(now.ToUnixTimeMilliseconds());
        file.Block(file.Protect(key));
        file.Int(chain.Count);
        foreach (var certificate in chain) { file.Certificate(certificate); }

        Trusted(file, ca, now);
        return file.Seal();
    }

    /// <summary>The trusted CA certificates alone: <c>ca</c>, <c>ca-1</c>, <c>ca-2</c>, as cert-manager names them.</summary>
    public static byte[] TrustStore(IReadOnlyList<byte[]> ca, string password, DateTimeOffset now)
    {
        using var file = new Writer(password, ca.Count);
        Trusted(file, ca, now);
        return file.Seal();
    }

    /// <summary>Trusted certificates under aliases and dates of their own: the same bytes for the same entries.</summary>
    public static byte[] TrustStore(IReadOnlyList<TrustEntry> entries, string password)
    {
        using var file = new Writer(password, entries.Count);
        foreach (var entry in entries) { Trusted(file, entry); }
        return file.Seal();
    }

    private static void Trusted(Writer file, IReadOnlyList<byte[]> ca, DateTimeOffset now)
    {
        for (var i = 0; i < ca.Count; i++) { Trusted(file, new TrustEntry(ca[i], i == 0 ? "ca" : FormattableString.Invariant($"ca-{i}"), now)); }
    }

    private static void Trusted(Writer file, TrustEntry entry)
    {
        file.Int(TrustedEntry);
        file.Text(entry.Alias);
        file.Long(entry.Since.ToUnixTimeMilliseconds());
        file.Certificate(entry.Der);
    }

#pragma warning disable CA1308 // the JDK looks aliases up in lower case
    private static string Lower(string alias) => alias.ToLowerInvariant();
#pragma warning restore CA1308

    /// <summary>Big-endian numbers and length-prefixed blocks, under one password.</summary>
    private sealed class Writer : IDisposable
    {
        private readonly MemoryStream _content = new();
        private readonly byte[] _password;

        public Writer(string password, int entries)
        {
            _password = Encoding.BigEndianUnicode.GetBytes(password);
            Int(unchecked((int)0xFEEDFEED));
            Int(2);
            Int(entries);
        }

        public void Int(int value)
        {
            Span<byte> octets = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(octets, value);
            _content.Write(octets);
        }

        public void Long(long value)
        {
            Span<byte> octets = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(octets, value);
            _content.Write(octets);
        }

        /// <summary>As DataOutput.writeUTF does for text without NUL and surrogates: two bytes of length, then UTF-8.</summary>
        public void Text(string text)
        {
            var octets = Encoding.UTF8.GetBytes(text);
            Span<byte> length = stackalloc byte[sizeof(ushort)];
            BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)octets.Length));
            _content.Write(length);
            _content.Write(octets);
        }

        public void Block(ReadOnlySpan<byte> octets)
        {
            Int(octets.Length);
            _content.Write(octets);
        }

        public void Certificate(ReadOnlySpan<byte> der)
        {
            Text("X.509");
            Block(der);
        }

        /// <summary>EncryptedPrivateKeyInfo: salt, the PKCS#8 key under a stream of chained digests, and a digest of password and key.</summary>
        public byte[] Protect(PrivateKey key)
        {
            var plain = key.ExportPkcs8();
            try
            {
                var salt = RandomNumberGenerator.GetBytes(SHA1.HashSizeInBytes);
                var sealedKey = new byte[salt.Length + plain.Length + SHA1.HashSizeInBytes];
                salt.CopyTo(sealedKey, 0);
                var stream = salt;
                for (var i = 0; i < plain.Length; i++)
                {
                    if (i % SHA1.HashSizeInBytes == 0) { stream = Digest(stream); }
                    sealedKey[salt.Length + i] = (byte)(plain[i] ^ stream[i % SHA1.HashSizeInBytes]);
                }

                Digest(plain).CopyTo(sealedKey, salt.Length + plain.Length);
                return Info(sealedKey);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(plain);
            }
        }

        /// <summary>The file: the content and a digest that shows that nobody without the password changed it.</summary>
        public byte[] Seal()
        {
            _content.Write(Digest("Mighty Aphrodite"u8, _content.ToArray()));
            return _content.ToArray();
        }

        public void Dispose()
        {
            CryptographicOperations.ZeroMemory(_password);
            _content.Dispose();
        }

        private byte[] Digest(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other = default)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
            hash.AppendData(_password);
            hash.AppendData(one);
            hash.AppendData(other);
            return hash.GetHashAndReset();
        }

        private static byte[] Info(byte[] sealedKey)
        {
            var der = new AsnWriter(AsnEncodingRules.DER);
            using (der.PushSequence())
            {
                using (der.PushSequence())
                {
                    der.WriteObjectIdentifier(KeyProtector);
                    der.WriteNull();
                }

                der.WriteOctetString(sealedKey);
            }

            return der.Encode();
        }
    }
}
