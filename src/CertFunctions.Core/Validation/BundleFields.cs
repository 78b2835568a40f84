namespace CertFunctions.Core.Validation;

/// <summary>The fields of a Bundle, for <see cref="FieldSupport"/>.</summary>
internal static class BundleFields
{
    private const string Own = "not in trust-manager";
    private const string Elsewhere = "kept and checked; published as a blob instead, `{bundle}/ca-bundle.pem`";

    public static (string Path, string Note)[] ActedOn { get; } =
    [
        ("spec.sources", "configMap and secret of the namespace `ClusterResourceNamespace`; of a secret only `tls.crt` and `ca.crt`, by name; issuer and certificate in `certfunctions.dev/v1alpha1`"),
        ("spec.filterExpired", Own),
        ("spec.target.configMap.key", Elsewhere),
        ("spec.target.configMap.metadata.labels", "kept; a blob has none"),
        ("spec.target.configMap.metadata.annotations", "kept; a blob has none"),
        ("spec.target.secret.key", Elsewhere),
        ("spec.target.secret.metadata.labels", "kept; a blob has none"),
        ("spec.target.secret.metadata.annotations", "kept; a blob has none"),
        ("spec.target.additionalFormats.jks.key", "kept; published as `{bundle}/ca-bundle.jks`"),
        ("spec.target.additionalFormats.jks.password", ""),
        ("spec.target.additionalFormats.pkcs12.key", "kept; published as `{bundle}/ca-bundle.p12`"),
        ("spec.target.additionalFormats.pkcs12.password", ""),
        ("spec.target.additionalFormats.pkcs12.profile", ""),
        ("spec.target.namespaceSelector.matchLabels", "kept; whoever reaches the blob may read it"),
    ];

    public static (string Path, string Note)[] Ignored { get; } =
    [
        ("spec.target.namespaceSelector.matchExpressions", "whoever reaches the blob may read it"),
    ];

    public static (string Path, string Note)[] NotYet { get; } =
    [
        ("spec.sources.configMap.selector.matchExpressions", "Use matchLabels."),
    ];

    public static (string Path, string Note)[] Written { get; } =
    [
        ("status.conditions", ""),
        ("status.defaultCAVersion", "of the host's public roots"),
        ("status.hash", Own),
        ("status.certificates", Own),
        ("status.earliestExpiry", Own),
        ("status.location", Own),
        ("status.added", Own),
    ];
}
