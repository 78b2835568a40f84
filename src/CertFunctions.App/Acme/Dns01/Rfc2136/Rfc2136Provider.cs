using System.Net;
using System.Net.Sockets;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.App.Acme.Dns01.Rfc2136;

/// <summary>TXT records by dynamic update (RFC 2136), signed by TSIG (RFC 8945): bind, Knot, PowerDNS, Windows DNS.</summary>
public sealed class Rfc2136Provider(SolverSecrets secrets, TimeProvider time) : IDnsProvider
{
    private const uint TimeToLiveInSeconds = 60;

    public string Name => "rfc2136";

    public Task<SolverOutcome> AddAsync(TxtRecord record, DnsSolver solver, CancellationToken cancellationToken) =>
        ChangeAsync(record, solver, new DnsRecord(record.Fqdn, DnsMessage.Text, DnsMessage.Internet, TimeToLiveInSeconds, DnsMessage.TextData(record.Value)), cancellationToken);

    public Task<SolverOutcome> RemoveAsync(TxtRecord record, DnsSolver solver, CancellationToken cancellationToken) =>
        ChangeAsync(record, solver, new DnsRecord(record.Fqdn, DnsMessage.Text, DnsMessage.None, 0, DnsMessage.TextData(record.Value)), cancellationToken);

    private async Task<SolverOutcome> ChangeAsync(TxtRecord record, DnsSolver solver, DnsRecord change, CancellationToken cancellationToken)
    {
        var server = await ServerAsync(solver, cancellationToken);
        if (server.Value is null) { return server.Problem!; }

        try
        {
            var zone = await ZoneAsync(server.Value, record.Fqdn, cancellationToken);
            if (zone.Value is null) { return zone.Problem!; }

            var answer = await server.Value.SendAsync(DnsMessage.Change(zone.Value, change), cancellationToken);
            return Judge(answer, server.Value.Label, zone.Value, record.Fqdn) ?? SolverOutcome.Done;
        }
        catch (FormatException exception)
        {
            return Refusal.Misconfigured(exception.Message);    // a name that DNS cannot hold
        }
    }

    private async Task<Found<UpdateServer>> ServerAsync(DnsSolver solver, CancellationToken cancellationToken)
    {
        if (solver.Spec.Rfc2136 is not { } spec || NameserverSyntax.Parse(spec.Nameserver) is not { Https: null } named)
        {
            return new(null, Refusal.Misconfigured("rfc2136.nameserver must be host[:port] or [v6]:port."));
        }

        TsigKey? key = null;
        if (spec.TsigKeyName is { Length: > 0 } keyName && spec.TsigSecretSecretRef is { } reference)
        {
            var secret = await secrets.ReadAsync(solver.SecretNamespace, reference, cancellationToken);
            if (secret.Value is null) { return new(null, secret.Problem); }

            var made = TsigKey.Create(keyName, spec.TsigAlgorithm, secret.Value.Reveal());
            if (made.Value is null) { return new(null, made.Problem); }
            key = made.Value;
        }

        return await ResolveAsync(named.Host, cancellationToken) is { } address
            ? new(new UpdateServer(spec.Nameserver!, new IPEndPoint(address, named.Port), key, "TCP".Equals(spec.Protocol, StringComparison.OrdinalIgnoreCase), time), null)
            : new(null, Refusal.Unavailable($"DNS server {spec.Nameserver} has no address."));
    }

    private static async Task<IPAddress?> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal)) { return literal; }

        try
        {
            // IPv4 first: a machine without IPv6 still learns such addresses.
            return (await Dns.GetHostAddressesAsync(host, cancellationToken)).MinBy(address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>The zone that the server itself serves the name from: the owner of the SOA in its answer, or in the denial.</summary>
    private static async Task<Found<string>> ZoneAsync(UpdateServer server, string fqdn, CancellationToken cancellationToken)
    {
        for (var name = fqdn; name.Length > 0; name = Parent(name))
        {
            var answer = await server.SendAsync(DnsMessage.Ask(name, DnsMessage.StartOfAuthority), cancellationToken);
            if (answer.Failure is { } failure) { return new(null, failure); }
            if (answer.Verdict is TsigVerdict.BadKey or TsigVerdict.BadSignature or TsigVerdict.BadTime) { return new(null, Judge(answer, server.Label, zone: null, fqdn)); }

            // Behind an alias the SOA is that of another name's zone: the parent says which zone the alias itself lies in.
            var message = answer.Message!;
            if (!message.IsAuthoritative || message.Answers.Any(record => record.Type == DnsMessage.Alias)) { continue; }

            var soa = message.Answers.Concat(message.Authorities).FirstOrDefault(record => record.Type == DnsMessage.StartOfAuthority && Holds(record.Name, fqdn));
            if (soa is not null) { return new(soa.Name, null); }
        }

        return new(null, Refusal.NoZone($"DNS server {server.Label} is not authoritative for any zone that {fqdn} lies in."));
    }

    /// <summary>Null: it is done.</summary>
    private static SolverOutcome? Judge(UpdateAnswer answer, string server, string? zone, string fqdn) => answer switch
    {
        { Failure: { } failure } => failure,
        { Verdict: TsigVerdict.BadKey } => Refusal.Forbidden($"DNS server {server} does not know the TSIG key, or not with this algorithm (BADKEY)."),
        { Verdict: TsigVerdict.BadSignature } => Refusal.Forbidden($"DNS server {server} has another secret for the TSIG key (BADSIG)."),
        { Verdict: TsigVerdict.BadTime } => Refusal.Forbidden($"The clock of DNS server {server} and ours differ by more than five minutes (BADTIME)."),
        { Message.ResponseCode: 0, Verdict: TsigVerdict.Genuine } => null,
        { Message.ResponseCode: 0 } => Refusal.Unavailable($"The answer of DNS server {server} does not carry the TSIG key's signature."),
        { Message.ResponseCode: 2 } => Refusal.Unavailable($"DNS server {server} answers SERVFAIL for zone {zone}."),
        { Message.ResponseCode: 5 } => Refusal.Forbidden($"DNS server {server} refuses the change of TXT at {fqdn} in zone {zone} (REFUSED): its update policy must allow it to the TSIG key."),
        { Message.ResponseCode: 9 } => Refusal.Forbidden($"DNS server {server} is not authoritative for zone {zone}, or does not take our TSIG key (NOTAUTH)."),
        { Message.ResponseCode: 10 } => Refusal.NoZone($"{fqdn} does not lie in zone {zone} (NOTZONE)."),
        _ => Refusal.Unavailable($"DNS server {server} answers with code {answer.Message!.ResponseCode}."),
    };

    private static bool Holds(string zone, string fqdn) => fqdn == zone || fqdn.EndsWith($".{zone}", StringComparison.Ordinal);

    private static string Parent(string name) => name.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? name[(dot + 1)..] : "";
}
