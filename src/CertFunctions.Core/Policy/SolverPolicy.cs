using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>Chooses the solver for one name: the most specific selector wins (cert-manager semantics §6.4).</summary>
public static class SolverPolicy
{
    public const string Http01 = "HTTP-01";
    public const string Dns01 = "DNS-01";

    /// <param name="name">As ordered: with <c>*.</c> for a wildcard.</param>
    /// <param name="offered">What the authorization offers, as the wire has it: <c>http-01</c>, <c>dns-01</c>. Null: not asked yet, everything that fits the name.</param>
    /// <param name="labels">The order's.</param>
    /// <returns>Null when none fits.</returns>
    public static AcmeSolver? Choose(ValueList<AcmeSolver>? solvers, string name, bool isIp, ValueList<string>? offered, ValueMap? labels)
    {
        AcmeSolver? chosen = null;
        (int, int, int) best = default;
        foreach (var solver in solvers ?? [])
        {
            if (!Fits(solver, name, isIp, offered) || Score(solver.Selector, name, labels) is not { } score) { continue; }
            if (chosen is not null && (solver.Selector is null || score.CompareTo(best) <= 0)) { continue; }

            (chosen, best) = (solver, score);
        }

        return chosen;
    }

    public static string TypeOf(AcmeSolver solver) => solver.Http01 is not null ? Http01 : Dns01;

    /// <summary>The type of challenge as the wire has it.</summary>
    public static string WireTypeOf(AcmeSolver solver) => solver.Http01 is not null ? "http-01" : "dns-01";

    /// <summary>A wildcard is proved by DNS only (RFC 8555 §7.1.3), an address by HTTP only (RFC 8738 §7).</summary>
    private static bool Fits(AcmeSolver solver, string name, bool isIp, ValueList<string>? offered) =>
        (solver.Http01 is not null || solver.Dns01 is not null)
        && (solver.Http01 is not null ? !name.StartsWith("*.", StringComparison.Ordinal) : !isIp)
        && (offered is null || offered.Contains(WireTypeOf(solver)));

    /// <summary>Exact names before longer zones before more labels; null: the selector excludes it.</summary>
    private static (int Names, int Zone, int Labels)? Score(SolverSelector? selector, string name, ValueMap? labels)
    {
        if (selector is null) { return (0, 0, 0); }

        var wanted = selector.MatchLabels ?? ValueMap.Empty;
        if (!wanted.All(pair => labels?.Find(pair.Key) == pair.Value)) { return null; }

        var names = selector.DnsNames is { Count: > 0 } exact ? exact.Contains(name, StringComparer.OrdinalIgnoreCase) ? 1 : -1 : 0;
        var zone = selector.DnsZones is { Count: > 0 } zones ? zones.Select(each => LabelsOf(each, name)).Max() : 0;
        return names < 0 || zone < 0 ? null : (names, zone, wanted.Count);
    }

    /// <summary>How many labels a zone has that the name lies in; -1: it does not.</summary>
    private static int LabelsOf(string zone, string name)
    {
        var (plain, bare) = (zone.TrimEnd('.'), name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name);
        var isInside = bare.Equals(plain, StringComparison.OrdinalIgnoreCase) || bare.EndsWith("." + plain, StringComparison.OrdinalIgnoreCase);
        return isInside ? plain.Count(c => c == '.') + 1 : -1;
    }
}
