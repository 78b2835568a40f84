using System.Collections.Frozen;
using CertFunctions.App.Acme.Challenges;
using CertFunctions.App.Acme.Dns01.Lookups;
using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Acme.Dns01;

/// <summary>DNS-01 (RFC 8555 §8.4): a TXT value beside others, for as long as any live challenge needs it.</summary>
public sealed class DnsAnswers(
    IEnumerable<IDnsProvider> providers, DnsLookups lookups, IObjectStore objects, VaultPlaces places, IOptions<Dns01Options> options, IOptions<IssuersOptions> issuers) : IChallengeAnswers
{
    private readonly FrozenDictionary<string, IDnsProvider> _providers = providers.ToFrozenDictionary(each => each.Name);

    public string Type => SolverPolicy.Dns01;

    public SelfCheckPace Pace => new(options.Value.InconclusiveAfter, options.Value.NotVisibleAfter, options.Value.SettleTime, options.Value.CheckEvery);

    public async Task<(string? Fqdn, SolverOutcome Outcome)> LocateAsync(Challenge challenge, CancellationToken cancellationToken)
    {
        if (challenge.Status is { Presented: true, Fqdn: { } known }) { return (known, SolverOutcome.Done); }

        var followed = await lookups.FollowAsync($"_acme-challenge.{challenge.Spec.DnsName}".ToLowerInvariant(), challenge.Spec.Solver.Dns01!, cancellationToken);
        return (followed.Fqdn, followed.Outcome);
    }

    public async Task<SolverOutcome> PresentAsync(Challenge challenge, CancellationToken cancellationToken)
    {
        if (Provider(challenge) is not { } provider) { return NoProvider(); }

        await objects.PutIfAbsentAsync(Needed(challenge) + challenge.Metadata.Uid, default, cancellationToken);
        return await provider.AddAsync(Record(challenge), Solver(challenge), cancellationToken);
    }

    public async Task<SelfCheck> CheckAsync(Challenge challenge, CancellationToken cancellationToken)
    {
        var seen = await lookups.CheckAsync(challenge.Status!.Fqdn!, challenge.Spec.Key, challenge.Spec.Solver.Dns01!, cancellationToken);
        return seen.State switch
        {
            Visibility.Visible => new(SelfCheck.Visible, null),
            Visibility.NotVisible => new(SelfCheck.NotVisible, seen.Message),
            _ => new(SelfCheck.Inconclusive, seen.Message),
        };
    }

    public async Task<SolverOutcome> CleanUpAsync(Challenge challenge, CancellationToken cancellationToken)
    {
        if (challenge.Status?.Fqdn is null) { return SolverOutcome.Done; }

        await objects.DeleteAsync(Needed(challenge) + challenge.Metadata.Uid, cancellationToken);
        if ((await objects.ListAsync(Needed(challenge), from: null, continuation: null, pageSize: 1, cancellationToken)).Entries.Count > 0) { return SolverOutcome.Done; }

        if (Provider(challenge) is not { } provider) { return SolverOutcome.Done; }

        var outcome = await provider.RemoveAsync(Record(challenge), Solver(challenge), cancellationToken);
        var isNeeded = (await objects.ListAsync(Needed(challenge), from: null, continuation: null, pageSize: 1, cancellationToken)).Entries.Count > 0;
        return isNeeded ? await provider.AddAsync(Record(challenge), Solver(challenge), cancellationToken) : outcome;   // somebody found it there, just before it went
    }

    private static TxtRecord Record(Challenge challenge) => new(challenge.Status!.Fqdn!, challenge.Spec.Key, challenge.Spec.DnsName);

    /// <summary>Who needs this value: two orders may share an authorization, and so the value.</summary>
    private static string Needed(Challenge challenge) => $"txt/{challenge.Status!.Fqdn}/{challenge.Spec.Key}/";

    private static SolverOutcome NoProvider() => new("SolverMisconfigured", "The solver names no provider that is served here: azureDNS, rfc2136 or webhook.", null);

    private IDnsProvider? Provider(Challenge challenge) => challenge.Spec.Solver.Dns01 switch
    {
        { AzureDNS: not null } => _providers.GetValueOrDefault("azureDNS"),
        { Rfc2136: not null } => _providers.GetValueOrDefault("rfc2136"),
        { Webhook: not null } => _providers.GetValueOrDefault("webhook"),
        _ => null,
    };

    /// <summary>The credentials are the issuer's, never the request's (GHSA-8rvj); the app's own identity serves ClusterIssuers, unless told otherwise.</summary>
    private DnsSolver Solver(Challenge challenge)
    {
        var isCluster = challenge.Spec.IssuerRef.KindOrDefault() == "ClusterIssuer";
        return new DnsSolver(
            challenge.Spec.Solver.Dns01!, isCluster ? places.ClusterResourceNamespace : challenge.Metadata.Namespace!, isCluster || issuers.Value.AmbientCredentials);
    }
}
