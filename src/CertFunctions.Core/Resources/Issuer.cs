namespace CertFunctions.Core.Resources;

/// <summary>Who signs, for the Certificates of its own namespace.</summary>
public sealed record Issuer : IResource<Issuer>
{
    public string ApiVersion => "cert-manager.io/v1";

    public string Kind => "Issuer";

    public required ObjectMeta Metadata { get; init; }

    public required IssuerSpec Spec { get; init; }

    public IssuerStatus? Status { get; init; }

    public Issuer WithMetadata(ObjectMeta metadata) => this with { Metadata = metadata };
}

/// <summary>Who signs, for all namespaces. Its secrets are looked up under the setting <c>ClusterResourceNamespace</c>.</summary>
public sealed record ClusterIssuer : IResource<ClusterIssuer>
{
    public string ApiVersion => "cert-manager.io/v1";

    public string Kind => "ClusterIssuer";

    public required ObjectMeta Metadata { get; init; }

    public required IssuerSpec Spec { get; init; }

    public IssuerStatus? Status { get; init; }

    public ClusterIssuer WithMetadata(ObjectMeta metadata) => this with { Metadata = metadata };
}

/// <summary>Exactly one of its members is set.</summary>
public sealed record IssuerSpec
{
    public SelfSignedIssuer? SelfSigned { get; init; }

    public CaIssuer? Ca { get; init; }

    public AcmeIssuer? Acme { get; init; }

    public VaultIssuer? Vault { get; init; }

    public VenafiIssuer? Venafi { get; init; }
}

/// <summary>Signs each request with the request's own key.</summary>
public sealed record SelfSignedIssuer
{
    /// <summary>URLs of revocation lists, written into what it signs.</summary>
    public ValueList<string>? CrlDistributionPoints { get; init; }
}

/// <summary>Signs with a CA whose key pair is in the system vault.</summary>
public sealed record CaIssuer
{
    /// <summary>The <c>secretName</c> of the CA Certificate; looked up in the system vault.</summary>
    public required string SecretName { get; init; }

    /// <inheritdoc cref="SelfSignedIssuer.CrlDistributionPoints"/>
    public ValueList<string>? CrlDistributionPoints { get; init; }

    /// <summary>URLs of OCSP responders, written into what it signs.</summary>
    public ValueList<string>? OcspServers { get; init; }

    /// <summary>URLs at which the CA's own certificate can be had, written into what it signs.</summary>
    public ValueList<string>? IssuingCertificateURLs { get; init; }
}

/// <summary>Whether it can sign; written by the system alone.</summary>
public sealed record IssuerStatus
{
    public ValueList<Condition>? Conditions { get; init; }

    /// <summary>Only of an <c>acme</c> issuer: its account.</summary>
    public AcmeIssuerStatus? Acme { get; init; }

    /// <summary>The signer in use: a <c>ca</c> issuer signs with this vault version, whatever is newer (ours; design §5).</summary>
    public PinnedSigner? Pinned { get; init; }

    /// <summary>The CA that is to take over, and how far that is; absent when none is (ours).</summary>
    public RotationStatus? Rotation { get; init; }

    /// <summary>The CAs that were pinned before and of which something may still be served (ours; ca-rotation 8).</summary>
    public ValueList<RetiringSigner>? Retiring { get; init; }

    /// <summary>A person stopped the rotation: the pin stays, nothing is re-issued and nothing leaves the bundles until it is resumed (ours).</summary>
    public bool? RotationPaused { get; init; }
}

/// <summary>The account at the CA.</summary>
public sealed record AcmeIssuerStatus
{
    /// <summary>The account's URL.</summary>
    public string? Uri { get; init; }

    /// <summary>The contact that the CA was last told; what its account object says does not count.</summary>
    public string? LastRegisteredEmail { get; init; }

    /// <summary>RFC 7638 thumbprint of the account key (cert-manager: SHA-256 of its PKCS#1 form).</summary>
    public string? LastPrivateKeyHash { get; init; }
}

/// <summary>One exact CA certificate and key, with what decides whether another may take its place unnoticed.</summary>
public sealed record PinnedSigner
{
    /// <summary>Object name in the system vault.</summary>
    public required string Object { get; init; }

    /// <summary>The <c>secretName</c> that led there, which the issuer may no longer name.</summary>
    public string? SecretName { get; init; }

    public required string Version { get; init; }

    /// <summary>SHA-256 of the certificate, hex.</summary>
    public required string Thumbprint { get; init; }

    /// <summary>SHA-256 of SubjectPublicKeyInfo, hex.</summary>
    public required string KeyHash { get; init; }

    /// <summary>SHA-256 of the DER subject, hex.</summary>
    public required string SubjectHash { get; init; }

    /// <summary>SKI octets, hex; null when the certificate has none.</summary>
    public string? SubjectKeyId { get; init; }

    /// <summary>Key hash of the self-signed root of its chain; null when the root is unknown.</summary>
    public string? RootKeyHash { get; init; }

    /// <summary>Subject and key identifier of that root, as <c>{SHA-256 of the subject}/{SKI}</c>: with another of either, what is under the old one does not verify by the new one, key or not.</summary>
    public string? RootIdentity { get; init; }

    /// <summary>SHA-256 of that root, hex: the name under which its certificate is kept for the bundles.</summary>
    public string? RootThumbprint { get; init; }

    /// <summary>Hex, as in <see cref="Pki.CertFacts"/>: the issued log of its own issuer knows it by this.</summary>
    public string? SerialNumber { get; init; }

    /// <summary>Null: unlimited.</summary>
    public int? PathLength { get; init; }

    public required DateTimeOffset NotAfter { get; init; }
}
