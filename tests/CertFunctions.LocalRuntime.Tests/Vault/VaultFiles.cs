using System.Text;

namespace CertFunctions.LocalRuntime.Tests.Vault;

/// <summary>Looks into the vault's database files as somebody would who stole them.</summary>
internal static class VaultFiles
{
    public static string Read(string dataDirectory) =>
        Encoding.Latin1.GetString(Directory.GetFiles(Path.Combine(dataDirectory, "vault"), "vault.db*").SelectMany(ReadShared).ToArray());

    public static void AssertWithout(string dataDirectory, byte[] secret)
    {
        var content = Read(dataDirectory);
        foreach (var encoded in Encodings(secret)) { Assert.DoesNotContain(encoded, content, StringComparison.OrdinalIgnoreCase); }
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var copy = new MemoryStream();
        file.CopyTo(copy);
        return copy.ToArray();
    }

    // Base64 at three alignments: the first and last characters depend on the neighbours and are cut off.
    private static IEnumerable<string> Encodings(byte[] secret)
    {
        yield return Encoding.Latin1.GetString(secret);
        yield return Convert.ToHexString(secret);
        for (var shift = 0; shift < 3; shift++)
        {
            var shifted = Convert.ToBase64String([.. new byte[shift], .. secret])[4..^4];
            yield return shifted;
            yield return shifted.Replace('+', '-').Replace('/', '_');
        }
    }
}
