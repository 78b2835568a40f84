using System.Security.Cryptography;
using System.Text;

namespace CertFunctions.LocalVault.Storage;

/// <summary>Encrypts stored values with AES-256-GCM; the place a value belongs to is authenticated with it, so rows cannot be swapped.</summary>
internal sealed class ValueCipher(byte[] key)
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    public byte[] Encrypt(string value, string place)
    {
        var plain = Encoding.UTF8.GetBytes(value);
        var sealedValue = new byte[NonceSize + plain.Length + TagSize];
        RandomNumberGenerator.Fill(sealedValue.AsSpan(0, NonceSize));
        using var gcm = new AesGcm(key, TagSize);
        gcm.Encrypt(sealedValue.AsSpan(0, NonceSize), plain, sealedValue.AsSpan(NonceSize, plain.Length),
            sealedValue.AsSpan(NonceSize + plain.Length), Encoding.UTF8.GetBytes(place));
        CryptographicOperations.ZeroMemory(plain);
        return sealedValue;
    }

    public string Decrypt(byte[] sealedValue, string place)
    {
        var plain = new byte[sealedValue.Length - NonceSize - TagSize];
        using var gcm = new AesGcm(key, TagSize);
        gcm.Decrypt(sealedValue.AsSpan(0, NonceSize), sealedValue.AsSpan(NonceSize, plain.Length),
            sealedValue.AsSpan(NonceSize + plain.Length), plain, Encoding.UTF8.GetBytes(place));
        var value = Encoding.UTF8.GetString(plain);
        CryptographicOperations.ZeroMemory(plain);
        return value;
    }
}
