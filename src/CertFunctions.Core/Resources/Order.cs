namespace CertFunctions.Core.Resources;

/// <summary>One ACME order for one CertificateRequest (RFC 8555 §7.1.3). Written by the system, read by people.</summary>
public sealed record Order : IResource<Order>
{
    public string ApiVersion => "acme.cert-manager.io/v1";

    public string Kind => "Order";

    public required ObjectMeta Metadata { get; init; }

    public required OrderSpec Spec { get; init; }

    public OrderStatus? Status { get; init; }

    public Order WithMetadata(ObjectMeta metadata) => this with { Metadata = metadata };
}

/// <summary>What is ordered; the CSR itself stays in the CertificateRequest.</summary>
public sealed record OrderSpec
{
    public required IssuerRef IssuerRef { get; init; }

    public string? CommonName { get; init; }

    public ValueList<string>? DnsNames { get; init; }

    public ValueList<string>? IpAddresses { get; init; }

    /// <summary>Asked of the CA only with <c>enableDurationFeature</c>.</summary>
    public TimeSpan? Duration { get; init; }

    public string? Profile { get; init; }

    /// <summary>Id of the certificate it takes the place of (RFC 9773 §5).</summary>
    public string? Replaces { get; init; }

    /// <summary>Name of the CertificateRequest it is for (ours: cert-manager keeps the CSR here).</summary>
    public required string RequestName { get; init; }

    /// <summary>Its uid: a later request of that name has an order of its own.</summary>
    public required string RequestUid { get; init; }

    /// <summary>Directory of the CA it was placed at.</summary>
    public required string Server { get; init; }
}

/// <summary>How far the order is.</summary>
public sealed record OrderStatus
{
    public string? Url { get; init; }

    public string? FinalizeURL { get; init; }

    public ValueList<OrderAuthorization>? Authorizations { get; init; }

    /// <summary>RFC 8555's states, and <c>errored</c>; empty until it is placed.</summary>
    public string? State { get; init; }

    public string? Reason { get; init; }

    public DateTimeOffset? FailureTime { get; init; }

    /// <summary>When the CA forgets it (ours).</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>How many times the CA was asked for a new order on behalf of this request (ours).</summary>
    public int? Placed { get; init; }

    /// <summary>Which run asks the CA for it right now (ours): another waits a moment.</summary>
    public string? PlacingRun { get; init; }

    public DateTimeOffset? PlacingAt { get; init; }

    /// <summary>The CSR was sent, or was about to be (ours): what the CA makes of the order is this request's.</summary>
    public bool? Finalized { get; init; }

    /// <summary>URL of the account that placed it (ours).</summary>
    public string? Account { get; init; }
}

/// <summary>One name of an order, as the CA presented it when it was first looked at.</summary>
public sealed record OrderAuthorization
{
    public required string Url { get; init; }

    public string? Identifier { get; init; }

    public bool? Wildcard { get; init; }

    public string? InitialState { get; init; }

    /// <summary>The Challenge that proves it; null when it was valid already (ours).</summary>
    public string? Challenge { get; init; }
}
