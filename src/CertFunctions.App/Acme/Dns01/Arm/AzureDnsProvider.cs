using System.Security.Cryptography;
using Azure.Core;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Dns01.Arm;

/// <summary>TXT records in Azure DNS (ARM REST, 2018-05-01). Every write is conditional on the ETag read, so that two writers at one name keep each other's values.</summary>
public sealed class AzureDnsProvider(ArmClients clients, SolverSecrets secrets, TimeProvider time) : IDnsProvider
{
    private const int MostConflicts = 12;

    // What Azure DNS takes in one record set (its limits page).
    private const int MostValues = 20;

    // Writers of one process take turns at a name: only other processes then meet a 412.
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];

    public string Name => "azureDNS";

    public Task<SolverOutcome> AddAsync(TxtRecord record, DnsSolver solver, CancellationToken cancellationToken) =>
        ChangeAsync(record, solver, isRemoval: false, cancellationToken);

    public Task<SolverOutcome> RemoveAsync(TxtRecord record, DnsSolver solver, CancellationToken cancellationToken) =>
        ChangeAsync(record, solver, isRemoval: true, cancellationToken);

    internal static SolverOutcome Otherwise(ArmAnswer answer) => answer.Failure ?? answer.Status switch
    {
        429 => Refusal.Throttled("Azure Resource Manager asks to wait.", answer.RetryAfter),
        >= 500 or 408 => Refusal.Unavailable($"Azure Resource Manager answers {answer.Status}.", answer.RetryAfter),
        _ => Refusal.Misconfigured($"Azure Resource Manager answers {answer.Status} {answer.ErrorCode}".TrimEnd() + "."),
    };

    private async Task<SolverOutcome> ChangeAsync(TxtRecord record, DnsSolver solver, bool isRemoval, CancellationToken cancellationToken)
    {
        if (solver.Spec.AzureDNS is not { SubscriptionID.Length: > 0, ResourceGroupName.Length: > 0 } spec) { return Refusal.Misconfigured("azureDNS needs subscriptionID and resourceGroupName."); }
        if (AzureCloud.Named(spec.Environment) is not { } cloud) { return Refusal.Misconfigured($"There is no Azure cloud {spec.Environment} any more."); }

        var secret = new Found<SecretText>(null, null);
        if (spec.ClientID is { Length: > 0 })
        {
            if (spec.ClientSecretSecretRef is null || string.IsNullOrEmpty(spec.TenantID)) { return Refusal.Misconfigured("azureDNS with clientID needs clientSecretSecretRef and tenantID, too."); }
            secret = await secrets.ReadAsync(solver.SecretNamespace, spec.ClientSecretSecretRef, cancellationToken);
            if (secret.Problem is { } missing) { return missing; }
        }

        var identity = AzureIdentity.Of(spec, secret.Value);
        if (identity.Kind == AzureIdentity.Ambient && !solver.AllowsAmbient)
        {
            return Refusal.Misconfigured("azureDNS names no identity, and the app's own serves ClusterIssuers only: name one, use a ClusterIssuer, or set Issuers:AmbientCredentials=true.");
        }

        var arm = clients.For(cloud, identity, secret.Value);
        var zone = await AzureZone.FindAsync(arm, spec, record.Fqdn, identity.Describe(), cancellationToken);
        if (zone.Value is null) { return zone.Problem!; }

        var turn = _turns[(uint)string.GetHashCode(record.Fqdn, StringComparison.Ordinal) % _turns.Length];
        await turn.WaitAsync(cancellationToken);
        try
        {
            return await new TxtWriter(arm, zone.Value, identity.Describe()).ChangeAsync(record, isRemoval, BackOffAsync, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    private Task BackOffAsync(int conflicts, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(20, 50 << Math.Min(conflicts, 5))), time, cancellationToken);

    /// <summary>Read, change, write if unmoved; from the start if it moved.</summary>
    private sealed class TxtWriter(ArmClient arm, AzureZone zone, string identity)
    {
        // A management lock: an administrator's, not another writer's.
        private const string Locked = "ScopeLocked";

        public async Task<SolverOutcome> ChangeAsync(TxtRecord record, bool isRemoval, Func<int, CancellationToken, Task> backOff, CancellationToken cancellationToken)
        {
            var path = zone.TxtPath(record.Fqdn);
            for (var conflicts = 0; conflicts < MostConflicts; conflicts++)
            {
                if (conflicts > 0) { await backOff(conflicts, cancellationToken); }

                var read = await arm.SendAsync(RequestMethod.Get, path, body: null, ifMatch: null, onlyNew: false, cancellationToken);
                if (!read.IsSuccess && read.Status != 404) { return Refused(read, record); }

                var set = read.IsSuccess ? TxtSet.From(read.Body) : TxtSet.Absent;
                if (set.Values.Contains(record.Value) != isRemoval) { return SolverOutcome.Done; }
                if (!isRemoval && set.Values.Count >= MostValues)
                {
                    return Refusal.Throttled($"There are {MostValues} TXT values at {record.Fqdn} already, the most that Azure DNS takes.", TimeSpan.FromMinutes(1));
                }

                var written = await WriteAsync(path, set, record, isRemoval, cancellationToken);
                if (written.IsSuccess || (isRemoval && written.Status == 404)) { return SolverOutcome.Done; }
                if (written.Status is not (412 or 409) || written.ErrorCode == Locked) { return Refused(written, record); }
            }

            return Refusal.Throttled($"Others keep changing the TXT records at {record.Fqdn}.", TimeSpan.FromSeconds(5));
        }

        private Task<ArmAnswer> WriteAsync(string path, TxtSet set, TxtRecord record, bool isRemoval, CancellationToken cancellationToken)
        {
            if (!isRemoval) { return arm.SendAsync(RequestMethod.Put, path, set.WithValues([.. set.Values, record.Value], zone), set.ETag, onlyNew: set.ETag is null, cancellationToken); }

            var left = set.Values.Where(value => value != record.Value).ToArray();
            return left.Length == 0
                ? arm.SendAsync(RequestMethod.Delete, path, body: null, set.ETag, onlyNew: false, cancellationToken)
                : arm.SendAsync(RequestMethod.Put, path, set.WithValues(left, zone), set.ETag, onlyNew: false, cancellationToken);
        }

        private SolverOutcome Refused(ArmAnswer answer, TxtRecord record) => answer.Status switch
        {
            401 or 403 => Refusal.Forbidden($"{Capital(identity)} may not write TXT records in zone {zone.Name}: give it the role {zone.Role} on the zone."),
            404 => Refusal.NoZone($"There is no zone {zone.Name} in the solver's resource group, as far as {identity} can see."),
            409 => Refusal.Forbidden($"A lock on zone {zone.Name} or above forbids the change at {record.Fqdn}."),
            _ => Otherwise(answer),
        };

        private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
    }
}
