using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Pki.Trust;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Bundles.Sources;

/// <summary>The public part of what a vault holds for the trust namespace. The secret's value, which is the private key too, is never asked for.</summary>
public sealed class SecretSources(IVault vault, VaultPlaces places, IObjectStore objects)
{
    /// <param name="key"><c>tls.crt</c>: the certificate with its chain. <c>ca.crt</c>: the root that was published when it was stored.</param>
    public async Task<SourceContent> ReadAsync(string name, string key, CancellationToken cancellationToken)
    {
        var source = $"secret {name}/{key}";
        try
        {
            return key switch
            {
                SecretSource.Certificate => await CertificateAsync(source, name, cancellationToken),
                SecretSource.Ca => await PublishedAsync(source, $"{Place(name)}current", cancellationToken)
                    ?? SourceContent.NotFound(source, $"No CA was published for the secret {name} of the namespace {places.ClusterResourceNamespace}."),
                _ => SourceContent.Failed(source, $"Only {SecretSource.Certificate} and {SecretSource.Ca} can be read: the secret's value is never asked for."),
            };
        }
        catch (VaultException refused) { return SourceContent.Failed(source, $"The vault does not show it ({refused.Code})."); }
        catch (FormatException unreadable) { return SourceContent.Failed(source, unreadable.Message); }
    }

    private async Task<SourceContent> CertificateAsync(string source, string name, CancellationToken cancellationToken)
    {
        foreach (var place in places.Secrets(places.ClusterResourceNamespace, name))
        {
            if (await vault.FindCertificateAsync(place, version: null, cancellationToken) is not { } found) { continue; }
            if (!found.IsEnabled) { return SourceContent.NotFound(source, $"The newest version of {place.Name} is disabled."); }

            // The vault shows the leaf alone; whoever put it there by hand published no chain.
            return await PublishedAsync(source, Place(name) + X509Facts.Read(found.Leaf).X5t.ToLowerInvariant(), cancellationToken)
                ?? new SourceContent([CaCertificate.Read(found.Leaf.ToArray())]);
        }

        return SourceContent.NotFound(source, $"No vault holds a certificate {name} of the namespace {places.ClusterResourceNamespace}. What is a secret only is not read.");
    }

    private async Task<SourceContent?> PublishedAsync(string source, string place, CancellationToken cancellationToken)
    {
        if (await objects.FindAsync(place, cancellationToken) is not { } published) { return null; }

        var read = TrustPem.Read(published.Content);
        return read.Problem is null ? new SourceContent(read.Certificates) : SourceContent.Failed(source, read.Problem);
    }

    private string Place(string name) => $"ca/{places.ClusterResourceNamespace}/{name}/";
}
