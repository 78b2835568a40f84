using System.Net;
using System.Net.Http.Headers;
using CertFunctions.App.Acme.Dns01.Rfc2136;

namespace CertFunctions.App.Acme.Dns01.Lookups;

/// <summary>DNS over HTTPS (RFC 8484), to servers that an administrator named.</summary>
public sealed class DnsOverHttps : IDisposable
{
    private const string MediaType = "application/dns-message";
    private const int MostBytes = 128 * 1024;

    private readonly HttpClient _http;

    public DnsOverHttps()
        : this(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false }) { }

    /// <param name="handler">For tests: what carries the requests.</param>
    public DnsOverHttps(HttpMessageHandler handler) => _http = new HttpClient(handler) { MaxResponseContentBufferSize = MostBytes };

    public void Dispose() => _http.Dispose();

    /// <summary>Throws on whatever is no answer.</summary>
    internal async Task<DnsAnswer?> AskAsync(Uri server, string name, int type, CancellationToken cancellationToken)
    {
        // Id 0, so that caches on the way may serve it (§4.1).
        using var content = new ByteArrayContent(DnsWriter.Write(DnsMessage.Ask(name, type, recursion: true) with { Id = 0 }));
        content.Headers.ContentType = new MediaTypeHeaderValue(MediaType);
        using var request = new HttpRequestMessage(HttpMethod.Post, server) { Content = content };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(MediaType));
        using var response = await _http.SendAsync(request, cancellationToken);
        return response.IsSuccessStatusCode && response.Content.Headers.ContentType?.MediaType == MediaType
            ? Read(DnsReader.Read(await response.Content.ReadAsByteArrayAsync(cancellationToken)))
            : null;
    }

    private static DnsAnswer Read(DnsMessage message) => new(message.ResponseCode, message.IsAuthoritative, [.. message.Answers.Select(Read)]);

    private static SeenRecord Read(DnsRecord record) => new(
        record.Name,
        record.Type,
        record.Target,
        Text: record.Type == DnsMessage.Text ? DnsMessage.ReadText(record.Data.Span) : null,
        Address: record.Type is DnsMessage.A or DnsMessage.Aaaa && record.Data.Length is 4 or 16 ? new IPAddress(record.Data.Span) : null);
}
