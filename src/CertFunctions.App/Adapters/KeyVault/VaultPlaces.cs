using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Adapters.KeyVault;

/// <summary>Which object of which vault a key lives in.</summary>
/// <param name="options">Validated: both vaults are set.</param>
public sealed class VaultPlaces(IOptions<VaultsOptions> options)
{
    private readonly Uri _system = options.Value.System!;
    private readonly Uri _default = options.Value.Default!;
    private readonly Dictionary<string, Uri> _byNamespace = options.Value.Namespaces.ToDictionary(vault => vault.Namespace, vault => vault.Uri!);

    /// <inheritdoc cref="VaultsOptions.ClusterResourceNamespace"/>
    public string ClusterResourceNamespace => options.Value.ClusterResourceNamespace;

    /// <summary>Where key pair and chain go. A CA's go to the system vault; the object's exact name may come from an annotation.</summary>
    public VaultObject ForCertificate(Certificate c)
    {
        var ns = c.Metadata.Namespace ?? "";
        var name = c.Metadata.Annotations?.Find(Annotations.VaultObject) is { Length: > 0 } exact ? exact : VaultNames.ObjectName(ns, c.Spec.SecretName);
        return new VaultObject(c.Spec.IsCA is true ? _system : _byNamespace.GetValueOrDefault(ns, _default), name);
    }

    /// <summary>Where a <c>ca</c> issuer finds the key pair it signs with.</summary>
    /// <param name="ns">The Issuer's namespace; for a ClusterIssuer <see cref="VaultsOptions.ClusterResourceNamespace"/>.</param>
    public VaultObject CaSecret(string ns, string secretName) => new(_system, VaultNames.ObjectName(ns, secretName));

    /// <summary>Everywhere that a certificate of this secret name may lie: a CA's first, then a consumer's.</summary>
    public IEnumerable<VaultObject> Secrets(string ns, string secretName) =>
        [CaSecret(ns, secretName), new(_byNamespace.GetValueOrDefault(ns, _default), VaultNames.ObjectName(ns, secretName))];

    /// <summary>Where a value lies that a <c>…SecretRef</c> of this namespace names.</summary>
    public VaultObject Referred(string ns, string name) => new(_system, VaultNames.ObjectName(ns, name));

    /// <summary>Where the key of an issuance under way waits. The name holds no <c>--</c>, so it is nobody's <see cref="VaultNames.ObjectName"/>.</summary>
    public VaultObject StagedKey(string certificateUid) => new(_system, $"staged-{certificateUid}");
}
