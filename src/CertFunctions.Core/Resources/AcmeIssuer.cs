namespace CertFunctions.Core.Resources;

/// <summary>A CA that speaks RFC 8555 (cert-manager semantics §4.3).</summary>
public sealed record AcmeIssuer
{
    /// <summary>Directory URL.</summary>
    public string? Server { get; init; }

    public string? Email { get; init; }

    /// <summary>Common name of an issuer in the chain to choose.</summary>
    public string? PreferredChain { get; init; }

    /// <summary>Order profile (draft-aaron-acme-profiles).</summary>
    public string? Profile { get; init; }

    /// <summary>PEM in base64 to trust the ACME server by; excludes <see cref="SkipTLSVerify"/>.</summary>
    public string? CaBundle { get; init; }

    public bool? SkipTLSVerify { get; init; }

    /// <summary>The account key.</summary>
    public SecretKeyRef? PrivateKeySecretRef { get; init; }

    /// <summary>The account key must be there already.</summary>
    public bool? DisableAccountKeyGeneration { get; init; }

    public ExternalAccountBinding? ExternalAccountBinding { get; init; }

    /// <summary>Ask the CA for the wanted duration.</summary>
    public bool? EnableDurationFeature { get; init; }

    /// <summary><c>ARI</c> (default) or <c>None</c>.</summary>
    public string? RenewalInformationSource { get; init; }

    public ValueList<AcmeSolver>? Solvers { get; init; }
}

/// <summary>An account at the CA, outside of ACME, that the ACME account belongs to (RFC 8555 §7.3.4).</summary>
public sealed record ExternalAccountBinding
{
    public string? KeyID { get; init; }

    /// <summary>The MAC key, unpadded base64url.</summary>
    public SecretKeyRef? KeySecretRef { get; init; }

    /// <summary><c>HS256</c> (default), <c>HS384</c> or <c>HS512</c>.</summary>
    public string? KeyAlgorithm { get; init; }
}

/// <summary>One way to prove control, and for which names.</summary>
public sealed record AcmeSolver
{
    public SolverSelector? Selector { get; init; }

    public Http01Solver? Http01 { get; init; }

    public Dns01Solver? Dns01 { get; init; }

    /// <summary>Wait this long instead of looking whether the proof is visible.</summary>
    public TimeSpan? WaitInsteadOfSelfCheck { get; init; }
}

/// <summary>Which names a solver is for; the most specific selector wins.</summary>
public sealed record SolverSelector
{
    public ValueMap? MatchLabels { get; init; }

    public ValueList<string>? DnsNames { get; init; }

    public ValueList<string>? DnsZones { get; init; }
}

/// <summary>Publishes a text at <c>/.well-known/acme-challenge/</c>; what names a cluster's parts is kept and means nothing here.</summary>
public sealed record Http01Solver
{
    public Http01Ingress? Ingress { get; init; }

    public Http01Gateway? GatewayHTTPRoute { get; init; }
}

public sealed record Http01Ingress
{
    public string? ServiceType { get; init; }

    public string? Class { get; init; }

    public string? IngressClassName { get; init; }

    public string? Name { get; init; }

    public AnyJson? PodTemplate { get; init; }

    public AnyJson? IngressTemplate { get; init; }
}

public sealed record Http01Gateway
{
    public string? ServiceType { get; init; }

    public ValueMap? Labels { get; init; }

    public AnyJson? ParentRefs { get; init; }

    public AnyJson? PodTemplate { get; init; }
}
