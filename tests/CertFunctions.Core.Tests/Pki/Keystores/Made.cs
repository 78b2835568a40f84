using System.Security.Cryptography;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Pki.Keystores;
using CertFunctions.Core.Ports;

namespace CertFunctions.Core.Tests.Pki.Keystores;

/// <summary>A leaf under an intermediate under a root, as an output sees them.</summary>
internal sealed class Made : IDisposable
{
    public const string Password = "pass-wörd-1";

    private readonly PrivateKey _root = Issued.Key();
    private readonly PrivateKey _intermediate = Issued.Key();

    public Made(string algorithm = "ECDSA", int size = 256)
    {
        Key = PrivateKey.Generate(algorithm, size);
        var root = Issued.Root(_root);
        var intermediate = Issued.Intermediate(new CaSigner(root, _root, []), _intermediate);
        var leaf = Issued.Leaf(new CaSigner(intermediate, _intermediate, [root]), Key, "web.test");
        Source = new OutputSource(Key, [leaf, intermediate], [root]);
    }

    public PrivateKey Key { get; }

    public OutputSource Source { get; }

    public static OutputStyle Style(string profile = "LegacyRC2", string? encoding = null, string alias = "certificate", string password = Password) =>
        new(encoding, alias, Pkcs12Profile.Of(profile), new SecretText(password));

    public byte[] Binary(string type, OutputStyle style) => Convert.FromBase64String(OutputContent.Write(type, Source, style, Issued.Now).Reveal());

    public string Text(string type, OutputStyle style) => OutputContent.Write(type, Source, style, Issued.Now).Reveal();

    /// <summary>What <c>keytool</c> prints of a certificate.</summary>
    public static string Fingerprint(byte[] der) => string.Join(':', SHA256.HashData(der).Select(octet => octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));

    public void Dispose()
    {
        Key.Dispose();
        _root.Dispose();
        _intermediate.Dispose();
    }
}
