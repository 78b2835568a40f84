using CertFunctions.App.Api;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Challenges;

/// <summary>Challenge, as the resource API shows it: nobody writes one from outside (GHSA-8rvj).</summary>
public static class ChallengeKind
{
    public static ResourceKind<Challenge> Kind { get; } = new()
    {
        Group = "acme.cert-manager.io",
        Plural = "challenges",
        Singular = "challenge",
        Kind = "Challenge",
        ShortNames = [],
        IsNamespaced = true,
        IsReadOnly = true,
        Columns = [new("State", "state"), new("Domain", "domain"), new("Type", "type", Priority: 1), new("Reason", "reason", Priority: 1)],
        Orchestrator = "ReconcileChallenge",
        InstancePrefix = "challenge",
        Json = ResourceJson.Default.Challenge,
        Rules = _ => [],
        Spec = resource => resource.Spec,
        Prepare = (resource, _) => resource,
        Index = challenge => ValueMap.From(
        [
            new("state", challenge.Status?.State ?? ""), new("domain", challenge.Spec.DnsName), new("type", challenge.Spec.Type), new("reason", challenge.Status?.Reason ?? ""),
        ]),
        IndexEntries = _ => [],
    };
}

/// <summary>Names the challenge that a workflow solves.</summary>
public sealed record ChallengeTicket(string Namespace, string Name, string Uid);
