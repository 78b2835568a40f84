using CertFunctions.App.Acme.Dns01.Rfc2136;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Acme.Dns01.Lookups;

/// <summary>Where a record must go, and whether it has arrived (cert-manager semantics §6.5). Odd answers count as none; nothing is thrown but cancellation.</summary>
public sealed class DnsLookups(DnsOverHttps https, IOptions<Dns01Options> options)
{
    private const int MostAliases = 10;

    private readonly DnsQuestions _questions = new(https);
    private readonly RecursiveServers _recursive = new(options);

    /// <summary>Where a solver puts the record for <paramref name="fqdn"/>: behind its CNAMEs with <c>cnameStrategy: Follow</c>, else there.</summary>
    public async Task<Delegation> FollowAsync(string fqdn, Dns01Solver solver, CancellationToken cancellationToken) => solver.CnameStrategy == "Follow"
        ? await EndOfAliasesAsync(Plain(fqdn), await _recursive.ForAsync(solver.Nameservers, cancellationToken), cancellationToken)
        : new(Plain(fqdn), SolverOutcome.Done);

    /// <summary>The closest ancestor (or the name itself) that a zone starts at.</summary>
    /// <returns>Null: none, or nobody could be asked.</returns>
    public async Task<string?> FindZoneAsync(string fqdn, Dns01Solver solver, CancellationToken cancellationToken) =>
        await ZoneAsync(Plain(fqdn), await _recursive.ForAsync(solver.Nameservers, cancellationToken), cancellationToken);

    /// <summary>Looks for <paramref name="value"/> where the CA will: behind all CNAMEs, at every server of the zone; or at the recursive servers, where the solver or the settings say so.</summary>
    public async Task<Visibility> CheckAsync(string fqdn, string value, Dns01Solver solver, CancellationToken cancellationToken)
    {
        var recursive = await _recursive.ForAsync(solver.Nameservers, cancellationToken);
        if (recursive.Count == 0) { return new(Visibility.Unreachable, "No DNS server is known to this machine (setting Dns01:Nameservers)."); }

        var delegation = await EndOfAliasesAsync(Plain(fqdn), recursive, cancellationToken);
        if (delegation.Outcome.Code is { } code) { return new(code == "DelegationLoop" ? Visibility.NotVisible : Visibility.Unreachable, delegation.Outcome.Message); }

        var seen = await LookForAsync(delegation.Fqdn, value, solver, recursive, cancellationToken);
        return seen.State == Visibility.NotVisible && delegation.Fqdn != Plain(fqdn)
            ? seen with { Message = $"{seen.Message} {Plain(fqdn)} is a CNAME: with cnameStrategy: Follow the record is written at its end." }
            : seen;
    }

    private async Task<Visibility> LookForAsync(string target, string value, Dns01Solver solver, IReadOnlyList<DnsServer> recursive, CancellationToken cancellationToken)
    {
        if (options.Value.RecursiveOnly || solver.Nameservers is { Count: > 0 })
        {
            var found = await Task.WhenAll(recursive.Select(server => LookAsync([server], server.Label, target, value, cancellationToken)));
            return Judge(target, found);
        }

        if (await ZoneAsync(target, recursive, cancellationToken) is not { } zone) { return new(Visibility.Unreachable, $"The zone of {target} cannot be found."); }

        var names = await AskFirstAsync(recursive, zone, DnsMessage.NameServer, cancellationToken);
        var servers = names?.Of(DnsMessage.NameServer).Select(record => record.Target).OfType<string>().Distinct().ToArray() ?? [];
        if (servers.Length == 0) { return new(Visibility.Unreachable, $"The servers of zone {zone} cannot be found."); }

        return Judge(target, await Task.WhenAll(servers.Select(async name => await LookAsync(await AddressesAsync(name, recursive, cancellationToken), name, target, value, cancellationToken))));
    }

    private async Task<Delegation> EndOfAliasesAsync(string fqdn, IReadOnlyList<DnsServer> recursive, CancellationToken cancellationToken)
    {
        var seen = new HashSet<string> { fqdn };
        for (var name = fqdn; ;)
        {
            if (await AskFirstAsync(recursive, name, DnsMessage.Alias, cancellationToken) is not { IsKnowledge: true } answer)
            {
                return new(name, Refusal.Unavailable($"No DNS server says whether {name} is an alias (asked: {Labels(recursive)})."));
            }

            if (answer.Alias(name) is not { } next) { return new(name, SolverOutcome.Done); }
            if (!seen.Add(next)) { return new(name, Refusal.Loop($"The CNAMEs of {fqdn} lead back to {next}.")); }
            if (seen.Count > MostAliases + 1) { return new(name, Refusal.Loop($"More than {MostAliases} CNAMEs follow each other from {fqdn}.")); }
            name = next;
        }
    }

    private async Task<string?> ZoneAsync(string fqdn, IReadOnlyList<DnsServer> recursive, CancellationToken cancellationToken)
    {
        for (var name = fqdn; name.Length > 0; name = Parent(name))
        {
            // A refusal is about this name; silence will be the same for its parents.
            if (await AskFirstAsync(recursive, name, DnsMessage.StartOfAuthority, cancellationToken) is not { } answer) { return null; }
            if (answer.Alias(name) is null && answer.Of(DnsMessage.StartOfAuthority, name).Any()) { return name; }
        }

        return null;
    }

    private async Task<IReadOnlyList<DnsServer>> AddressesAsync(string name, IReadOnlyList<DnsServer> recursive, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(AskFirstAsync(recursive, name, DnsMessage.A, cancellationToken), AskFirstAsync(recursive, name, DnsMessage.Aaaa, cancellationToken));
        return [.. answers.SelectMany(answer => answer?.Records ?? []).Select(record => record.Address).OfType<System.Net.IPAddress>().Distinct()
            .Select(address => new DnsServer(name, new System.Net.IPEndPoint(address, options.Value.AuthoritativePort), null, Recursion: false))];
    }

    /// <summary>Asks a server at all its addresses: one that does not show the value outweighs one that does, and both outweigh silence.</summary>
    private async Task<Look> LookAsync(IReadOnlyList<DnsServer> addresses, string label, string name, string value, CancellationToken cancellationToken)
    {
        var shown = await Task.WhenAll(addresses.Select(async address => Shows(address, await _questions.AskAsync(address, name, DnsMessage.Text, cancellationToken), value)));
        return new Look(label, shown.Contains(false) ? false : shown.Contains(true) ? true : null);
    }

    private static bool? Shows(DnsServer server, DnsAnswer? answer, string value)
    {
        if (answer is not { IsKnowledge: true }) { return null; }
        if (answer.Of(DnsMessage.Text).Any(record => record.Text == value)) { return true; }

        // A lame server, or a cache that catches port 53 on the way, knows nothing of what has just been written.
        return server.Recursion || answer.IsAuthoritative ? false : null;
    }

    private static Visibility Judge(string name, IReadOnlyList<Look> looks)
    {
        var without = looks.Where(look => look.Shows == false).Select(look => look.Server).ToArray();
        var silent = looks.Where(look => look.Shows is null).Select(look => look.Server).ToArray();
        return (without, silent) switch
        {
            ({ Length: > 0 }, _) => new(Visibility.NotVisible, $"The TXT record at {name} does not show yet at {string.Join(", ", without)} ({without.Length} of {looks.Count} DNS servers)."),
            (_, { Length: > 0 }) => new(Visibility.Unreachable, $"{(silent.Length == looks.Count ? "No DNS server" : "Not every DNS server")} for {name} answers: {string.Join(", ", silent)}."),
            _ => new(Visibility.Visible, null),
        };
    }

    /// <summary>What the first server that knows says; else a refusal; null when none answers.</summary>
    private async Task<DnsAnswer?> AskFirstAsync(IReadOnlyList<DnsServer> servers, string name, int type, CancellationToken cancellationToken)
    {
        DnsAnswer? refusal = null;
        foreach (var server in servers)
        {
            var answer = await _questions.AskAsync(server, name, type, cancellationToken);
            if (answer is { IsKnowledge: true }) { return answer; }
            refusal ??= answer;
        }

        return refusal;
    }

    private static string Labels(IReadOnlyList<DnsServer> servers) => string.Join(", ", servers.Select(server => server.Label));

    private static string Plain(string fqdn) => fqdn.TrimEnd('.').ToLowerInvariant();

    private static string Parent(string name) => name.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? name[(dot + 1)..] : "";

    /// <param name="Shows">Null: no answer.</param>
    private sealed record Look(string Server, bool? Shows);
}
