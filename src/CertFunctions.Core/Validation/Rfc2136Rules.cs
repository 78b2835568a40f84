using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>A solver that sends dynamic updates (RFC 2136).</summary>
internal static class Rfc2136Rules
{
    private static readonly string[] Algorithms = ["HMACMD5", "HMACSHA1", "HMACSHA224", "HMACSHA256", "HMACSHA384", "HMACSHA512"];

    public static IEnumerable<Violation> Check(string path, Rfc2136Dns update)
    {
        if (string.IsNullOrEmpty(update.Nameserver)) { yield return Violation.Required($"{path}.nameserver"); }
        else if (NameserverSyntax.Parse(update.Nameserver) is not { Https: null }) { yield return Violation.Invalid($"{path}.nameserver", update.Nameserver, "must be host[:port] or [v6]:port"); }

        if (!string.IsNullOrEmpty(update.TsigAlgorithm) && !Algorithms.Contains(update.TsigAlgorithm, StringComparer.OrdinalIgnoreCase))
        {
            yield return Violation.NotSupported($"{path}.tsigAlgorithm", update.TsigAlgorithm, Algorithms);
        }

        foreach (var violation in SolverRules.OneOf($"{path}.protocol", update.Protocol, "UDP", "TCP")) { yield return violation; }

        // A key without a secret signs nothing; a secret without a name is nobody's.
        var hasName = update.TsigKeyName is { Length: > 0 };
        if (hasName || update.TsigSecretSecretRef is not null)
        {
            foreach (var violation in SolverRules.Required($"{path}.tsigKeyName", update.TsigKeyName)) { yield return violation; }
            foreach (var violation in SolverRules.Secret($"{path}.tsigSecretSecretRef", update.TsigSecretSecretRef)) { yield return violation; }
        }
    }
}
