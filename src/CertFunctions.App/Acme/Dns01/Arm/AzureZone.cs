using System.Text.Json.Nodes;
using Azure.Core;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Dns01.Arm;

/// <summary>A DNS zone of Azure, by name; public or private.</summary>
/// <param name="Group">Path of its resource group.</param>
internal sealed record AzureZone(string Group, string Name, bool IsPrivate)
{
    private const int MostPages = 100;

    private string Version => IsPrivate ? "2020-06-01" : "2018-05-01";

    private static string Collection(bool isPrivate) => isPrivate ? "privateDnsZones" : "dnsZones";

    /// <summary>The role to give, for messages.</summary>
    public string Role => IsPrivate ? "Private DNS Zone Contributor" : "DNS Zone Contributor";

    /// <summary>Path and query of the TXT record set at <paramref name="fqdn"/>, which must lie in the zone.</summary>
    public string TxtPath(string fqdn)
    {
        var relative = fqdn.Length == Name.Length ? "@" : fqdn[..^(Name.Length + 1)];
        return $"{Group}/providers/Microsoft.Network/{Collection(IsPrivate)}/{Uri.EscapeDataString(Name)}/TXT/{Uri.EscapeDataString(relative)}?api-version={Version}";
    }

    /// <summary>The zone a solver names, else the longest of its resource group that <paramref name="fqdn"/> lies in.</summary>
    public static async Task<Found<AzureZone>> FindAsync(ArmClient arm, AzureDns spec, string fqdn, string identity, CancellationToken cancellationToken)
    {
        var isPrivate = spec.ZoneType == "AzurePrivateZone";
        var group = $"/subscriptions/{Uri.EscapeDataString(spec.SubscriptionID!)}/resourceGroups/{Uri.EscapeDataString(spec.ResourceGroupName!)}";
        if (spec.HostedZoneName?.TrimEnd('.').ToLowerInvariant() is { Length: > 0 } named)
        {
            return Holds(named, fqdn)
                ? new(new(group, named, isPrivate), null)
                : new(null, Refusal.NoZone($"{fqdn} does not lie in the solver's hostedZoneName {named}. If a CNAME leads there, set cnameStrategy: Follow."));
        }

        var best = "";
        var next = $"{group}/providers/Microsoft.Network/{Collection(isPrivate)}?api-version={new AzureZone(group, "", isPrivate).Version}";
        for (var page = 0; page < MostPages && next is not null; page++)
        {
            var answer = await arm.SendAsync(RequestMethod.Get, next, body: null, ifMatch: null, onlyNew: false, cancellationToken);
            if (!answer.IsSuccess) { return new(null, Refused(answer, spec, isPrivate, identity)); }

            foreach (var name in (answer.Body?["value"] as JsonArray ?? []).Select(zone => zone?["name"]?.GetValue<string>().ToLowerInvariant()).OfType<string>())
            {
                if (name.Length > best.Length && Holds(name, fqdn)) { best = name; }
            }

            next = answer.Body?["nextLink"]?.GetValue<string>() is { Length: > 0 } link ? link : null;
        }

        return best.Length > 0
            ? new(new(group, best, isPrivate), null)
            : new(null, Refusal.NoZone($"Resource group {spec.ResourceGroupName} holds no DNS zone that {fqdn} lies in."));
    }

    private static SolverOutcome Refused(ArmAnswer answer, AzureDns spec, bool isPrivate, string identity) => answer.Status switch
    {
        401 or 403 => Refusal.Forbidden(
            $"The zones of resource group {spec.ResourceGroupName} may not be listed by {identity}: set hostedZoneName, or give it {new AzureZone("", "", isPrivate).Role} on the resource group."),
        404 => Refusal.NoZone($"There is no resource group {spec.ResourceGroupName} in subscription {spec.SubscriptionID}, as far as {identity} can see."),
        _ => AzureDnsProvider.Otherwise(answer),
    };

    private static bool Holds(string zone, string fqdn) => fqdn == zone || fqdn.EndsWith($".{zone}", StringComparison.Ordinal);
}
