using System.Text.Json.Nodes;

namespace CertFunctions.AwkwardCa;

/// <summary>An account (RFC 8555 §7.1.2).</summary>
public sealed class CaAccount
{
    public required string Id { get; init; }

    internal JsonObject Jwk { get; set; } = [];

    public required string Thumbprint { get; set; }

    public string Status { get; internal set; } = "valid";

    public IReadOnlyList<string> Contact { get; internal set; } = [];

    public string? ExternalKeyId { get; internal init; }
}

/// <summary>An order (§7.1.3). What happens to it over time is worked out when somebody looks.</summary>
public sealed class CaOrder
{
    public required string Id { get; init; }

    public required CaAccount Account { get; init; }

    public required IReadOnlyList<CaIdentifier> Identifiers { get; init; }

    public required string Profile { get; init; }

    /// <summary>Profile as asked for; null: none was.</summary>
    public string? AskedProfile { get; init; }

    /// <summary>Serial number of the certificate that it takes the place of.</summary>
    public string? Replaces { get; init; }

    public DateTimeOffset? NotAfter { get; init; }

    public DateTimeOffset Expires { get; set; }

    public required IReadOnlyList<CaAuthorization> Authorizations { get; init; }

    /// <summary>How often newOrder answered with it.</summary>
    public int HandedOut { get; internal set; }

    public IssuedCertificate? Certificate { get; internal set; }

    public AcmeFault? Error { get; internal set; }

    internal DateTimeOffset ShowsOutcomeAt { get; set; }

    internal int PollsLeft { get; set; }

    public string Status(DateTimeOffset now)
    {
        if (Certificate is not null || Error is not null)
        {
            return PollsLeft > 0 || ShowsOutcomeAt > now ? "processing" : Error is not null ? "invalid" : "valid";
        }

        var states = Authorizations.Select(each => each.Status(now)).ToList();
        return Expires <= now || states.Exists(state => state is not ("pending" or "valid")) ? "invalid"
            : states.TrueForAll(state => state == "valid") ? "ready" : "pending";
    }
}

/// <summary>An authorization (§7.1.4).</summary>
public sealed class CaAuthorization
{
    public required string Id { get; init; }

    public required CaAccount Account { get; init; }

    /// <summary>Without <c>*.</c>.</summary>
    public required CaIdentifier Identifier { get; init; }

    public bool IsWildcard { get; init; }

    public DateTimeOffset Expires { get; set; }

    /// <summary>How long it is good for once valid.</summary>
    internal TimeSpan ValidFor { get; init; }

    public required IReadOnlyList<CaChallenge> Challenges { get; init; }

    internal bool IsDeactivated { get; set; }

    public string Status(DateTimeOffset now) =>
        IsDeactivated ? "deactivated"
        : Challenges.Any(challenge => challenge.Status(now) == "invalid") ? "invalid"
        : Expires <= now ? "expired"
        : Challenges.Any(challenge => challenge.Status(now) == "valid") ? "valid" : "pending";
}

/// <summary>A challenge (§7.1.5).</summary>
public sealed class CaChallenge
{
    public required string Type { get; init; }

    public required string Token { get; init; }

    /// <summary>When it was accepted by the client.</summary>
    public DateTimeOffset? AcceptedAt { get; internal set; }

    internal DateTimeOffset? ShowsOutcomeAt { get; set; }

    internal AcmeFault? Error { get; set; }

    public string Status(DateTimeOffset now) =>
        AcceptedAt is null ? "pending" : ShowsOutcomeAt is not { } at || at > now ? "processing" : Error is not null ? "invalid" : "valid";
}

/// <summary>A certificate that was issued.</summary>
/// <param name="Serial">Hex, lower case.</param>
/// <param name="RenewalId">RFC 9773 §4.1.</param>
public sealed record IssuedCertificate(
    string Serial, string RenewalId, CaAccount Account, IReadOnlyList<CaIdentifier> Identifiers, DateTimeOffset NotBefore, DateTimeOffset NotAfter, byte[] Leaf, int Intermediate)
{
    /// <summary>RFC 5280 §5.3.1; null: not revoked.</summary>
    public int? Revoked { get; internal set; }
}

/// <summary>A challenge that is being looked at.</summary>
/// <param name="KeyAuthorization">§8.1.</param>
/// <param name="TxtValue">§8.4.</param>
public sealed record Validation(string Type, CaIdentifier Identifier, string Token, string KeyAuthorization, string TxtValue, CaAccount Account)
{
    public string TxtName => $"_acme-challenge.{Identifier.Value}";
}

/// <summary>How a look at a challenge ended.</summary>
public sealed record ValidationRecord(DateTimeOffset Time, string Type, string Name, AcmeFault? Fault);
