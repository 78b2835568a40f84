using System.Text;

namespace CertFunctions.Servers.Tests;

/// <summary>Looks for a secret in everything a run leaves behind: raw, hex, base64 and base64url at every alignment.</summary>
internal static class SecretSearch
{
    /// <summary>Names of the files (and <c>output</c>: what the program printed and answered) in which the secret shows.</summary>
    public static IEnumerable<string> Find(byte[] secret, string folder, string output)
    {
        var shapes = Shapes(secret).ToList();
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            if (shapes.Exists(shape => bytes.AsSpan().IndexOf(shape) >= 0)) { yield return Path.GetFileName(file); }
        }

        var text = Encoding.UTF8.GetBytes(output);
        if (shapes.Exists(shape => text.AsSpan().IndexOf(shape) >= 0)) { yield return "output"; }
    }

    private static IEnumerable<byte[]> Shapes(byte[] secret)
    {
        yield return secret;
        yield return Encoding.ASCII.GetBytes(Convert.ToHexString(secret));
        yield return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(secret));
        for (var alignment = 0; alignment < 3; alignment++)
        {
            // Drop what depends on the neighbours: the first group and the last.
            var text = Convert.ToBase64String([.. new byte[alignment], .. secret]);
            var middle = text[4..^8];
            yield return Encoding.ASCII.GetBytes(middle);
            yield return Encoding.ASCII.GetBytes(middle.Replace('+', '-').Replace('/', '_'));
        }
    }
}
