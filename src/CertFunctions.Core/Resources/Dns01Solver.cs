namespace CertFunctions.Core.Resources;

/// <summary>Publishes a TXT record (cert-manager semantics §4.4): exactly one provider.</summary>
public sealed record Dns01Solver
{
    /// <summary><c>None</c> (default) or <c>Follow</c>.</summary>
    public string? CnameStrategy { get; init; }

    /// <summary><c>host:port</c> or a DNS-over-HTTPS URL, for this solver's lookups.</summary>
    public ValueList<string>? Nameservers { get; init; }

    public AkamaiDns? Akamai { get; init; }

    public AzureDns? AzureDNS { get; init; }

    public CloudDns? CloudDNS { get; init; }

    public CloudflareDns? Cloudflare { get; init; }

    public DigitalOceanDns? Digitalocean { get; init; }

    public Route53Dns? Route53 { get; init; }

    public AcmeDns? AcmeDNS { get; init; }

    public Rfc2136Dns? Rfc2136 { get; init; }

    public WebhookDns? Webhook { get; init; }
}

public sealed record AkamaiDns
{
    public string? ServiceConsumerDomain { get; init; }

    public SecretKeyRef? ClientTokenSecretRef { get; init; }

    public SecretKeyRef? ClientSecretSecretRef { get; init; }

    public SecretKeyRef? AccessTokenSecretRef { get; init; }
}

public sealed record AzureDns
{
    public string? SubscriptionID { get; init; }

    public string? ResourceGroupName { get; init; }

    public string? HostedZoneName { get; init; }

    public string? Environment { get; init; }

    public string? ZoneType { get; init; }

    public string? ClientID { get; init; }

    public SecretKeyRef? ClientSecretSecretRef { get; init; }

    public string? TenantID { get; init; }

    public AzureManagedIdentity? ManagedIdentity { get; init; }
}

public sealed record AzureManagedIdentity
{
    public string? ClientID { get; init; }

    public string? ResourceID { get; init; }

    public string? TenantID { get; init; }
}

public sealed record CloudDns
{
    public string? Project { get; init; }

    public string? HostedZoneName { get; init; }

    public SecretKeyRef? ServiceAccountSecretRef { get; init; }
}

public sealed record CloudflareDns
{
    public string? Email { get; init; }

    public SecretKeyRef? ApiKeySecretRef { get; init; }

    public SecretKeyRef? ApiTokenSecretRef { get; init; }
}

public sealed record DigitalOceanDns
{
    public SecretKeyRef? TokenSecretRef { get; init; }
}

public sealed record Route53Dns
{
    public string? Region { get; init; }

    public string? AccessKeyID { get; init; }

    public SecretKeyRef? AccessKeyIDSecretRef { get; init; }

    public SecretKeyRef? SecretAccessKeySecretRef { get; init; }

    public string? Role { get; init; }

    public string? HostedZoneID { get; init; }

    public AnyJson? Auth { get; init; }
}

public sealed record AcmeDns
{
    public string? Host { get; init; }

    public SecretKeyRef? AccountSecretRef { get; init; }
}

public sealed record Rfc2136Dns
{
    public string? Nameserver { get; init; }

    public string? TsigKeyName { get; init; }

    public SecretKeyRef? TsigSecretSecretRef { get; init; }

    public string? TsigAlgorithm { get; init; }

    public string? Protocol { get; init; }
}

public sealed record WebhookDns
{
    public string? GroupName { get; init; }

    public string? SolverName { get; init; }

    public AnyJson? Config { get; init; }
}
