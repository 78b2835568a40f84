using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api.Lists;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Bundles.Sources;

/// <summary>The ConfigMaps of the trust namespace, one object each: <c>configmaps/{ns}/{name}</c>, its labels in the listing.</summary>
public sealed class ConfigMapStore(IObjectStore objects, VaultPlaces places)
{
    /// <summary>The one namespace that Bundles read (trust-manager's <c>--trust-namespace</c>).</summary>
    public string Namespace => places.ClusterResourceNamespace;

    private string Prefix => $"configmaps/{Namespace}/";

    /// <summary>Null when there is none of this name.</summary>
    public async Task<(ConfigMap Map, ETag Version)?> FindAsync(string name, CancellationToken cancellationToken) =>
        await objects.FindAsync(Prefix + name, cancellationToken) is { } stored ? (ConfigMap.Of(stored), stored.ETag) : null;

    /// <summary>Those whose labels are selected, in the order of their names; of the others no content is read.</summary>
    public async Task<IReadOnlyList<(ConfigMap Map, ETag Version)>> ListAsync(Func<ValueMap, bool> selects, CancellationToken cancellationToken)
    {
        var found = new List<(ConfigMap, ETag)>();
        await foreach (var entry in objects.ListAllAsync(Prefix, cancellationToken))
        {
            if (ListedLabels.TryRead(entry.Metadata) is { } listed && !selects(listed)) { continue; }
            if (await objects.FindAsync(entry.Name, cancellationToken) is { } stored && ConfigMap.Of(stored) is var map && selects(map.Labels)) { found.Add((map, stored.ETag)); }
        }

        return found;
    }

    /// <param name="expected">Null: only if there is none.</param>
    /// <returns>Null when somebody else was faster.</returns>
    public async Task<ETag?> PutAsync(ConfigMap map, ETag? expected, CancellationToken cancellationToken)
    {
        var metadata = ValueMap.Empty.With(ListedLabels.Key, ListedLabels.Write(map.Labels));
        var result = expected is { } version
            ? await objects.PutIfMatchAsync(Prefix + map.Name, map.ToBytes(), metadata, version, cancellationToken)
            : await objects.PutIfAbsentAsync(Prefix + map.Name, map.ToBytes(), metadata, cancellationToken);
        return result is PutResult.Written written ? written.ETag : null;
    }

    public Task<bool> DeleteAsync(string name, ETag expected, CancellationToken cancellationToken) => objects.DeleteIfMatchAsync(Prefix + name, expected, cancellationToken);
}
