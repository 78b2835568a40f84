using CertFunctions.App.Api;
using CertFunctions.App.Certificates;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Renewal;

/// <summary>A Certificate that a CA is to be asked about, from its line in the listing alone: nothing else is read unless its window moved.</summary>
/// <param name="Id">RFC 9773 §4.1.</param>
/// <param name="Window">The window known so far (<see cref="RenewalInfoPolicy.Listed"/>).</param>
/// <param name="Issuer">Whose issuer knows how its CA is reached and trusted. That costs one small read an issuer and tick; in the listing it would be stale.</param>
public sealed record RenewalTarget(ResourceName Name, string Uid, string Id, string Directory, string Window, IssuerRef Issuer)
{
    /// <summary>What <see cref="Read"/> needs; nothing for what does not renew by itself.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Listed(Certificate certificate) =>
        certificate.Status?.Acme?.Ari is { } ari && certificate.Spec.RenewsByItself()
            ? [new("ari", ari.Id), new("acme", ari.Directory), new("window", RenewalInfoPolicy.Listed(ari)), new("issuerkind", certificate.Spec.IssuerRef.KindOrDefault())]
            : [];

    /// <summary>Null: its CA is not to be asked.</summary>
    public static RenewalTarget? Read(ObjectEntry entry)
    {
        string? Told(string key) => ResourceStore.Unescape(entry.Metadata.Find(key));
        if (entry.Metadata.ContainsKey("deleted") || entry.Name.Split('/') is not [.., var ns, var name]) { return null; }

        return Told("ari") is { } id && Told("acme") is { } directory && Told("uid") is { } uid && Told("issuer") is { } issuer
            ? new(new ResourceName(ns, name), uid, id, directory, Told("window") ?? "", new IssuerRef { Name = issuer, Kind = Told("issuerkind") })
            : null;
    }

    public RunTicket Ticket(string entry) => new(CertificateKind.Kind.Plural, Name.Namespace, Name.Name, Uid, entry);
}
