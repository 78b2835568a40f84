using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Dns01;

/// <summary>Reads what a solver's <c>…SecretRef</c> names, from the system vault.</summary>
public sealed class SolverSecrets(IVault vault, VaultPlaces places)
{
    /// <param name="ns">The solver's <see cref="DnsSolver.SecretNamespace"/>.</param>
    /// <returns>The text, or why there is none.</returns>
    public async Task<Found<SecretText>> ReadAsync(string ns, SecretKeyRef reference, CancellationToken cancellationToken)
    {
        var place = places.Referred(ns, reference.Name ?? "");
        try
        {
            return await vault.FindSecretAsync(place, version: null, cancellationToken) is { } value
                ? new(SecretValues.Pick(value, reference.Key), null)
                : new(null, Refusal.Misconfigured($"The system vault holds no enabled secret {place.Name}, which the solver refers to."));
        }
        catch (VaultException exception)
        {
            return new(null, exception.Status switch
            {
                401 or 403 => Refusal.Forbidden($"The app may not read secret {place.Name} of the system vault (role Key Vault Secrets Officer)."),
                429 => Refusal.Throttled("The system vault asks to wait.", exception.RetryAfter),
                _ => Refusal.Unavailable($"Secret {place.Name} of the system vault cannot be read now.", exception.RetryAfter),
            });
        }
    }
}

/// <summary>A value, or why there is none: never both.</summary>
public sealed record Found<T>(T? Value, SolverOutcome? Problem)
    where T : class;

/// <summary>The ways in which a solver's act ends badly, by their codes.</summary>
internal static class Refusal
{
    public static SolverOutcome Misconfigured(string message) => new("SolverMisconfigured", message, RetryAfter: null);

    public static SolverOutcome Forbidden(string message) => new("SolverForbidden", message, RetryAfter: null);

    public static SolverOutcome Throttled(string message, TimeSpan? retryAfter) => new("SolverThrottled", message, retryAfter);

    public static SolverOutcome Unavailable(string message, TimeSpan? retryAfter = null) => new("SolverUnavailable", message, retryAfter);

    public static SolverOutcome NoZone(string message) => new("ZoneNotFound", message, RetryAfter: null);

    public static SolverOutcome Loop(string message) => new("DelegationLoop", message, RetryAfter: null);
}
