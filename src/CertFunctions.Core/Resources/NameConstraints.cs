namespace CertFunctions.Core.Resources;

/// <summary>The names that a CA may, and may not, certify (RFC 5280 §4.2.1.10). Only together with <c>isCA</c>.</summary>
public sealed record NameConstraints
{
    /// <summary>Whether verifiers must understand it; default false.</summary>
    public bool? Critical { get; init; }

    public NameConstraintItem? Permitted { get; init; }

    /// <summary>Wins over <see cref="Permitted"/>.</summary>
    public NameConstraintItem? Excluded { get; init; }
}

public sealed record NameConstraintItem
{
    /// <summary>A domain and everything below it; with a leading dot only what is below.</summary>
    public ValueList<string>? DnsDomains { get; init; }

    /// <summary>CIDR.</summary>
    public ValueList<string>? IpRanges { get; init; }

    /// <summary>A mailbox, a host, or with a leading dot everything below a domain.</summary>
    public ValueList<string>? EmailAddresses { get; init; }

    /// <summary>A host, or with a leading dot everything below a domain.</summary>
    public ValueList<string>? UriDomains { get; init; }
}
