using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Pki;

namespace CertFunctions.App.Acme.Orders;

/// <summary>Tells whether a leaf that came alone needs no chain: its issuer is a root that everybody has.</summary>
public sealed class TrustedIssuers
{
    private readonly Lazy<IReadOnlyList<byte[]>> _roots = new(() =>
    {
        using var store = new X509Store(StoreName.Root, StoreLocation.LocalMachine);
        store.Open(OpenFlags.ReadOnly);
        return [.. store.Certificates.Select(each => each.RawData)];
    });

    /// <param name="caBundle">Of the issuer; null: none.</param>
    public bool Issued(byte[] leaf, string? caBundle)
    {
        var named = string.IsNullOrEmpty(caBundle) ? [] : AcmeTrust.TryRead(caBundle, out _) ?? [];
        return IssuedBy.Any(leaf, named) || IssuedBy.Any(leaf, _roots.Value);
    }
}
