using System.Text;
using CertFunctions.Core.Pki.Trust;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Bundles.Sources;

/// <summary>Reads the sources of a Bundle that trust-manager has. What is wrong with one is a value: the others go on (semantics §8.2).</summary>
public sealed class BundleSources(ConfigMapStore configMaps, SecretSources secrets, PublicRoots publicRoots)
{
    /// <param name="source">Valid, and none of ours (<c>issuer</c>, <c>certificate</c>).</param>
    public async Task<SourceContent> ReadAsync(BundleSource source, CancellationToken cancellationToken)
    {
        try
        {
            return source switch
            {
                { InLine: { } text } => Read("inLine", text),
                { ConfigMap: { Name: { } name } map } => await OneAsync(name, map, cancellationToken),
                { ConfigMap: { } map } => await SelectedAsync(map, cancellationToken),
                { Secret: { } secret } => await secrets.ReadAsync(secret.Name ?? "", secret.Key ?? "", cancellationToken),
                { UseDefaultCAs: true } => await publicRoots.ReadAsync(cancellationToken),
                { UseDefaultCAs: false } => SourceContent.Nothing,
                _ => throw new ArgumentException("This source is read elsewhere.", nameof(source)),
            };
        }
        catch (ObjectStoreException away)
        {
            return SourceContent.Failed(source.ConfigMap is { } map ? $"configMap {map.Name}" : $"secret {source.Secret?.Name}", away.Message);
        }
    }

    private async Task<SourceContent> OneAsync(string name, SourceObject source, CancellationToken cancellationToken) =>
        await configMaps.FindAsync(name, cancellationToken) is var (map, _)
            ? Read(map, source)
            : SourceContent.NotFound($"configMap {name}", $"There is none of this name in the namespace {configMaps.Namespace}.");

    /// <summary>Nothing selected is fine: it holds nothing.</summary>
    private async Task<SourceContent> SelectedAsync(SourceObject source, CancellationToken cancellationToken)
    {
        var wanted = source.Selector?.MatchLabels ?? ValueMap.Empty;
        var certificates = new List<CaCertificate>();
        foreach (var (map, _) in await configMaps.ListAsync(labels => wanted.All(pair => labels.Find(pair.Key) == pair.Value), cancellationToken))
        {
            var content = Read(map, source);
            if (content.Problem is not null) { return content; }
            certificates.AddRange(content.Certificates);
        }

        return new SourceContent(certificates);
    }

    private static SourceContent Read(ConfigMap map, SourceObject source)
    {
        var certificates = new List<CaCertificate>();
        foreach (var key in source.IncludeAllKeys is true ? map.Data.Keys : [source.Key ?? ""])
        {
            if (map.Data.Find(key) is not { } text) { return SourceContent.NotFound($"configMap {map.Name}", $"It has no key {key}."); }

            var content = Read($"configMap {map.Name}/{key}", text);
            if (content.Problem is not null) { return content; }
            certificates.AddRange(content.Certificates);
        }

        return new SourceContent(certificates);
    }

    private static SourceContent Read(string source, string text)
    {
        var read = TrustPem.Read(Encoding.UTF8.GetBytes(text));
        return read.Problem is null ? new SourceContent(read.Certificates) : SourceContent.Failed(source, read.Problem);
    }
}
