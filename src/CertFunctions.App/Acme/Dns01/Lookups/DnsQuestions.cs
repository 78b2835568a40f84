using System.Net;
using CertFunctions.App.Acme.Dns01.Rfc2136;
using DnsClient;
using DnsClient.Protocol;

namespace CertFunctions.App.Acme.Dns01.Lookups;

/// <summary>Asks one server one question. Null: no answer that could be read, within <see cref="Limit"/>.</summary>
internal sealed class DnsQuestions(DnsOverHttps https)
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private static readonly LookupClient Client = new(new LookupClientOptions([new NameServer(IPAddress.Loopback)])
    {
        UseCache = false,       // a record that was not there a moment ago may be there now
        ThrowDnsErrors = false,
        ContinueOnDnsError = false,
        ContinueOnEmptyResponse = false,
    });

    public async Task<DnsAnswer?> AskAsync(DnsServer server, string name, int type, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            return server.Https is { } address
                ? await https.AskAsync(address, name, type, limit.Token)
                : Read(await Client.QueryServerAsync([new NameServer(server.Endpoint!)], new global::DnsClient.DnsQuestion(name, (QueryType)type), Options(server), limit.Token));
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return null;    // out of reach, too late, or no DNS
        }
    }

    // UDP, TCP when truncated; a lost datagram is sent again within the limit.
    private static DnsQueryOptions Options(DnsServer server) => new()
    {
        UseCache = false,
        ThrowDnsErrors = false,
        ContinueOnDnsError = false,
        ContinueOnEmptyResponse = false,
        Recursion = server.Recursion,
        Retries = 1,
        Timeout = TimeSpan.FromSeconds(2.4),
    };

    private static DnsAnswer Read(IDnsQueryResponse response) => new((int)response.Header.ResponseCode, response.Header.HasAuthorityAnswer, [.. response.Answers.Select(Read)]);

    private static SeenRecord Read(DnsResourceRecord record) => new(
        Plain(record.DomainName),
        (int)record.RecordType,
        Target: record switch { CNameRecord alias => Plain(alias.CanonicalName), NsRecord server => Plain(server.NSDName), _ => null },
        Text: record is global::DnsClient.Protocol.TxtRecord text ? string.Concat(text.Text) : null,
        Address: (record as AddressRecord)?.Address);

    private static string Plain(DnsString name) => name.Value.TrimEnd('.').ToLowerInvariant();
}
