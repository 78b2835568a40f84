using System.Security.Cryptography;

namespace CertFunctions.Core.Pki.Keystores;

/// <summary>One trusted certificate of a keystore.</summary>
/// <param name="Alias">Lower case, and no other entry's.</param>
/// <param name="Since">What a JKS shows as creation date.</param>
internal sealed record TrustEntry(byte[] Der, string Alias, DateTimeOffset Since);

/// <summary>Salts and initialisation vectors that follow from the content, so that a file of public certificates has the same bytes whenever it is made.</summary>
/// <remarks>Only for what is public: who knows the content knows the octets.</remarks>
internal sealed class DerivedOctets(ReadOnlySpan<byte> content)
{
    private readonly byte[] _seed = SHA256.HashData(content);

    private byte _count;

    /// <summary>At most 32, others at each call.</summary>
    public byte[] Next(int length) => SHA256.HashData([.. _seed, _count++])[..length];
}
