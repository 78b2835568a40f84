using System.Collections.Frozen;

namespace CertFunctions.Core.Pki.Keystores;

/// <summary>How a PKCS#12 file is encrypted and sealed: cert-manager's profiles (semantics §7.4).</summary>
public sealed record Pkcs12Profile
{
    /// <summary>For readers that know nothing newer than 40-bit RC2: protects the certificates from nobody. cert-manager's default.</summary>
    public static readonly Pkcs12Profile LegacyRC2 = new()
    {
        Name = nameof(LegacyRC2), Certificates = Pkcs12Cipher.Rc2, Key = Pkcs12Cipher.TripleDes, Mac = Pkcs12Mac.Sha1, MacIterations = 1, SaltLength = 8,
    };

    public static readonly Pkcs12Profile LegacyDES = LegacyRC2 with { Name = nameof(LegacyDES), Certificates = Pkcs12Cipher.TripleDes };

    public static readonly Pkcs12Profile Modern2023 = new()
    {
        Name = nameof(Modern2023), Certificates = Pkcs12Cipher.Aes256, Key = Pkcs12Cipher.Aes256, Mac = Pkcs12Mac.Sha256, MacIterations = 2048, SaltLength = 16,
    };

    /// <summary>As 2023, sealed by PBMAC1 (RFC 9579), which OpenSSL before 3.4 and most of today's Java do not know.</summary>
    public static readonly Pkcs12Profile Modern2026 = Modern2023 with { Name = nameof(Modern2026), Mac = Pkcs12Mac.Pbmac1 };

    private static readonly FrozenDictionary<string, Pkcs12Profile> ByName =
        new[] { LegacyRC2, LegacyDES, Modern2023, Modern2026 }.ToFrozenDictionary(profile => profile.Name);

    /// <summary>As the spec names them, the default first.</summary>
    public static IReadOnlyList<string> Names { get; } = [nameof(LegacyRC2), nameof(LegacyDES), nameof(Modern2023), nameof(Modern2026)];

    public required string Name { get; init; }

    public int EncryptionIterations { get; init; } = 2048;

    public required Pkcs12Cipher Certificates { get; init; }

    public required Pkcs12Cipher Key { get; init; }

    public required Pkcs12Mac Mac { get; init; }

    public required int MacIterations { get; init; }

    /// <summary>In octets.</summary>
    public required int SaltLength { get; init; }

    public static Pkcs12Profile Of(string name) => ByName[name];
}

/// <summary>What a bag is encrypted with.</summary>
public enum Pkcs12Cipher
{
    /// <summary>pbeWithSHAAnd40BitRC2-CBC.</summary>
    Rc2,

    /// <summary>pbeWithSHAAnd3-KeyTripleDES-CBC.</summary>
    TripleDes,

    /// <summary>PBES2: PBKDF2 with HMAC-SHA-256, AES-256-CBC.</summary>
    Aes256,
}

/// <summary>What a file is sealed with.</summary>
public enum Pkcs12Mac
{
    Sha1,

    Sha256,

    /// <summary>PBKDF2 with HMAC-SHA-256, then HMAC-SHA-256.</summary>
    Pbmac1,
}
