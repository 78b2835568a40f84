namespace CertFunctions.Core.Resources;

/// <summary>HashiCorp Vault's PKI engine (cert-manager semantics §4.5). Read, so that manifests can be told from mistakes; not served yet.</summary>
public sealed record VaultIssuer
{
    public string? Server { get; init; }

    public string? ServerName { get; init; }

    /// <summary>E.g. <c>pki/sign/role</c>.</summary>
    public string? Path { get; init; }

    public string? Namespace { get; init; }

    /// <summary>PEM in base64; excludes <see cref="CaBundleSecretRef"/>.</summary>
    public string? CaBundle { get; init; }

    public SecretKeyRef? CaBundleSecretRef { get; init; }

    public SecretKeyRef? ClientCertSecretRef { get; init; }

    public SecretKeyRef? ClientKeySecretRef { get; init; }

    public VaultAuth? Auth { get; init; }
}

/// <summary>Exactly one way to log in.</summary>
public sealed record VaultAuth
{
    public SecretKeyRef? TokenSecretRef { get; init; }

    public VaultAppRole? AppRole { get; init; }

    public VaultClientCertificate? ClientCertificate { get; init; }

    public VaultKubernetes? Kubernetes { get; init; }

    public VaultAws? Aws { get; init; }
}

public sealed record VaultAppRole
{
    public string? Path { get; init; }

    public string? RoleId { get; init; }

    public SecretKeyRef? SecretRef { get; init; }
}

public sealed record VaultClientCertificate
{
    public string? MountPath { get; init; }

    public string? SecretName { get; init; }

    public string? Name { get; init; }
}

public sealed record VaultKubernetes
{
    public string? MountPath { get; init; }

    public string? Role { get; init; }

    public SecretKeyRef? SecretRef { get; init; }

    public ServiceAccountRef? ServiceAccountRef { get; init; }
}

public sealed record VaultAws
{
    public string? MountPath { get; init; }

    public string? Role { get; init; }

    public string? Region { get; init; }

    public ServiceAccountRef? ServiceAccountRef { get; init; }

    public string? IamRoleArn { get; init; }

    public string? VaultHeaderValue { get; init; }
}
