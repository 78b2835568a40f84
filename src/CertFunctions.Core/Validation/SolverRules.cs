using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>What a valid solver of an <c>acme</c> issuer is (cert-manager semantics §4.4), and which providers are served here.</summary>
public static class SolverRules
{
    private const int MaxSolvers = 64;
    private const int MaxNameservers = 16;

    /// <summary>Every violation, not only the first.</summary>
    /// <param name="path">Of the list, e.g. <c>spec.acme.solvers</c>.</param>
    public static IEnumerable<Violation> Check(string path, ValueList<AcmeSolver>? solvers)
    {
        if (solvers is null) { return []; }

        return solvers.Count > MaxSolvers
            ? [Violation.TooMany(path, solvers.Count, MaxSolvers)]
            : solvers.SelectMany((solver, i) => solver is null ? [Violation.Required($"{path}[{i}]")] : Solver($"{path}[{i}]", solver));
    }

    private static IEnumerable<Violation> Solver(string path, AcmeSolver solver) =>
    [
        .. (solver.Http01, solver.Dns01) switch
        {
            (null, null) => [Violation.Required(path, "exactly one of http01 and dns01 must be set")],
            ({ }, { }) => [Violation.Forbidden($"{path}.dns01", "may not set more than one of http01 and dns01")],
            _ => Enumerable.Empty<Violation>(),
        },
        .. Wait($"{path}.waitInsteadOfSelfCheck", solver.WaitInsteadOfSelfCheck),
        .. Names($"{path}.selector.dnsNames", solver.Selector?.DnsNames),
        .. Names($"{path}.selector.dnsZones", solver.Selector?.DnsZones),
        .. solver.Http01 is { } http ? Http01($"{path}.http01", http) : [],
        .. solver.Dns01 is { } dns ? Dns01($"{path}.dns01", dns) : [],
    ];

    private static IEnumerable<Violation> Wait(string field, TimeSpan? wait)
    {
        if (wait is { } given && given < TimeSpan.Zero) { yield return Violation.Invalid(field, GoDuration.Format(given), "must not be negative"); }
        if (wait > TimeSpan.FromDays(1)) { yield return Violation.Invalid(field, GoDuration.Format(wait.Value), "must be at most 24h"); }
    }

    private static IEnumerable<Violation> Names(string field, ValueList<string>? names) =>
        (names ?? []).Select((name, i) => string.IsNullOrEmpty(name) ? Violation.Required($"{field}[{i}]") : null).OfType<Violation>();

    /// <summary>Both stanzas mean the same here, that this app answers; what they say of a cluster's parts is checked as cert-manager does, and kept.</summary>
    private static IEnumerable<Violation> Http01(string path, Http01Solver http)
    {
        if (http is { Ingress: null, GatewayHTTPRoute: null }) { yield return Violation.Required(path, "exactly one of ingress and gatewayHTTPRoute must be set; either means that this app answers"); }
        if (http is { Ingress: not null, GatewayHTTPRoute: not null }) { yield return Violation.Forbidden($"{path}.gatewayHTTPRoute", "may not set more than one of ingress and gatewayHTTPRoute"); }

        foreach (var violation in OneOf($"{path}.ingress.serviceType", http.Ingress?.ServiceType, "ClusterIP", "NodePort")) { yield return violation; }
        foreach (var violation in OneOf($"{path}.gatewayHTTPRoute.serviceType", http.GatewayHTTPRoute?.ServiceType, "ClusterIP", "NodePort")) { yield return violation; }
        if (http.Ingress is { } ingress && new[] { ingress.Class, ingress.IngressClassName, ingress.Name }.Count(name => !string.IsNullOrEmpty(name)) > 1)
        {
            yield return Violation.Forbidden($"{path}.ingress", "only one of class, ingressClassName and name may be set");
        }
    }

    private static IEnumerable<Violation> Dns01(string path, Dns01Solver dns) =>
    [
        .. OneOf($"{path}.cnameStrategy", dns.CnameStrategy, "None", "Follow"),
        .. Nameservers($"{path}.nameservers", dns.Nameservers),
        .. ExactlyOne(path, dns),
        .. dns.AzureDNS is { } azure ? AzureDnsRules.Check($"{path}.azureDNS", azure) : [],
        .. dns.Rfc2136 is { } update ? Rfc2136Rules.Check($"{path}.rfc2136", update) : [],
        .. dns.Webhook is { } webhook ? WebhookRules.Check($"{path}.webhook", webhook) : [],
    ];

    private static IEnumerable<Violation> Nameservers(string field, ValueList<string>? servers)
    {
        if (servers?.Count > MaxNameservers) { yield return Violation.TooMany(field, servers.Count, MaxNameservers); }

        for (var i = 0; i < Math.Min(servers?.Count ?? 0, MaxNameservers); i++)
        {
            if (!NameserverSyntax.IsValid(servers![i])) { yield return Violation.Invalid($"{field}[{i}]", servers[i] ?? "", "must be host:port, [v6]:port, or the https:// address of DNS over HTTPS"); }
        }
    }

    private static IEnumerable<Violation> ExactlyOne(string path, Dns01Solver dns)
    {
        (string Name, object? Value, bool IsServed)[] providers =
        [
            ("akamai", dns.Akamai, false), ("azureDNS", dns.AzureDNS, true), ("cloudDNS", dns.CloudDNS, false), ("cloudflare", dns.Cloudflare, false), ("digitalocean", dns.Digitalocean, false),
            ("route53", dns.Route53, false), ("acmeDNS", dns.AcmeDNS, false), ("rfc2136", dns.Rfc2136, true), ("webhook", dns.Webhook, true),
        ];
        var set = providers.Where(provider => provider.Value is not null).ToArray();
        return set.Length == 0
            ? [Violation.Required(path, "exactly one provider must be set: azureDNS, rfc2136 or webhook")]
            :
            [
                .. set.Where(provider => !provider.IsServed).Select(provider => Violation.Forbidden($"{path}.{provider.Name}", $"{provider.Name} is not served here; use webhook (docs/dns-webhook.md), azureDNS or rfc2136")),
                .. set.Skip(1).Where(provider => provider.IsServed).Select(provider => Violation.Forbidden($"{path}.{provider.Name}", "may not set more than one provider")),
            ];
    }

    /// <summary>Unset and empty are the default.</summary>
    internal static IEnumerable<Violation> OneOf(string field, string? value, params string[] values) =>
        string.IsNullOrEmpty(value) || values.Contains(value) ? [] : [Violation.NotSupported(field, value, values)];

    internal static IEnumerable<Violation> Required(string field, string? value)
    {
        if (string.IsNullOrEmpty(value)) { yield return Violation.Required(field); }
    }

    /// <summary>A reference to one value of a secret: both parts are required, as in cert-manager.</summary>
    internal static IEnumerable<Violation> Secret(string field, SecretKeyRef? reference) => reference is null
        ? [Violation.Required(field)]
        : [.. MetadataRules.Name($"{field}.name", reference.Name), .. Required($"{field}.key", reference.Key)];
}
