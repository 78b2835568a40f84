using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Tests.Pki;

namespace CertFunctions.Core.Tests.Rotation;

/// <summary>Real certificates: P-256 keys, signed as the app signs.</summary>
internal sealed class RealMint : IMint, IDisposable
{
    private readonly RandomIds _ids = new();
    private readonly Dictionary<string, PrivateKey> _keys = [];
    private readonly Dictionary<string, CaSigner> _signers = [];

    public Ca Ca(string id, string name, string key, string ski, Ca? parent, DateTimeOffset now, DateTimeOffset notAfter)
    {
        if (!_keys.TryGetValue(key, out var pair)) { _keys.Add(key, pair = Issued.Key()); }

        var csr = Issued.Csr(Issued.Spec($"{name} CA"), pair);
        var terms = new SigningTerms(IsCA: true, null, notAfter - now, now, _ids.NewSerialNumber(), null);
        var der = parent is null ? SelfSigner.Sign(csr, pair, terms) : _signers[parent.Id].Sign(csr, terms);
        var pinned = SignerCandidate.Read(name, id, der, Above(parent), now).Signer! with { SerialNumber = id };
        var made = new Ca(pinned, parent, key, der);
        _signers.Add(made.Id, new CaSigner(der, pair, Above(parent)));
        return made;
    }

    public Leaf Leaf(string id, Ca signer, string issuer, string? certificate, DateTimeOffset now, DateTimeOffset notAfter)
    {
        using var key = Issued.Key();
        var csr = Issued.Csr(Issued.Spec(null, $"{certificate}.test"), key);
        var der = _signers[signer.Id].Sign(csr, new SigningTerms(IsCA: false, null, notAfter - now, now, _ids.NewSerialNumber(), null));
        return new(id, signer, issuer, certificate, notAfter, der);
    }

    public void Dispose()
    {
        foreach (var key in _keys.Values) { key.Dispose(); }
    }

    private static List<byte[]> Above(Ca? parent)
    {
        var above = new List<byte[]>();
        for (var each = parent; each is not null; each = each.Parent) { above.Add(each.Der!); }

        return above;
    }
}

/// <summary>Clients that really verify: .NET, trusting the anchors of a version and nothing else.</summary>
internal sealed class Clients(IReadOnlyDictionary<string, Ca> cas) : IDisposable
{
    private readonly Dictionary<string, X509Certificate2> _loaded = [];

    public bool Accept(IEnumerable<string> anchors, Leaf leaf, DateTimeOffset at)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = at.UtcDateTime;
        foreach (var id in anchors) { policy.CustomTrustStore.Add(Load(id, cas[id].Der!)); }
        for (var each = leaf.Signer; each.Parent is not null; each = each.Parent) { policy.ExtraStore.Add(Load(each.Id, each.Der!)); }

        var accepted = chain.Build(Load(leaf.Id, leaf.Der!));
        foreach (var element in chain.ChainElements) { element.Certificate.Dispose(); }
        return accepted;
    }

    public void Dispose()
    {
        foreach (var each in _loaded.Values) { each.Dispose(); }
    }

    private X509Certificate2 Load(string id, byte[] der)
    {
        if (!_loaded.TryGetValue(id, out var loaded)) { _loaded.Add(id, loaded = X509CertificateLoader.LoadCertificate(der)); }

        return loaded;
    }
}
