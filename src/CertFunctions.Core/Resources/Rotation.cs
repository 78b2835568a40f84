namespace CertFunctions.Core.Resources;

/// <summary>The way from one CA to the next, up to the moment at which the pin moves (ca-rotation).</summary>
public sealed record RotationStatus
{
    /// <summary><c>Requested</c> (the next CA is being made), <c>Publishing</c> (bundles take it up), <c>Propagating</c> (clients fetch it), <c>Blocked</c> or <c>Abandoned</c>.</summary>
    public required string Stage { get; init; }

    /// <summary>For people: what is being waited for.</summary>
    public string? Message { get; init; }

    /// <summary>The CA to come; absent while it is being made.</summary>
    public PinnedSigner? Next { get; init; }

    /// <summary>What a person asked for; absent when the CA itself changed.</summary>
    public RotationRequest? Request { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The earliest moment at which the pin may move, as far as it is known.</summary>
    public DateTimeOffset? PinMovesAt { get; init; }

    /// <summary>Thumbprint of a CA that was given up: it is not taken again until somebody asks for it. That of the pinned one: whatever comes next is given up.</summary>
    public string? Abandoned { get; init; }

    /// <summary>Names this very rotation, so that a file written by a run that did not know of it proves nothing; null while no CA is to come.</summary>
    /// <param name="issuer">Kind and name.</param>
    public string? Fence(string issuer) => Next is null ? null : $"{issuer} {StartedAt:O} {Request?.Id} {Next.Thumbprint}";
}

/// <summary>The verb <c>rotate</c>, as it was asked.</summary>
public sealed record RotationRequest
{
    /// <summary>Tells one request from the next.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>A version of the CA's vault object to take instead of a new CA; absent: make one.</summary>
    public string? Version { get; init; }

    /// <summary>P: how long a client may use a bundle that it fetched; absent: the setting.</summary>
    public TimeSpan? Propagation { get; init; }

    /// <summary>Whether a re-issued leaf counts as gone <see cref="Overlap"/> after its replacement, instead of at its end (ca-rotation 13).</summary>
    public bool? Quick { get; init; }

    public TimeSpan? Overlap { get; init; }

    /// <summary>The old key is compromised: nothing is waited for.</summary>
    public bool? Emergency { get; init; }
}

/// <summary>A CA that signs no more, and what keeps it in the bundles.</summary>
public sealed record RetiringSigner
{
    public required PinnedSigner Signer { get; init; }

    /// <summary>When the pin left it.</summary>
    public required DateTimeOffset Since { get; init; }

    public bool? Quick { get; init; }

    public TimeSpan? Overlap { get; init; }

    public bool? Emergency { get; init; }

    /// <summary>Since when no Certificate holds a leaf of it any more; absent while one does.</summary>
    public DateTimeOffset? ReissuedAt { get; init; }

    /// <summary>For people: what is being waited for.</summary>
    public string? Message { get; init; }
}
