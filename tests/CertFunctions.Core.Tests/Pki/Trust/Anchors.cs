using System.Text;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Pki.Trust;

namespace CertFunctions.Core.Tests.Pki.Trust;

/// <summary>Certificates of every sort that may turn up in a source.</summary>
internal sealed class Anchors : IDisposable
{
    private readonly PrivateKey _root = Issued.Key();
    private readonly PrivateKey _intermediate = Issued.Key();
    private readonly PrivateKey _leaf = Issued.Key();

    public Anchors()
    {
        var root = Issued.Root(_root);
        var signer = new CaSigner(root, _root, []);
        var intermediate = Issued.Intermediate(signer, _intermediate);
        (Root, Intermediate) = (CaCertificate.Read(root), CaCertificate.Read(intermediate));
        Leaf = CaCertificate.Read(Issued.Leaf(new CaSigner(intermediate, _intermediate, [root]), _leaf, "web.test"));
    }

    public CaCertificate Root { get; }

    public CaCertificate Intermediate { get; }

    public CaCertificate Leaf { get; }

    public static CaCertificate NewRoot(string name, double days = 3650)
    {
        using var key = Issued.Key();
        return CaCertificate.Read(Issued.Root(key, name, days: days));
    }

    public static string Pem(params CaCertificate[] certificates) => Encoding.ASCII.GetString(Core.Pki.Pem.WriteCertificates(certificates.Select(each => each.Der)).Span);

    public static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    public void Dispose()
    {
        _root.Dispose();
        _intermediate.Dispose();
        _leaf.Dispose();
    }
}
