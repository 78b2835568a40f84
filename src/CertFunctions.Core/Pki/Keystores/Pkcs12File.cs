using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertFunctions.Core.Pki.Keystores;

/// <summary>PKCS#12 files for readers outside of Key Vault (RFC 7292), laid out as cert-manager does (semantics §7.4). For imports into Key Vault there is <see cref="Pfx"/>.</summary>
internal static class Pkcs12File
{
    private const string Data = "1.2.840.113549.1.7.1";
    private const string EncryptedData = "1.2.840.113549.1.7.6";
    private const string ShroudedKeyBag = "1.2.840.113549.1.12.10.1.2";
    private const string CertBag = "1.2.840.113549.1.12.10.1.3";
    private const string X509Certificate = "1.2.840.113549.1.9.22.1";
    private const string FriendlyName = "1.2.840.113549.1.9.20";
    private const string LocalKeyId = "1.2.840.113549.1.9.21";
    private const string JavaTrust = "2.16.840.1.113894.746875.1.1";
    private const string AnyUsage = "2.5.29.37.0";

    private static readonly Asn1Tag Explicit0 = new(TagClass.ContextSpecific, 0, isConstructed: true);

    /// <summary>The leaf, the rest of the chain, the CA certificates, and the key; leaf and key share a local key id.</summary>
    public static byte[] KeyStore(PrivateKey key, IReadOnlyList<byte[]> chain, IReadOnlyList<byte[]> ca, Pkcs12Profile profile, string password)
    {
#pragma warning disable CA5350 // an id, not a protection; SHA-1 of the leaf is what cert-manager writes
        var keyId = Attribute(LocalKeyId, value => value.WriteOctetString(SHA1.HashData(chain[0])));
#pragma warning restore CA5350
        var certificates = chain.Concat(ca).Select((der, i) => Bag(CertBag, value => WriteCertificate(value, der), i == 0 ? [keyId] : []));
        var encryption = new Pkcs12Encryption(profile, password);
        return File(encryption, Encrypted(encryption, profile.Certificates, Sequence(certificates)), Plain(Sequence([Shrouded(encryption, profile, key, keyId)])));
    }

    /// <summary>CA certificates that Java trusts: it takes an entry for trusted only with this attribute, and names it by the friendly name.</summary>
    public static byte[] TrustStore(IReadOnlyList<byte[]> ca, Pkcs12Profile profile, string password)
    {
        var encryption = new Pkcs12Encryption(profile, password);
        return File(encryption, Encrypted(encryption, profile.Certificates, TrustBags(ca.Zip(DistinctNames(ca)))));
    }

    /// <summary>The same, of public certificates under aliases of their own: the same bytes for the same entries. An empty password: neither encrypted nor sealed.</summary>
    public static byte[] PublicTrustStore(IReadOnlyList<TrustEntry> entries, Pkcs12Profile profile, string password)
    {
        var bags = TrustBags(entries.Select(each => (each.Der, each.Alias)));
        if (password.Length == 0) { return File(encryption: null, Plain(bags)); }

        var encryption = new Pkcs12Encryption(profile, password, new DerivedOctets(bags).Next);
        return File(encryption, Encrypted(encryption, profile.Certificates, bags));
    }

    private static byte[] TrustBags(IEnumerable<(byte[] Der, string Name)> entries)
    {
        var trust = Attribute(JavaTrust, value => value.WriteObjectIdentifier(AnyUsage));
        return Sequence(entries.Select(entry => Bag(
            CertBag,
            value => WriteCertificate(value, entry.Der),
            [Attribute(FriendlyName, value => value.WriteCharacterString(UniversalTagNumber.BMPString, entry.Name)), trust])));
    }

    /// <summary>Subjects; a second certificate of one subject gets a number, for Java keeps one entry a name, without regard to case.</summary>
    private static List<string> DistinctNames(IReadOnlyList<byte[]> ca)
    {
        var names = new List<string>();
        foreach (var der in ca)
        {
            using var x509 = X509CertificateLoader.LoadCertificate(der);
            var (name, number) = (x509.Subject, 1);
            while (names.Contains(name, StringComparer.OrdinalIgnoreCase)) { name = FormattableString.Invariant($"{x509.Subject} ({++number})"); }
            names.Add(name);
        }

        return names;
    }

    private static byte[] File(Pkcs12Encryption? encryption, params byte[][] contents)
    {
        var safe = Sequence(contents);
        var file = new AsnWriter(AsnEncodingRules.DER);
        using (file.PushSequence())
        {
            file.WriteInteger(3);
            file.WriteEncodedValue(Plain(safe));
            encryption?.Seal(file, safe);
        }

        return file.Encode();
    }

    private static byte[] Plain(byte[] content) => Sequence(writer =>
    {
        writer.WriteObjectIdentifier(Data);
        using (writer.PushSequence(Explicit0)) { writer.WriteOctetString(content); }
    });

    private static byte[] Encrypted(Pkcs12Encryption encryption, Pkcs12Cipher cipher, byte[] content) => Sequence(writer =>
    {
        writer.WriteObjectIdentifier(EncryptedData);
        using (writer.PushSequence(Explicit0))
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Data);
                var ciphertext = encryption.Encrypt(writer, cipher, content);
                writer.WriteOctetString(ciphertext, new Asn1Tag(TagClass.ContextSpecific, 0));
            }
        }
    });

    private static byte[] Shrouded(Pkcs12Encryption encryption, Pkcs12Profile profile, PrivateKey key, byte[] keyId)
    {
        var plain = key.ExportPkcs8();
        try
        {
            return Bag(
                ShroudedKeyBag,
                value =>
                {
                    using (value.PushSequence())
                    {
                        var ciphertext = encryption.Encrypt(value, profile.Key, plain);
                        value.WriteOctetString(ciphertext);
                    }
                },
                [keyId]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private static void WriteCertificate(AsnWriter value, byte[] der)
    {
        using (value.PushSequence())
        {
            value.WriteObjectIdentifier(X509Certificate);
            using (value.PushSequence(Explicit0)) { value.WriteOctetString(der); }
        }
    }

    private static byte[] Bag(string type, Action<AsnWriter> value, IReadOnlyList<byte[]> attributes) => Sequence(writer =>
    {
        writer.WriteObjectIdentifier(type);
        using (writer.PushSequence(Explicit0)) { value(writer); }
        if (attributes.Count == 0) { return; }

        using (writer.PushSetOf())
        {
            foreach (var attribute in attributes) { writer.WriteEncodedValue(attribute); }
        }
    });

    private static byte[] Attribute(string type, Action<AsnWriter> value) => Sequence(writer =>
    {
        writer.WriteObjectIdentifier(type);
        using (writer.PushSetOf()) { value(writer); }
    });

    private static byte[] Sequence(IEnumerable<byte[]> values) => Sequence(writer =>
    {
        foreach (var value in values) { writer.WriteEncodedValue(value); }
    });

    private static byte[] Sequence(Action<AsnWriter> content)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence()) { content(writer); }

        return writer.Encode();
    }
}
