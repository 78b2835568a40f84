using System.Text.Json;

namespace CertFunctions.Core.Acme;

/// <summary>Requests that are repeated as long as that is safe and may help: with another nonce, and after a moment when the server or the network stumbles.</summary>
internal sealed class AcmeTransport(HttpClient http, TimeProvider time)
{
    private const string Json = "application/json";
    private const int MostRefusedNonces = 10;
    private const int MostTries = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Longer than this is the caller's to wait.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly AcmeHttp _http = new(http, time);
    private readonly NoncePool _nonces = new(time);

    /// <summary>An unsigned request (RFC 8555 §6.3: the directory and nonces; RFC 9773 §4.1).</summary>
    public async Task<AcmeResult> GetAsync(Uri url, CancellationToken cancellationToken) => await ReadAsync(HttpMethod.Get, url, cancellationToken);

    /// <summary>A signed request (§6.2). A refused nonce is replaced up to ten times; other failures are tried again only if the request is repeatable, or was never sent.</summary>
    public async Task<AcmeResult> PostAsync(SignedRequest request, Uri newNonce, CancellationToken cancellationToken)
    {
        var (tries, refused) = (0, 0);
        string? nonce = null;
        while (true)
        {
            nonce ??= _nonces.Take();
            if (nonce is null)
            {
                var (fresh, problem) = await NewNonceAsync(newNonce, cancellationToken);
                if (problem is not null) { return new AcmeResult(Reply: null, problem); }
                nonce = fresh!;
            }

            var outcome = await _http.SendAsync(HttpMethod.Post, request.Url, Sign(request, nonce), request.Accept, cancellationToken);
            var result = AcmeResult.Of(outcome);
            nonce = null;
            if (result.Problem is { Type: AcmeProblems.BadNonce } && refused++ < MostRefusedNonces)
            {
                nonce = NoncePool.IsNonce(outcome.Reply?.Nonce) ? outcome.Reply!.Nonce : null;   // §6.5: the refusal brings one
                continue;
            }

            _nonces.Add(outcome.Reply?.Nonce);
            if ((!request.IsRepeatable && !outcome.WasNeverSent) || Pause(outcome, ++tries) is not { } pause) { return result; }

            await Task.Delay(pause, time, cancellationToken);
        }
    }

    private async Task<AcmeResult> ReadAsync(HttpMethod method, Uri url, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var outcome = await _http.SendAsync(method, url, jws: null, Json, cancellationToken);
            if (Pause(outcome, tries) is not { } pause) { return AcmeResult.Of(outcome); }

            await Task.Delay(pause, time, cancellationToken);
        }
    }

    /// <summary>§7.2.</summary>
    private async Task<(string? Nonce, AcmeProblem? Problem)> NewNonceAsync(Uri newNonce, CancellationToken cancellationToken)
    {
        var (reply, problem) = await ReadAsync(HttpMethod.Head, newNonce, cancellationToken);
        if (problem is not null) { return (null, problem); }

        return NoncePool.IsNonce(reply!.Nonce) ? (reply.Nonce, null) : (null, AcmeProblems.Invalid(reply, "a nonce"));
    }

    /// <summary>How long until the next try; null: there is none.</summary>
    private static TimeSpan? Pause(HttpOutcome outcome, int tries)
    {
        if (tries >= MostTries || !(outcome.MayPass || outcome.Reply?.Status >= 500)) { return null; }

        var own = FirstPause * Math.Pow(2, tries - 1);
        var pause = outcome.Reply?.RetryAfter is { } asked && asked > own ? asked : own;
        return pause <= LongestPause ? pause : null;
    }

    private static ReadOnlyMemory<byte> Sign(SignedRequest request, string nonce) =>
        JsonSerializer.SerializeToUtf8Bytes(Jws.Request(request.Key, request.Account, request.Url, nonce, request.Payload.Span), AcmeJson.Default.JwsBody);
}

/// <param name="Account">Null: the key itself is sent along.</param>
/// <param name="Payload">Empty for POST-as-GET.</param>
/// <param name="IsRepeatable">The CA may act on it twice without harm.</param>
internal sealed record SignedRequest(AccountKey Key, Uri? Account, Uri Url, ReadOnlyMemory<byte> Payload, bool IsRepeatable = true, string Accept = "application/json");

/// <summary>A 2xx answer, or a problem.</summary>
internal sealed record AcmeResult(AcmeReply? Reply, AcmeProblem? Problem)
{
    public static AcmeResult Of(HttpOutcome outcome) => outcome.Reply switch
    {
        null => new AcmeResult(Reply: null, outcome.Problem),
        { IsSuccess: true } reply => new AcmeResult(reply, Problem: null),
        var reply => new AcmeResult(Reply: null, AcmeProblems.Of(reply)),
    };
}
