using CertFunctions.App.Acme.Challenges;
using CertFunctions.App.Acme.Dns01;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Acme.Http01;

/// <summary>HTTP-01 (RFC 8555 §8.3): this app answers, by <see cref="ChallengeFunctions"/>.</summary>
public sealed class HttpAnswers(HttpTokens tokens, HttpSelfCheck check, IOptions<Http01Options> options) : IChallengeAnswers
{
    public string Type => SolverPolicy.Http01;

    public SelfCheckPace Pace => new(options.Value.InconclusiveAfter, options.Value.NotVisibleAfter, TimeSpan.Zero, options.Value.CheckEvery);

    public Task<(string? Fqdn, SolverOutcome Outcome)> LocateAsync(Challenge challenge, CancellationToken cancellationToken) => Task.FromResult<(string?, SolverOutcome)>(
        HttpTokens.IsToken(challenge.Spec.Token) ? (null, SolverOutcome.Done) : (null, new("InvalidToken", "The CA's token has a shape that is not answered: 16 to 128 characters of base64url.", null)));

    public async Task<SolverOutcome> PresentAsync(Challenge challenge, CancellationToken cancellationToken)
    {
        await tokens.PutAsync(challenge.Spec.Token, challenge.Metadata.Uid!, challenge.Spec.DnsName, challenge.Spec.Key, cancellationToken);
        return SolverOutcome.Done;
    }

    public Task<SelfCheck> CheckAsync(Challenge challenge, CancellationToken cancellationToken) =>
        check.LookAsync(challenge.Spec.DnsName, challenge.Spec.Token, challenge.Spec.Key, cancellationToken);

    public async Task<SolverOutcome> CleanUpAsync(Challenge challenge, CancellationToken cancellationToken)
    {
        await tokens.RemoveAsync(challenge.Spec.Token, challenge.Metadata.Uid!, cancellationToken);
        return SolverOutcome.Done;
    }
}
