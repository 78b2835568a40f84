namespace CertFunctions.Core.Resources;

/// <summary>One proof of control over one name (RFC 8555 §8). Written by the system, read by people; it stands in the store before anything is presented, so that nothing presented is forgotten.</summary>
public sealed record Challenge : IResource<Challenge>
{
    public string ApiVersion => "acme.cert-manager.io/v1";

    public string Kind => "Challenge";

    public required ObjectMeta Metadata { get; init; }

    public required ChallengeSpec Spec { get; init; }

    public ChallengeStatus? Status { get; init; }

    public Challenge WithMetadata(ObjectMeta metadata) => this with { Metadata = metadata };
}

/// <summary>What is to be proved, how, and with which solver.</summary>
public sealed record ChallengeSpec
{
    public required string Url { get; init; }

    public required string AuthorizationURL { get; init; }

    /// <summary>Without <c>*.</c>; an IP address for an identifier of that type.</summary>
    public required string DnsName { get; init; }

    public bool? Wildcard { get; init; }

    /// <summary><c>HTTP-01</c> or <c>DNS-01</c>.</summary>
    public required string Type { get; init; }

    public required string Token { get; init; }

    /// <summary>What is published: the key authorization (§8.1), or its digest for DNS (§8.4).</summary>
    public required string Key { get; init; }

    /// <summary>A copy of the solver that the issuer chose.</summary>
    public required AcmeSolver Solver { get; init; }

    public required IssuerRef IssuerRef { get; init; }

    /// <summary>The Order it belongs to (ours).</summary>
    public required string OrderName { get; init; }
}

/// <summary>How far the proof is.</summary>
public sealed record ChallengeStatus
{
    /// <summary>It counts among the challenges under way.</summary>
    public bool? Processing { get; init; }

    /// <summary>Something may be published that has to be taken away again: set before it is.</summary>
    public bool? Presented { get; init; }

    public DateTimeOffset? PresentedAt { get; init; }

    /// <summary><c>pending</c>, <c>valid</c>, <c>invalid</c>, <c>expired</c> or <c>errored</c>.</summary>
    public string? State { get; init; }

    public string? Reason { get; init; }

    /// <summary>Where the TXT record was put, delegation followed (ours).</summary>
    public string? Fqdn { get; init; }

    /// <summary>The CA was told at this time (ours).</summary>
    public DateTimeOffset? AcceptedAt { get; init; }
}
