using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CertFunctions.Core.Acme;

/// <summary>Speaks to one ACME server: a method a section of RFC 8555. Safe for many callers at once; remembers nonces and the directory, nothing else.</summary>
/// <remarks>
/// Every failure is an answer's problem; only the caller's own cancellation throws. A refused nonce is replaced up to ten times. 5xx and lost answers are tried
/// three times in all, newOrder, finalize, key change and revocation only if they were never sent. 429 is never tried again here.
/// </remarks>
public sealed partial class AcmeClient(HttpClient http, Uri directory, TimeProvider time) : IDisposable
{
    private readonly AcmeTransport _transport = new(http, time);
    private DirectoryCache? _directory;

    public Uri Directory => directory;

    internal TimeProvider Time => time;

    /// <summary>§7.1.1; kept for an hour.</summary>
    public Task<AcmeAnswer<AcmeDirectory>> GetDirectoryAsync(CancellationToken cancellationToken) =>
        LazyInitializer.EnsureInitialized(ref _directory, () => new DirectoryCache(_transport, directory, time)).GetAsync(cancellationToken);

    public void Dispose() => http.Dispose();

    /// <summary>POST-as-GET (§6.3).</summary>
    private Task<AcmeAnswer<T>> FetchAsync<T>(AcmeIdentity identity, Uri url, string expected, Func<AcmeReply, T?> read, CancellationToken cancellationToken)
        where T : class =>
        SendAsync(_ => new SignedRequest(identity.Key, identity.Account, url, ReadOnlyMemory<byte>.Empty), expected, read, cancellationToken);

    /// <param name="request">Made from the directory; null: the CA does not offer this.</param>
    /// <param name="expected">What the answer must be, for the message when it is not.</param>
    private async Task<AcmeAnswer<T>> SendAsync<T>(Func<AcmeDirectory, SignedRequest?> request, string expected, Func<AcmeReply, T?> read, CancellationToken cancellationToken)
        where T : class
    {
        var (found, problem, retryAfter, _) = await GetDirectoryAsync(cancellationToken);
        if (found is null) { return new AcmeAnswer<T>(Value: null, problem, retryAfter); }
        if (request(found) is not { } signed) { return NotOffered<T>(expected); }
        if (!IsOf(found, signed.Url)) { return new AcmeAnswer<T>(Value: null, new AcmeProblem(AcmeProblem.InvalidResponse, $"{signed.Url} does not belong to {directory}.", 0)); }

        return Read(await _transport.PostAsync(signed, found.NewNonce, cancellationToken), expected, read);
    }

    private static AcmeAnswer<T> Read<T>(AcmeResult result, string expected, Func<AcmeReply, T?> read)
        where T : class
    {
        if (result.Reply is not { } reply) { return new AcmeAnswer<T>(Value: null, result.Problem, result.Problem?.RetryAfter); }

        return read(reply) is { } value
            ? new AcmeAnswer<T>(value, Problem: null, reply.RetryAfter, reply.Location)
            : new AcmeAnswer<T>(Value: null, AcmeProblems.Invalid(reply, expected), reply.RetryAfter, reply.Location);
    }

    private AcmeAnswer<T> NotOffered<T>(string what)
        where T : class =>
        new(Value: null, new AcmeProblem(AcmeProblem.NotOffered, $"{directory.Host} does not offer {what}.", 0));

    /// <summary>Signed messages go to the directory's host, and to hosts that it names itself.</summary>
    private bool IsOf(AcmeDirectory found, Uri url) =>
        url.IsAbsoluteUri
        && new[] { directory, found.NewNonce, found.NewAccount, found.NewOrder, found.RevokeCert, found.KeyChange, found.RenewalInfo }.Any(known => known?.Authority == url.Authority);

    private static byte[] Json<T>(T body, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(body, type);
}
