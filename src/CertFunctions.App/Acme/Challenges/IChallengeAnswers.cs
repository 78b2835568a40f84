using CertFunctions.App.Acme.Dns01;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Challenges;

/// <summary>The port to one way of publishing an answer. One implementation a type of challenge.</summary>
public interface IChallengeAnswers
{
    /// <summary><c>HTTP-01</c> or <c>DNS-01</c>.</summary>
    string Type { get; }

    SelfCheckPace Pace { get; }

    /// <summary>Where the answer goes, for <c>status.fqdn</c>; recorded before it is published. Null outcome code: fine.</summary>
    Task<(string? Fqdn, SolverOutcome Outcome)> LocateAsync(Challenge challenge, CancellationToken cancellationToken);

    /// <summary>Must publish beside what others published; safe to repeat. Refusals are returned.</summary>
    Task<SolverOutcome> PresentAsync(Challenge challenge, CancellationToken cancellationToken);

    /// <summary>Must look from outside whether the answer can be seen.</summary>
    Task<SelfCheck> CheckAsync(Challenge challenge, CancellationToken cancellationToken);

    /// <summary>Must take the answer away unless another live challenge needs the same; nothing there is fine. Refusals are returned.</summary>
    Task<SolverOutcome> CleanUpAsync(Challenge challenge, CancellationToken cancellationToken);
}
