using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Dns01;

/// <summary>A TXT value at a name.</summary>
/// <param name="Fqdn">Where it goes, delegation followed already; without a trailing dot, lower case.</param>
/// <param name="DnsName">The name that is proved, for messages and for webhooks.</param>
public sealed record TxtRecord(string Fqdn, string Value, string DnsName);

/// <summary>A solver of an issuer, and what it may use.</summary>
/// <param name="SecretNamespace">Where the secrets it names are looked up.</param>
/// <param name="AllowsAmbient">Whether the app's own identity may serve it.</param>
public sealed record DnsSolver(Dns01Solver Spec, string SecretNamespace, bool AllowsAmbient);

/// <summary>How a solver's act ended. Flat: it goes into history.</summary>
/// <param name="Code">Null: done. Else <c>SolverForbidden</c>, <c>SolverThrottled</c>, <c>SolverUnavailable</c>, <c>SolverMisconfigured</c>, <c>ZoneNotFound</c>, <c>DelegationLoop</c>.</param>
/// <param name="Message">For people; names role and zone where a right is missing; no secret, no request id.</param>
public sealed record SolverOutcome(string? Code, string? Message, TimeSpan? RetryAfter)
{
    public static SolverOutcome Done { get; } = new(null, null, null);
}

/// <summary>The port to whoever writes a zone. One implementation a provider.</summary>
public interface IDnsProvider
{
    /// <summary>The member of the solver's <c>dns01</c> that it serves, e.g. <c>azureDNS</c>.</summary>
    string Name { get; }

    /// <summary>Must put the value beside those that are there already; safe to repeat. Refusals are returned.</summary>
    Task<SolverOutcome> AddAsync(TxtRecord record, DnsSolver solver, CancellationToken cancellationToken);

    /// <summary>Must take this value away and leave the others; nothing there is fine. Refusals are returned.</summary>
    Task<SolverOutcome> RemoveAsync(TxtRecord record, DnsSolver solver, CancellationToken cancellationToken);

    /// <summary>Whether it could be used at all, as far as that shows without writing: for an issuer's set-up. <see cref="SolverOutcome.Done"/> where nothing can be asked.</summary>
    Task<SolverOutcome> ProbeAsync(DnsSolver solver, CancellationToken cancellationToken) => Task.FromResult(SolverOutcome.Done);
}
