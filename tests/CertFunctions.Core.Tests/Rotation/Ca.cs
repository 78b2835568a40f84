using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Rotation;

/// <summary>A CA certificate: who it is, and under whom.</summary>
/// <param name="Parent">Null: self-signed.</param>
/// <param name="Key">Name of its key in the world.</param>
/// <param name="Der">Only in a world of real certificates.</param>
internal sealed record Ca(PinnedSigner Pinned, Ca? Parent, string Key, byte[]? Der = null)
{
    public string Id => Pinned.Thumbprint;

    public Ca Root => Parent?.Root ?? this;

    public DateTimeOffset NotAfter => Pinned.NotAfter;

    /// <summary>Whether no client can tell them apart; narrower path lengths do not occur here.</summary>
    public bool IsSame(PinnedSigner other) => SignerPolicy.IsSame(other, Pinned);
}

/// <summary>A leaf and the time in which some consumer may serve it.</summary>
/// <param name="Certificate">Null: a person's own CSR, which nothing replaces.</param>
internal sealed record Leaf(string Id, Ca Signer, string Issuer, string? Certificate, DateTimeOffset NotAfter, byte[]? Der)
{
    public DateTimeOffset From { get; init; }

    public DateTimeOffset To { get; set; } = DateTimeOffset.MaxValue;
}

/// <summary>One version of one published file and the time in which it was the current one.</summary>
internal sealed record Version(SimBundle Bundle, string File, string[] Anchors, DateTimeOffset From)
{
    public string Key { get; } = string.Join(' ', Anchors);

    public DateTimeOffset To { get; set; } = DateTimeOffset.MaxValue;
}

/// <summary>What an issuer noted before it signed.</summary>
internal sealed record LogEntry(string Serial, Ca Signer, DateTimeOffset NotAfter, string? Owner, bool IsCA)
{
    public bool IsRevoked { get; set; }
}

/// <summary>Makes certificates: identities alone, or real ones.</summary>
internal interface IMint
{
    Ca Ca(string id, string name, string key, string ski, Ca? parent, DateTimeOffset now, DateTimeOffset notAfter);

    Leaf Leaf(string id, Ca signer, string issuer, string? certificate, DateTimeOffset now, DateTimeOffset notAfter);
}

/// <summary>No cryptography: thousands of schedules in seconds.</summary>
internal sealed class IdentityMint : IMint
{
    public Ca Ca(string id, string name, string key, string ski, Ca? parent, DateTimeOffset now, DateTimeOffset notAfter) => new(
        new PinnedSigner
        {
            Object = name, Version = id, Thumbprint = id, KeyHash = key, SubjectHash = name, SubjectKeyId = ski, SerialNumber = id,
            RootKeyHash = parent?.Root.Pinned.KeyHash ?? key, RootIdentity = parent?.Root.Pinned.RootIdentity ?? $"{name}/{ski}", RootThumbprint = parent?.Root.Id ?? id, NotAfter = notAfter,
        },
        parent,
        key);

    public Leaf Leaf(string id, Ca signer, string issuer, string? certificate, DateTimeOffset now, DateTimeOffset notAfter) => new(id, signer, issuer, certificate, notAfter, null);
}
