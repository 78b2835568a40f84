using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Adapters.KeyVault;

/// <summary>Which vaults there are. Section <c>Vaults</c>; on Linux app settings are <c>Vaults__Default</c> and so on.</summary>
public sealed class VaultsOptions
{
    /// <summary>The vault of every namespace without one of its own. Required.</summary>
    public Uri? Default { get; set; }

    /// <summary>Where keys lie that no consumer may see. Required: staged keys and CA keys must not share a vault with leaves.</summary>
    public Uri? System { get; set; }

    /// <summary>PEM file of the CA of a local vault; unset against Azure.</summary>
    public string? TrustedCa { get; set; }

    /// <summary>The namespace in which ClusterIssuers find their secrets. Setting <c>ClusterResourceNamespace</c>; default <c>cert-manager</c>.</summary>
    public string ClusterResourceNamespace { get; set; } = "cert-manager";

    /// <summary>Vaults of single namespaces: <c>Vaults__0__Namespace</c>, <c>Vaults__0__Uri</c>.</summary>
    public Dictionary<string, Uri> Namespaces { get; } = new(StringComparer.Ordinal);
}

/// <summary>Says where things lie: which object of which vault.</summary>
public sealed class VaultPlaces(IOptions<VaultsOptions> options)
{
    private readonly VaultsOptions _vaults = options.Value;

    public string ClusterResourceNamespace => _vaults.ClusterResourceNamespace;

    /// <summary>Where a Certificate's key and chain go. A CA's lie in the system vault: the right to read a leaf must not read a CA.</summary>
    public VaultObject ForCertificate(Certificate certificate)
    {
        var ns = certificate.Metadata.Namespace!;
        var name = certificate.Metadata.Annotations?.Find(Annotations.VaultObject) ?? VaultNames.ObjectName(ns, certificate.Spec.SecretName);
        var vault = certificate.Spec.IsCA is true ? _vaults.System! : _vaults.Namespaces.GetValueOrDefault(ns, _vaults.Default!);
        return new VaultObject(vault, name);
    }

    /// <summary>The secret that a <c>ca</c> issuer signs with.</summary>
    public VaultObject CaSecret(string ns, string secretName) => new(_vaults.System!, VaultNames.ObjectName(ns, secretName));

    /// <summary>The staged key of a Certificate's issuance under way: one object, a version an attempt. Single hyphens, so no secret name maps to it.</summary>
    public VaultObject StagedKey(string certificateUid) => new(_vaults.System!, $"staged-{certificateUid}");
}
