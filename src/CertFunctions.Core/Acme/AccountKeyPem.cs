using System.Security.Cryptography;
using System.Text;
using CertFunctions.Core.Pki;

namespace CertFunctions.Core.Acme;

/// <summary>Reads account keys as people bring them: from openssl, from cert-manager (PKCS#1), from another client.</summary>
internal static class AccountKeyPem
{
    /// <summary>cert-manager's figure for keys.</summary>
    private const int MaxLength = 13_000;

    public static AccountKey Read(string pem)
    {
        if (pem.Length > MaxLength) { throw new FormatException($"The account key has {pem.Length} characters; at most {MaxLength} are read."); }

        var octets = Encoding.UTF8.GetBytes(pem);
        try
        {
            return Checked(Import(octets));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }

    // No message and no inner exception of what failed below: either may quote the input.
    private static AsymmetricAlgorithm Import(byte[] pem)
    {
        var (label, der) = OnlyKey(pem);
        AsymmetricAlgorithm? key = null;
        try
        {
            var isRsa = label == "RSA PRIVATE KEY" || (label == "PRIVATE KEY" && KeyPolicy.IsRsaPkcs8(der));
            key = isRsa ? RSA.Create() : ECDsa.Create();
            var read = 0;
            switch (label)
            {
                case "PRIVATE KEY": key.ImportPkcs8PrivateKey(der, out read); break;
                case "RSA PRIVATE KEY": ((RSA)key).ImportRSAPrivateKey(der, out read); break;
                case "EC PRIVATE KEY": ((ECDsa)key).ImportECPrivateKey(der, out read); break;
            }

            return read == der.Length ? key : throw new CryptographicException("Bytes follow the key.");
        }
        catch (Exception exception) when (exception is CryptographicException or PlatformNotSupportedException or ArgumentException)
        {
            key?.Dispose();
#pragma warning disable MA0054 // see above
            throw new FormatException($"The account key's block \"{label}\" cannot be read, or is of a kind that is not offered.");
#pragma warning restore MA0054
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    private static (string Label, byte[] Der) OnlyKey(byte[] pem)
    {
        List<(string Label, byte[] Der)> blocks;
        try
        {
            blocks = Pem.ReadBlocks(pem, int.MaxValue);
        }
        catch (FormatException)
        {
#pragma warning disable MA0054 // see above
            throw new FormatException("The account key is not well-formed PEM.");
#pragma warning restore MA0054
        }

        // openssl ecparam writes the curve into a block of its own first.
        blocks.RemoveAll(block => block.Label == "EC PARAMETERS");
        return blocks switch
        {
            [{ Label: "PRIVATE KEY" or "RSA PRIVATE KEY" or "EC PRIVATE KEY" } block] => block,
            [{ Label: "ENCRYPTED PRIVATE KEY" }] => throw new FormatException("The account key is encrypted; it must be stored in the clear in the vault."),
            [] => throw new FormatException("The account key is not PEM."),
            [_] => throw new FormatException("The account key's PEM holds something other than a private key (PKCS#8, PKCS#1 or SEC 1)."),
            _ => throw new FormatException("The account key's PEM holds more than one block."),
        };
    }

    private static AccountKey Checked(AsymmetricAlgorithm key)
    {
        try
        {
            var problem = KeyPolicy.Problem(key.ExportSubjectPublicKeyInfo(), out _);
            return problem is null ? new AccountKey(key) : throw new FormatException($"The account key is not usable: {problem}.");
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }
}
