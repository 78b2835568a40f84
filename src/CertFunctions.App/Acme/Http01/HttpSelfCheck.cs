using System.Net;
using System.Text;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Policy;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Acme.Http01;

/// <summary>Looks at a public URL as a CA would, right before the CA does: a failed validation counts against the account. It also warms the app.</summary>
public sealed class HttpSelfCheck : IDisposable
{
    private const int LongestAnswer = 4096;

    private readonly int _port;
    private readonly HttpClient _http;

    public HttpSelfCheck(IOptions<AcmeOptions> acme, IOptions<Http01Options> options)
    {
        _port = options.Value.Port;
        _http = GuardedHttp.Create(new OutboundRules { AllowsPrivateAddresses = acme.Value.AllowPrivateAddresses, AllowsPlainHttp = true, SkipsVerification = true, MaxRedirects = 10, Timeout = TimeSpan.FromSeconds(10) });
    }

    /// <param name="name">A DNS name or an address.</param>
    public async Task<SelfCheck> LookAsync(string name, string token, string expected, CancellationToken cancellationToken)
    {
        var url = new UriBuilder(Uri.UriSchemeHttp, name, _port, $".well-known/acme-challenge/{token}").Uri;
        try
        {
            using var answer = await _http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (answer.StatusCode is not HttpStatusCode.OK) { return new(SelfCheck.NotVisible, $"{url.GetLeftPart(UriPartial.Authority)} answers {(int)answer.StatusCode} where the challenge's answer should be."); }

            return await ReadAsync(answer, cancellationToken) == expected
                ? new(SelfCheck.Visible, null)
                : new(SelfCheck.NotVisible, $"{url.GetLeftPart(UriPartial.Authority)} answers something else where the challenge's answer should be.");
        }
        catch (Exception failure) when (NetworkFailure.Is(failure) && !cancellationToken.IsCancellationRequested)
        {
            return new(SelfCheck.Inconclusive, NetworkFailure.Describe(failure, name));   // a private address was not even connected to
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<string> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[LongestAnswer];
        return Encoding.ASCII.GetString(buffer, 0, await body.ReadAtLeastAsync(buffer, LongestAnswer, throwOnEndOfStream: false, cancellationToken)).TrimEnd();
    }
}
