using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>Decides about the outputs of a Certificate: whether to write, whose a secret is, and what the status says.</summary>
public static class OutputPolicy
{
    public const string Condition = "OutputsReady";

    /// <summary>Whether a run writes outputs: something differs, or it stored a certificate or claimed the object only after the facts were gathered.</summary>
    public static bool IsDue(CertificateFacts facts, CertificateOutcome outcome) => (outcome.State, facts.Outputs) switch
    {
        ("Issued", { }) => true,
        ("Issued" or "Rest", null) => OutputWishes.Any(facts.Certificate),
        (_, var outputs) => outputs?.NeedWork is true,
    };

    /// <summary>Compares one output with the versions of its secret, newest first.</summary>
    /// <param name="problem">Why the wish itself cannot be met now, such as a missing password.</param>
    public static OutputFact Compare(
        Certificate certificate, string type, string secret, string? wanted, IReadOnlyList<VaultSecretVersion> versions, Reason? problem)
    {
        // Key Vault dates versions in whole seconds: those of the newest second count as newest together.
        var newest = versions.TakeWhile((each, i) => i == 0 || (each.Created is { } created && created == versions[0].Created)).ToList();
        if (wanted is not null && newest.Exists(each => !IsOurs(each.Tags, certificate))) { problem = Taken(secret); }

        var mine = versions.Where(each => each.IsEnabled && IsOurs(each.Tags, certificate)).ToList();
        var found = newest.Find(each => each.IsEnabled && each.Tags.Find(Annotations.OutputDigest) == wanted) ?? newest.Find(each => each.IsEnabled);
        return new OutputFact(
            type, secret, wanted, found?.Tags.Find(Annotations.OutputDigest), (mine.Contains(found!) ? found : mine.FirstOrDefault())?.Version, problem);
    }

    /// <summary>Whether tags name this Certificate; one made anew under the same name takes over what the old one left.</summary>
    public static bool IsOurs(ValueMap tags, Certificate certificate) =>
        tags.ContainsKey(Annotations.Output)
        && tags.Find(Annotations.CertificateName) == certificate.Metadata.Name && tags.Find(Annotations.Namespace) == certificate.Metadata.Namespace;

    public static Reason Taken(string secret) =>
        new("OutputNameTaken", $"The vault holds a secret {secret} that is no output of this Certificate; it is left alone.");

    /// <summary>The status with condition and places of the outputs, and when to look again: no later than <paramref name="next"/>.</summary>
    /// <param name="outputs">As the run left them; null: none, or there is nothing stored to make them from.</param>
    public static (CertificateStatus Status, DateTimeOffset Next) Show(
        CertificateStatus status, DateTimeOffset next, CertificateFacts facts, OutputFacts? outputs, TimeSpan firstWait, TimeSpan mostWait)
    {
        if (outputs is null)
        {
            return OutputWishes.Any(facts.Certificate) ? (status, next) : (status with { Conditions = status.Conditions.Without(Condition) }, next);
        }

        var reason = Unready(outputs);
        var kept = outputs.Problem is null ? Places(outputs) : status.Outputs;
        if (reason is null && !OutputWishes.Any(facts.Certificate))
        {
            return (status with { Outputs = kept, Conditions = status.Conditions.Without(Condition) }, next);
        }

        var told = status.Conditions.With(
            new Condition
            {
                Type = Condition,
                Status = reason is null ? "True" : "False",
                Reason = reason?.Code ?? "Written",
                Message = reason?.Message ?? "Every output is up to date",
                ObservedGeneration = facts.Certificate.Metadata.Generation,
            },
            facts.Now);
        var waited = facts.Now - (told.Find(Condition)?.LastTransitionTime ?? facts.Now);
        var again = outputs.RetryAt ?? facts.Now + TimeSpan.FromTicks(Math.Clamp(waited.Ticks, firstWait.Ticks, mostWait.Ticks));
        return (status with { Outputs = kept, Conditions = told }, reason is null || next < again ? next : again);
    }

    private static Reason? Unready(OutputFacts outputs)
    {
        if (outputs.Problem is { } problem) { return problem; }

        var problems = outputs.All.Select(fact => fact.Problem).OfType<Reason>().Distinct().ToList();
        if (problems.Count > 0) { return problems[0] with { Message = string.Join(" ", problems.Select(each => each.Message)) }; }

        var late = outputs.All.Where(fact => fact.Step is not OutputStep.None).Select(fact => fact.Secret).ToList();
        return late.Count == 0 ? null : new Reason("OutputsChanging", $"Another run was writing at the same time: {string.Join(", ", late)}.");
    }

    private static ValueList<OutputLocation>? Places(OutputFacts outputs)
    {
        var places = outputs.All.Where(fact => fact.Version is not null)
            .Select(fact => new OutputLocation { Type = fact.Type, Id = $"{outputs.Vault}secrets/{fact.Secret}/{fact.Version}" }).ToList();
        return places.Count == 0 ? null : places.ToValueList();
    }
}
