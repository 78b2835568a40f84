using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;

namespace CertFunctions.App.Certificates;

/// <summary>Brings the outputs of a Certificate up to date with its spec and with what the vault holds (ADR 0012).</summary>
public sealed class OutputActivities(ResourceStore store, IVault vault, VaultPlaces places, VaultClaims claims, OutputGatherer gatherer, OutputWriter writer, TimeProvider time)
{
    private const int MostRounds = 4;

    /// <summary>Looks, writes what differs, looks again: another run may have stored a newer certificate meanwhile. Null: there is nothing to make outputs from.</summary>
    [Function(nameof(WriteOutputs))]
    public async Task<OutputFacts?> WriteOutputs([ActivityTrigger] RunTicket ticket, CancellationToken cancellationToken)
    {
        var problems = new Dictionary<string, Reason>();
        OutputFacts? facts = null;
        try
        {
            for (var round = 0; round < MostRounds; round++)
            {
                if (await store.FindAsync(CertificateKind.Kind, ticket, cancellationToken) is not { Resource.Metadata.DeletionTimestamp: null } read || await LookAsync(read.Resource, cancellationToken) is not { } look) { return null; }

                facts = look.Facts with { All = [.. look.Facts.All.Select(fact => problems.TryGetValue(fact.Secret, out var problem) ? fact with { Problem = problem } : fact)] };
                if (!facts.NeedWork) { return facts; }
                if (!await AnnounceAsync(read, facts, cancellationToken)) { continue; }

                await writer.WriteAsync(read.Resource, look with { Facts = facts }, problems, cancellationToken);
            }

            return facts;
        }
        catch (VaultException refused)
        {
            return new OutputFacts(
                facts?.Vault ?? "", [], new Reason("VaultRefused", $"The outputs cannot be written: {refused.Code}: {refused.Message}"), refused.RetryAt(time));
        }
    }

    private async Task<OutputLook?> LookAsync(Certificate certificate, CancellationToken cancellationToken)
    {
        var target = places.ForCertificate(certificate);
        if (await vault.FindCertificateAsync(target, version: null, cancellationToken) is not { } found) { return null; }

        return await gatherer.LookAsync(certificate, CertificateGatherer.Read(found), await claims.FindAsync(target, cancellationToken), cancellationToken);
    }

    /// <summary>The status names every output before it is first written, so that whatever dies when, one turned off later is found and disabled.</summary>
    private async Task<bool> AnnounceAsync(Stored<Certificate> read, OutputFacts facts, CancellationToken cancellationToken)
    {
        var known = read.Resource.Status?.Outputs ?? [];
        var added = facts.All.Where(fact => fact.Step is OutputStep.Write)
            .Select(fact => new OutputLocation { Type = fact.Type, Id = $"{facts.Vault}secrets/{fact.Secret}" })
            .Where(output => !known.Any(each => each.Id == output.Id || each.Id.StartsWith(output.Id + "/", StringComparison.Ordinal))).ToList();
        if (added.Count == 0) { return true; }

        var status = (read.Resource.Status ?? new CertificateStatus()) with { Outputs = [.. known, .. added] };
        return await store.ReplaceAsync(CertificateKind.Kind, read.Resource with { Status = status }, read.Version, read.Due, cancellationToken) is not null;
    }
}
