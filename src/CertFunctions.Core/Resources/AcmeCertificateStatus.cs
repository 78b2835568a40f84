namespace CertFunctions.Core.Resources;

/// <summary>What ACME adds to a Certificate's status (cert-manager 1.21).</summary>
public sealed record AcmeCertificateStatus
{
    public AriStatus? Ari { get; init; }
}

/// <summary>When the CA wants the stored certificate replaced (RFC 9773). Written when the window moves, not at every look.</summary>
public sealed record AriStatus
{
    /// <summary>What the CA is asked by (RFC 9773 §4.1); another one is another certificate, and forgets the window (ours).</summary>
    public required string Id { get; init; }

    /// <summary>The ACME directory that it was issued from (ours).</summary>
    public required string Directory { get; init; }

    /// <summary>Null: the CA has said nothing yet, or nothing that makes sense.</summary>
    public SuggestedWindow? SuggestedWindow { get; init; }

    /// <summary>A page of the CA that tells people why.</summary>
    public string? ExplanationURL { get; init; }

    /// <summary>The moment chosen for this certificate: inside the window or, if that was over when it was found, soon after (ours).</summary>
    public DateTimeOffset? SelectedTime { get; init; }
}

public sealed record SuggestedWindow
{
    public required DateTimeOffset Start { get; init; }

    public required DateTimeOffset End { get; init; }
}
