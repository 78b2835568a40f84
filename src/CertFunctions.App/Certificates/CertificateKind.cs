using CertFunctions.App.Acme.Renewal;
using CertFunctions.App.Api;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.App.Certificates;

/// <summary>Certificate, as the resource API serves it.</summary>
public static class CertificateKind
{
    public static ResourceKind<Certificate> Kind { get; } = new()
    {
        Plural = "certificates",
        Singular = "certificate",
        Kind = "Certificate",
        ShortNames = ["cert", "certs"],
        IsNamespaced = true,
        Columns = [new("Ready", "ready"), new("Secret", "secret"), new("Issuer", "issuer", Priority: 1), new("Status", "status", Priority: 1)],
        Orchestrator = nameof(ReconcileCertificate),
        InstancePrefix = "certificate",
        Json = ResourceJson.Default.Certificate,
        Rules = CertificateRules.Check,
        Spec = resource => resource.Spec,
        Prepare = (resource, stored) => resource with { Status = stored?.Status },
        Index = certificate => ValueMap.From(
        [
            new("ready", certificate.Status?.Conditions.Find("Ready")?.Status ?? ""),
            new("secret", certificate.Spec.SecretName),
            new("issuer", certificate.Spec.IssuerRef.Name),
            new("status", certificate.Status?.Conditions.Find("Ready")?.Message ?? ""),
            .. Vault(certificate.Status?.Vault),
            .. RenewalTarget.Listed(certificate),
        ]),
        IndexEntries = certificate => [IssuerIndexNames.ByIssuer(certificate.Spec.IssuerRef, "certificates", certificate.Metadata)],
    };

    /// <summary>What the drift check compares with the vault's own listing.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Vault(VaultLocation? place) =>
        place is null ? [] : [new("vault", place.Uri), new("object", place.Object), new("x5t", place.X5t ?? "")];
}
