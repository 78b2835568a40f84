namespace CertFunctions.Core.Resources;

/// <summary>Whether and when a Certificate renews by itself (cert-manager 1.21). Other reasons to issue, and <c>renew</c>, are not affected.</summary>
public sealed record Renewal
{
    /// <summary><c>RenewBefore</c> (default) or <c>Disabled</c>.</summary>
    public string? Policy { get; init; }

    /// <summary>When renewal may start; null or empty: at any time.</summary>
    public ValueList<RenewalWindow>? Windows { get; init; }
}

/// <summary>A recurring span of time.</summary>
public sealed record RenewalWindow
{
    /// <summary>IANA name; default <c>UTC</c>.</summary>
    public string? Timezone { get; init; }

    /// <summary>How long it stays open after each opening.</summary>
    public required TimeSpan WindowDuration { get; init; }

    /// <summary>When it opens: minute, hour, day of month, month, day of week; or <c>@hourly</c> and the like.</summary>
    public required string Cron { get; init; }
}
