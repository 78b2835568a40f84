using CertFunctions.App.Api;
using CertFunctions.App.Certificates;
using CertFunctions.App.Issuers.Rotation;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Bundles.Sources;

/// <summary>The sources that only this system has: the CA of an issuer, and a CA Certificate. Both give the root of its chain (ca-rotation 1).</summary>
public sealed class IssuerSources(ResourceStore store, CaRoots roots, CaCandidates candidates)
{
    /// <param name="issuers">All that have a CA pinned.</param>
    public Task<SourceContent> ReadAsync(BundleSource source, IReadOnlyList<IssuerCas> issuers, CancellationToken cancellationToken) => source switch
    {
        { Issuer: { } issuer } => OfIssuerAsync(issuer, issuers, cancellationToken),
        { Certificate: { } certificate } => OfCertificateAsync(certificate, cancellationToken),
        _ => Task.FromResult(Bad("is of no kind that is known here.")),
    };

    private async Task<SourceContent> OfIssuerAsync(SourceIssuer issuer, IReadOnlyList<IssuerCas> issuers, CancellationToken cancellationToken)
    {
        var name = IssuerCas.NameOf(issuer.Kind ?? "ClusterIssuer", new ResourceName(issuer.Namespace, issuer.Name));
        if (issuers.FirstOrDefault(each => each.Issuer == name) is not { } found) { return Bad($"{name}: there is none of type ca that has a CA yet."); }

        return await RootAsync(name, found.Pinned, cancellationToken);
    }

    private async Task<SourceContent> OfCertificateAsync(SourceCertificate source, CancellationToken cancellationToken)
    {
        var name = $"Certificate {source.Namespace}/{source.Name}";
        if (await store.FindAsync(CertificateKind.Kind, new ResourceName(source.Namespace, source.Name), cancellationToken) is not { Resource: var certificate }) { return Bad($"{name} does not exist."); }
        if (certificate.Spec.IsCA is not true) { return Bad($"{name} is no CA (isCA)."); }

        var candidate = await candidates.FindAsync(source.Namespace, certificate.Spec.SecretName, version: null, pinned: null, cancellationToken);
        return candidate.Signer is { } signer ? await RootAsync(name, signer, cancellationToken) : Bad($"{name}: {candidate.Problem}");
    }

    private async Task<SourceContent> RootAsync(string name, PinnedSigner signer, CancellationToken cancellationToken)
    {
        if (signer.RootThumbprint is not { } thumbprint) { return Bad($"{name}: the root of its CA is unknown; import the CA with its chain, or add the root as a source."); }

        return await roots.FindAsync(thumbprint, cancellationToken) is { } root ? new([root], Problem: null, DefaultCAVersion: null) : Bad($"{name}: the root {thumbprint} is not kept anywhere.");
    }

    private static SourceContent Bad(string problem) => new([], problem, DefaultCAVersion: null);
}
