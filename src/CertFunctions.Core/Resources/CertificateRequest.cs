namespace CertFunctions.Core.Resources;

/// <summary>One CSR and its answer. One-shot: a failed one is never retried, another takes its place.</summary>
public sealed record CertificateRequest : IResource<CertificateRequest>
{
    public string ApiVersion => "cert-manager.io/v1";

    public string Kind => "CertificateRequest";

    public required ObjectMeta Metadata { get; init; }

    public required CertificateRequestSpec Spec { get; init; }

    public CertificateRequestStatus? Status { get; init; }

    public CertificateRequest WithMetadata(ObjectMeta metadata) => this with { Metadata = metadata };
}

/// <summary>Immutable. Who asked is recorded by the server, whatever the body says.</summary>
public sealed record CertificateRequestSpec
{
    /// <summary>One PEM CSR (base64 in JSON).</summary>
    public required ReadOnlyMemory<byte> Request { get; init; }

    public required IssuerRef IssuerRef { get; init; }

    /// <summary>Wanted lifetime, at least 1h; default 2160h.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Asks for a CA certificate.</summary>
    public bool? IsCA { get; init; }

    /// <summary>cert-manager's usage names; empty means <c>digital signature</c>, <c>key encipherment</c>.</summary>
    public ValueList<string>? Usages { get; init; }

    /// <summary>Who created it, as the server saw it.</summary>
    public string? Username { get; init; }

    public bool Equals(CertificateRequestSpec? other) =>
        other is not null && Request.Span.SequenceEqual(other.Request.Span) && IssuerRef == other.IssuerRef && Duration == other.Duration
        && IsCA == other.IsCA && Equals(Usages, other.Usages) && Username == other.Username;

    public override int GetHashCode() => HashCode.Combine(Request.Length, IssuerRef, Duration, IsCA, Usages, Username);
}

/// <summary>How far the request is; written by the system alone.</summary>
public sealed record CertificateRequestStatus
{
    public ValueList<Condition>? Conditions { get; init; }

    /// <summary>The signed chain, PEM, leaf first, no root.</summary>
    public ReadOnlyMemory<byte>? Certificate { get; init; }

    /// <summary>The CA to trust, PEM, as far as the issuer told.</summary>
    public ReadOnlyMemory<byte>? Ca { get; init; }

    /// <summary>When it failed for good.</summary>
    public DateTimeOffset? FailureTime { get; init; }

    /// <summary>A finer code for why it failed than the condition's reason can give (ours).</summary>
    public string? FailureReason { get; init; }
}
