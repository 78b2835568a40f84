using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Pki.Trust;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Issuers.Rotation;

/// <summary>Looks up the CA certificate that an issuer could sign with, and keeps its root for the bundles.</summary>
public sealed class CaCandidates(IVault vault, VaultPlaces places, IObjectStore objects, CaRoots roots, TimeProvider time)
{
    /// <param name="version">Of the vault object; null: the newest.</param>
    /// <param name="pinned">What the issuer signs with now: a root that it names is kept already.</param>
    public async Task<SignerCandidate> FindAsync(string ns, string secretName, string? version, PinnedSigner? pinned, CancellationToken cancellationToken)
    {
        var place = places.CaSecret(ns, secretName);
        VaultCertificate? found;
        try
        {
            found = await vault.FindCertificateAsync(place, version, cancellationToken);
        }
        catch (VaultException refused) when (refused.Status is 401 or 403)
        {
            return SignerCandidate.NotFound($"The system vault refuses to show {place.Name} ({refused.Code}).");
        }

        if (found is null) { return SignerCandidate.NotFound($"The system vault holds no certificate {place.Name}{(version is null ? "" : $" of version {version}")} (secretName {secretName} in namespace {ns})."); }
        if (!found.IsEnabled) { return SignerCandidate.NotFound($"The {(version is null ? "newest version" : $"version {version}")} of {place.Name} is disabled."); }

        var known = await KnownChainAsync(ns, secretName, found.Leaf, cancellationToken);
        var candidate = SignerCandidate.Read(place.Name, found.Version, found.Leaf, known, time.GetUtcNow());
        if (candidate.Signer is not { } signer) { return candidate; }
        if (signer.RootThumbprint is { } root && root != pinned?.RootThumbprint) { await KeepRootAsync(root, [found.Leaf.ToArray(), .. known], cancellationToken); }

        return candidate with { Signer = signer with { SecretName = secretName } };
    }

    /// <summary>By its content, so it may be repeated, and be kept for a CA that never comes to sign.</summary>
    private async Task KeepRootAsync(string thumbprint, IEnumerable<byte[]> known, CancellationToken cancellationToken)
    {
        if (known.Select(CaCertificate.Read).FirstOrDefault(each => each.Thumbprint == thumbprint) is { } root) { await roots.KeepAsync(root, cancellationToken); }
    }

    /// <summary>The chain and root that were published when the CA certificate was stored; empty when they are not known.</summary>
    private async Task<IReadOnlyList<byte[]>> KnownChainAsync(string ns, string secretName, ReadOnlyMemory<byte> leaf, CancellationToken cancellationToken)
    {
        try
        {
            return await objects.FindAsync($"ca/{ns}/{secretName}/{X509Facts.Read(leaf).X5t.ToLowerInvariant()}", cancellationToken) is { } chain ? Pem.ReadCertificates(chain.Content) : [];
        }
        catch (FormatException)
        {
            return [];
        }
    }
}
