namespace CertFunctions.Core.Resources;

/// <summary>Which CA certificates are published together, for clients to trust (trust-manager's Bundle; the <c>issuer</c> and <c>certificate</c> sources are ours).</summary>
public sealed record Bundle : IResource<Bundle>
{
    /// <summary>trust-manager's group and version.</summary>
    public const string TrustVersion = "trust.cert-manager.io/v1alpha1";

    /// <summary>Ours: the same kind, with more sources.</summary>
    public const string OwnVersion = "certfunctions.dev/v1alpha1";

    /// <summary>As it was last written: one of the two above.</summary>
    public required string ApiVersion { get; init; }

    public string Kind => "Bundle";

    public required ObjectMeta Metadata { get; init; }

    public required BundleSpec Spec { get; init; }

    public BundleStatus? Status { get; init; }

    public Bundle WithMetadata(ObjectMeta metadata) => this with { Metadata = metadata };
}

public sealed record BundleSpec
{
    public required ValueList<BundleSource> Sources { get; init; }

    public BundleTarget? Target { get; init; }

    /// <summary>Whether expired certificates are left out (ours; in trust-manager a flag of the process).</summary>
    public bool? FilterExpired { get; init; }
}

/// <summary>Exactly one of its members is set.</summary>
public sealed record BundleSource
{
    /// <summary>PEM text.</summary>
    public string? InLine { get; init; }

    /// <summary>Keys of a ConfigMap of the trust namespace.</summary>
    public SourceObject? ConfigMap { get; init; }

    /// <summary>The public part of a vault object of the trust namespace: <c>tls.crt</c> or <c>ca.crt</c>.</summary>
    public SourceObject? Secret { get; init; }

    /// <summary>The host's public roots.</summary>
    public bool? UseDefaultCAs { get; init; }

    /// <summary>The CA of an Issuer or ClusterIssuer of type <c>ca</c> (ours).</summary>
    public SourceIssuer? Issuer { get; init; }

    /// <summary>A Certificate with <c>isCA</c> (ours).</summary>
    public SourceCertificate? Certificate { get; init; }
}

/// <summary>One object by name, or all that carry the labels; one key of it, or all.</summary>
public sealed record SourceObject
{
    public string? Name { get; init; }

    public SourceSelector? Selector { get; init; }

    public string? Key { get; init; }

    public bool? IncludeAllKeys { get; init; }
}

public sealed record SourceSelector
{
    public ValueMap? MatchLabels { get; init; }
}

public sealed record SourceIssuer
{
    public required string Name { get; init; }

    /// <summary><c>Issuer</c> or <c>ClusterIssuer</c> (default).</summary>
    public string? Kind { get; init; }

    /// <summary>Of an Issuer; none for a ClusterIssuer.</summary>
    public string? Namespace { get; init; }
}

public sealed record SourceCertificate
{
    public required string Name { get; init; }

    public required string Namespace { get; init; }
}

/// <summary>What is published besides PEM. The names are fixed here: <c>{bundle}/ca-bundle.pem</c>, <c>.p12</c>, <c>.jks</c>.</summary>
public sealed record BundleTarget
{
    public TargetObject? ConfigMap { get; init; }

    public TargetObject? Secret { get; init; }

    public TargetFormats? AdditionalFormats { get; init; }

    public SourceSelector? NamespaceSelector { get; init; }
}

public sealed record TargetObject
{
    public string? Key { get; init; }

    public TargetMetadata? Metadata { get; init; }
}

public sealed record TargetMetadata
{
    public ValueMap? Labels { get; init; }

    public ValueMap? Annotations { get; init; }
}

public sealed record TargetFormats
{
    public JksTarget? Jks { get; init; }

    public Pkcs12Target? Pkcs12 { get; init; }
}

public sealed record JksTarget
{
    public string? Key { get; init; }

    /// <summary>1 to 128 characters; default <c>changeit</c>. It protects nothing: what is in there is public.</summary>
    public string? Password { get; init; }
}

public sealed record Pkcs12Target
{
    public string? Key { get; init; }

    /// <summary>At most 128 characters; default none: then no encryption and no MAC, whatever the profile.</summary>
    public string? Password { get; init; }

    /// <summary><c>LegacyRC2</c>, <c>LegacyDES</c> (default) or <c>Modern2023</c>.</summary>
    public string? Profile { get; init; }
}

/// <summary>What is published; written by the system alone.</summary>
public sealed record BundleStatus
{
    public ValueList<Condition>? Conditions { get; init; }

    /// <summary>Name, version and digest of the public roots in use; absent when no source asks for them.</summary>
    public string? DefaultCAVersion { get; init; }

    /// <summary>SHA-256 of the PEM file that the plain name holds, lower-case hex; also its immutable name (ours).</summary>
    public string? Hash { get; init; }

    /// <summary>How many certificates that file holds (ours).</summary>
    public int? Certificates { get; init; }

    /// <summary>The earliest end among them (ours).</summary>
    public DateTimeOffset? EarliestExpiry { get; init; }

    /// <summary>Where clients fetch it, as a path or a URL (ours).</summary>
    public string? Location { get; init; }

    /// <summary>SHA-256 of the roots that a CA rotation added and no source names: they stay while the chain of any issuer ends in them (ours; ca-rotation 2).</summary>
    public ValueList<string>? Added { get; init; }
}
