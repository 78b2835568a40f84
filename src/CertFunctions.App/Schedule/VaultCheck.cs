using System.Globalization;
using System.Text;
using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.Certificates;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Schedule;

/// <summary>Compares what Certificates say of their vault objects with one paged listing a vault, and wakes those that differ. Reads no resource and no secret.</summary>
public sealed class VaultCheck(
    IObjectStore objects, IVault vault, DueIndex due, RunStarter starter, TimeProvider time, IOptions<VaultsOptions> options, ILogger<VaultCheck> log)
{
    private const string Mark = "checks/vaults";

    /// <summary>Looks often, compares every <see cref="VaultsOptions.CheckEvery"/>; of several instances one does it.</summary>
    [Function("CheckVaults")]
    public async Task CheckVaults([TimerTrigger("%Schedule:CheckVaults%")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (!await TakeTurnAsync(cancellationToken)) { return; }

        foreach (var (place, certificates) in await ExpectedAsync(cancellationToken))
        {
            try { await CompareAsync(new Uri(place), certificates, client, cancellationToken); }
            catch (VaultException refused) { log.VaultNotListed(place, refused.Code, refused.Message); }
        }
    }

    private async Task<bool> TakeTurnAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var mark = Encoding.ASCII.GetBytes(now.ToString("o", CultureInfo.InvariantCulture));
        if (await objects.FindAsync(Mark, cancellationToken) is not { } last) { return await objects.PutIfAbsentAsync(Mark, mark, cancellationToken) is PutResult.Written; }

        return now - DateTimeOffset.Parse(Encoding.ASCII.GetString(last.Content.Span), CultureInfo.InvariantCulture) >= options.Value.CheckEvery
            && await objects.PutIfMatchAsync(Mark, mark, last.ETag, cancellationToken) is PutResult.Written;
    }

    private async Task<Dictionary<string, List<(ResourceName Name, VaultExpectation Expected)>>> ExpectedAsync(CancellationToken cancellationToken)
    {
        var byVault = new Dictionary<string, List<(ResourceName, VaultExpectation)>>(StringComparer.Ordinal);
        await foreach (var entry in objects.ListAllAsync(CertificateKind.Kind.ObjectPrefix, cancellationToken))
        {
            string? Told(string key) => ResourceStore.Unescape(entry.Metadata.Find(key));
            if (Told("vault") is not { } place || Told("object") is not { } name || Told("uid") is not { } uid) { continue; }

            if (!byVault.TryGetValue(place, out var list)) { byVault[place] = list = []; }
            var parts = entry.Name.Split('/');
            list.Add((new ResourceName(parts[2], parts[3]), new VaultExpectation(uid, name, Told("x5t") ?? "")));
        }

        return byVault;
    }

    private async Task CompareAsync(Uri place, List<(ResourceName Name, VaultExpectation Expected)> certificates, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, VaultCertificateEntry>(StringComparer.OrdinalIgnoreCase);
        await foreach (var entry in vault.ListCertificatesAsync(place, cancellationToken)) { found[entry.Name] = entry; }

        foreach (var (name, expected) in certificates)
        {
            if (VaultDrift.Find(expected, found.GetValueOrDefault(expected.Object)) is not { } drift) { continue; }

            log.VaultDrifted(name.Namespace, name.Name, expected.Object, drift);
            var entry = await due.FileAsync(CertificateKind.Kind, name, expected.Uid, due.WriterDate, cancellationToken);
            await starter.StartAsync(client, CertificateKind.Kind, new RunTicket(CertificateKind.Kind.Plural, name.Namespace, name.Name, expected.Uid, entry), cancellationToken);
        }
    }
}
