namespace CertFunctions.Core.Resources;

/// <summary>The wish for one X.509 certificate, kept fulfilled: callers own the spec, the system owns the status.</summary>
public sealed record Certificate : IResource<Certificate>
{
    public string ApiVersion => "cert-manager.io/v1";

    public string Kind => "Certificate";

    public required ObjectMeta Metadata { get; init; }

    public required CertificateSpec Spec { get; init; }

    public CertificateStatus? Status { get; init; }

    public Certificate WithMetadata(ObjectMeta metadata) => this with { Metadata = metadata };
}

/// <summary>What is wished for. A change re-issues, except of what only says when to renew.</summary>
public sealed record CertificateSpec
{
    /// <summary>Key Vault object that receives the key pair and chain; unique among Certificates of the namespace.</summary>
    public required string SecretName { get; init; }

    /// <summary>Who signs. A change here re-issues.</summary>
    public required IssuerRef IssuerRef { get; init; }

    /// <summary>Subject CN, at most 64 bytes. Not added to the SANs.</summary>
    public string? CommonName { get; init; }

    public X509Subject? Subject { get; init; }

    /// <summary>The whole subject as an RFC 4514 string, instead of <see cref="CommonName"/> and <see cref="Subject"/>.</summary>
    public string? LiteralSubject { get; init; }

    /// <summary>DNS names for the SAN extension; one leading <c>*.</c> is allowed.</summary>
    public ValueList<string>? DnsNames { get; init; }

    /// <summary>IP SANs as literals.</summary>
    public ValueList<string>? IpAddresses { get; init; }

    /// <summary>URI SANs, e.g. SPIFFE ids.</summary>
    public ValueList<string>? Uris { get; init; }

    /// <summary>Mailboxes without a display name.</summary>
    public ValueList<string>? EmailAddresses { get; init; }

    public ValueList<OtherName>? OtherNames { get; init; }

    /// <summary>Wanted lifetime, at least 1h; default 2160h.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Lead time before <c>notAfter</c>, at least 5m. Outside (0, lifetime) it is ignored and a third of the lifetime is used.</summary>
    public TimeSpan? RenewBefore { get; init; }

    /// <summary>The same as a percentage of the lifetime that is left at renewal. Not together with <see cref="RenewBefore"/>.</summary>
    public int? RenewBeforePercentage { get; init; }

    public Renewal? Renewal { get; init; }

    /// <summary>Makes a CA: CA:TRUE and keyCertSign; stored in the system vault; keeps its key at renewal unless told <c>Always</c>.</summary>
    public bool? IsCA { get; init; }

    /// <summary>cert-manager's usage names; empty means <c>digital signature</c>, <c>key encipherment</c>.</summary>
    public ValueList<string>? Usages { get; init; }

    /// <summary>Whether the CSR carries key usage and extended key usage; default true. The certificate has them either way.</summary>
    public bool? EncodeUsagesInRequest { get; init; }

    public PrivateKeySpec? PrivateKey { get; init; }

    /// <summary>How the CSR is signed, e.g. <c>SHA384WithRSA</c>; default by key. Issuers choose their own.</summary>
    public string? SignatureAlgorithm { get; init; }

    public NameConstraints? NameConstraints { get; init; }

    /// <summary>How many requests of the past are kept, at least 1 (default).</summary>
    public int? RevisionHistoryLimit { get; init; }

    public SecretTemplate? SecretTemplate { get; init; }

    public Keystores? Keystores { get; init; }

    /// <summary>Further forms of key and chain, kept as secrets beside the certificate object: <c>CombinedPEM</c>, <c>DER</c>.</summary>
    public ValueList<AdditionalOutputFormat>? AdditionalOutputFormats { get; init; }
}

/// <summary>What kind of key, and whether it changes when the certificate does.</summary>
public sealed record PrivateKeySpec
{
    /// <summary><c>RSA</c> (default) or <c>ECDSA</c>.</summary>
    public string? Algorithm { get; init; }

    /// <summary>RSA 2048 (default), 3072 or 4096; ECDSA 256 (default), 384 or 521.</summary>
    public int? Size { get; init; }

    /// <summary><c>PKCS1</c> (default) or <c>PKCS8</c>: the form of PEM outputs; a PFX holds PKCS#8 always.</summary>
    public string? Encoding { get; init; }

    /// <summary><c>Always</c> (default for leaves) or <c>Never</c> (default for CAs): a new key at each issuance, or the same.</summary>
    public string? RotationPolicy { get; init; }
}

/// <summary>What the system found and did; written by the system alone.</summary>
public sealed record CertificateStatus
{
    public ValueList<Condition>? Conditions { get; init; }

    /// <summary>From the certificate in the vault.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>From the certificate in the vault.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>When its replacement is due.</summary>
    public DateTimeOffset? RenewalTime { get; init; }

    /// <summary>Counts successful issuances; absent until the first.</summary>
    public int? Revision { get; init; }

    /// <summary>System-vault object of the staged key while issuing.</summary>
    public string? NextPrivateKeySecretName { get; init; }

    /// <summary>When the last attempt failed; removed on success.</summary>
    public DateTimeOffset? LastFailureTime { get; init; }

    /// <summary>Consecutive failures; removed on success.</summary>
    public int? FailedIssuanceAttempts { get; init; }

    /// <summary>Of a certificate from ACME: when its CA wants it replaced.</summary>
    public AcmeCertificateStatus? Acme { get; init; }

    /// <summary>Where the result is (ours, not cert-manager's).</summary>
    public VaultLocation? Vault { get; init; }

    /// <summary>What was last asked to be revoked (ours, not cert-manager's).</summary>
    public Revocation? Revocation { get; init; }

    /// <summary>The plain secrets made from it: keystores, formats, PEM (ours, not cert-manager's). Listed before they are first written.</summary>
    public ValueList<OutputLocation>? Outputs { get; init; }
}

/// <summary>One certificate that is to be revoked, or was. Its key is not used again.</summary>
public sealed record Revocation
{
    /// <summary>Of the vault object.</summary>
    public required string Version { get; init; }

    /// <summary>SHA-1 of the certificate, upper-case hex.</summary>
    public required string X5t { get; init; }

    /// <summary>A name of RFC 5280 §5.3.1, e.g. <c>keyCompromise</c>.</summary>
    public required string Reason { get; init; }

    public DateTimeOffset? RequestedAt { get; init; }

    /// <summary>When the issuer took it back; absent: not yet.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Why not yet.</summary>
    public string? Problem { get; init; }
}

/// <summary>Where key and chain of the current revision lie.</summary>
public sealed record VaultLocation
{
    /// <summary>The vault, e.g. <c>https://kv.vault.azure.net/</c>.</summary>
    public required string Uri { get; init; }

    /// <summary>Name of the certificate object, and of its linked secret.</summary>
    public required string Object { get; init; }

    public string? Version { get; init; }

    /// <summary>SHA-1 of the leaf, upper-case hex, as Key Vault lists it (<c>x5t</c>).</summary>
    public string? X5t { get; init; }

    /// <summary>Path of the published CA certificate on this API, e.g. <c>/ca/default/web-tls/ca.crt</c>; absent when the CA is unknown.</summary>
    public string? Ca { get; init; }

    /// <summary>SHA-256 of the public key (SubjectPublicKeyInfo) of the CA that signed what is stored, hex; absent when the CA is unknown (ours).</summary>
    public string? IssuerKey { get; init; }

    /// <summary>The same of the self-signed root above it (ours).</summary>
    public string? RootKey { get; init; }

    /// <summary>Serial number of that CA's certificate, hex (ours).</summary>
    public string? IssuerSerial { get; init; }

    /// <summary>Names of the tags that <c>spec.secretTemplate</c> put onto the object; absent: none.</summary>
    public ValueList<string>? Tags { get; init; }
}
