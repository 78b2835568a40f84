using System.Net.Http.Headers;

namespace CertFunctions.Core.Acme;

/// <summary>One request to an ACME server, and everything that may come of it as a value: https only, 30 s, 1 MiB, no redirect to another host.</summary>
internal sealed class AcmeHttp(HttpClient http, TimeProvider time)
{
    private const int MaxBodyBytes = 1 << 20;
    private const int MaxRedirects = 3;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly ProductInfoHeaderValue Product = new("CertFunctions", typeof(AcmeHttp).Assembly.GetName().Version?.ToString(2));

    /// <param name="jws">Null for GET and HEAD, which alone follow redirects.</param>
    public async Task<HttpOutcome> SendAsync(HttpMethod method, Uri url, ReadOnlyMemory<byte>? jws, string accept, CancellationToken cancellationToken)
    {
        for (var hops = 0; ; hops++)
        {
            if (!IsAllowed(url)) { return HttpOutcome.Failed(new AcmeProblem(AcmeProblem.InvalidResponse, $"{url} is not an https URL.", 0)); }

            var outcome = await SendOnceAsync(method, url, jws, accept, cancellationToken);
            if (outcome.Reply is not { Status: 301 or 302 or 303 or 307 or 308 } reply) { return outcome; }
            if (jws is not null || hops == MaxRedirects || reply.Location is not { } next || next.Authority != url.Authority)
            {
                return HttpOutcome.Failed(new AcmeProblem(AcmeProblem.InvalidResponse, $"{url.Host} redirects, to {reply.Location?.Host ?? "nowhere"}: not followed.", reply.Status));
            }

            url = next;
        }
    }

    private static bool IsAllowed(Uri url) => url.IsAbsoluteUri && url.Scheme == Uri.UriSchemeHttps && url.UserInfo.Length == 0;

    private async Task<HttpOutcome> SendOnceAsync(HttpMethod method, Uri url, ReadOnlyMemory<byte>? jws, string accept, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var request = Request(method, url, jws, accept);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var body = method == HttpMethod.Head ? ReadOnlyMemory<byte>.Empty : await ReadAsync(response.Content, either.Token);
            return body is { } read
                ? HttpOutcome.Answered(Reply(url, response, read))
                : HttpOutcome.Failed(new AcmeProblem(AcmeProblem.InvalidResponse, $"{url.Host} answered with more than {MaxBodyBytes} bytes.", (int)response.StatusCode));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && NetworkFailure.Is(exception))
        {
            return HttpOutcome.Failed(exception, url.Host);
        }
    }

    private HttpRequestMessage Request(HttpMethod method, Uri url, ReadOnlyMemory<byte>? jws, string accept)
    {
        var request = new HttpRequestMessage(method, url) { Version = http.DefaultRequestVersion, VersionPolicy = http.DefaultVersionPolicy };
        request.Headers.UserAgent.Add(Product);   // RFC 8555 §6.1
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.TryAddWithoutValidation("Accept-Language", "en");
        if (jws is { } body)
        {
            request.Content = new ReadOnlyMemoryContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/jose+json");   // without a charset (§6.2)
        }

        return request;
    }

    private AcmeReply Reply(Uri url, HttpResponseMessage response, ReadOnlyMemory<byte> body) => new(
        (int)response.StatusCode,
        url,
        body,
        response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant(),
        RetryAfter.Read(First(response.Headers, "Retry-After"), time.GetUtcNow()),
        Uri.TryCreate(url, First(response.Headers, "Location"), out var location) ? location : null,
        response.Headers.NonValidated.TryGetValues("Link", out var links) ? [.. links] : [],
        First(response.Headers, "Replay-Nonce"));

    private static string? First(HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.First() : null;

    /// <summary>Null when it is longer than the limit; no more than that is read.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > MaxBodyBytes) { return null; }

        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        using var body = new MemoryStream();
        var piece = new byte[8192];
        while (await stream.ReadAsync(piece, cancellationToken) is > 0 and var read)
        {
            if (body.Length + read > MaxBodyBytes) { return null; }
            body.Write(piece, 0, read);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}

/// <summary>An answer, whatever its status.</summary>
/// <param name="MediaType">Lower case; null: none given.</param>
/// <param name="Location">Absolute.</param>
internal sealed record AcmeReply(
    int Status, Uri Url, ReadOnlyMemory<byte> Body, string? MediaType, TimeSpan? RetryAfter, Uri? Location, IReadOnlyList<string> Links, string? Nonce)
{
    public bool IsSuccess => Status is >= 200 and < 300;
}

/// <summary>How one request ended: an answer, or why there is none.</summary>
/// <param name="WasNeverSent">The server cannot have acted on it.</param>
/// <param name="MayPass">The same request may well succeed a moment later.</param>
internal sealed record HttpOutcome(AcmeReply? Reply, AcmeProblem? Problem, bool WasNeverSent, bool MayPass)
{
    public static HttpOutcome Answered(AcmeReply reply) => new(reply, Problem: null, WasNeverSent: false, MayPass: false);

    public static HttpOutcome Failed(AcmeProblem problem) => new(Reply: null, problem, WasNeverSent: false, MayPass: false);

    public static HttpOutcome Failed(Exception exception, string host) => new(
        Reply: null,
        new AcmeProblem(AcmeProblem.Unavailable, NetworkFailure.Describe(exception, host), 0),
        NetworkFailure.IsBeforeSending(exception),
        !NetworkFailure.IsLasting(exception));
}
