namespace CertFunctions.Core.Resources;

/// <summary>Venafi / CyberArk Certificate Manager (cert-manager semantics §4.5). Read, so that manifests can be told from mistakes; not served yet.</summary>
public sealed record VenafiIssuer
{
    public string? Zone { get; init; }

    public VenafiTpp? Tpp { get; init; }

    public VenafiCloud? Cloud { get; init; }

    public VenafiNgts? Ngts { get; init; }
}

public sealed record VenafiTpp
{
    public string? Url { get; init; }

    public SecretRef? CredentialsRef { get; init; }

    /// <summary>PEM in base64; excludes <see cref="CaBundleSecretRef"/>.</summary>
    public string? CaBundle { get; init; }

    public SecretKeyRef? CaBundleSecretRef { get; init; }
}

public sealed record VenafiCloud
{
    public string? Url { get; init; }

    public SecretKeyRef? ApiTokenSecretRef { get; init; }
}

public sealed record VenafiNgts
{
    public string? TsgID { get; init; }

    public SecretRef? CredentialsRef { get; init; }

    public string? Url { get; init; }

    public string? TokenEndpoint { get; init; }
}
