using System.Net.Http.Headers;

namespace CertFunctions.Servers.Tests;

/// <summary>A web page in a browser on this machine must not be able to drive the API that is open on loopback.</summary>
public sealed class BrowserTests(KubectlFixture fixture) : IClassFixture<KubectlFixture>
{
    private const string Certificates = "apis/cert-manager.io/v1/namespaces/default/certificates";

    public static TheoryData<string, string?, string?, string?, int> Requests => new()
    {
        // because                                               host                 origin                      content type         code
        { "kubectl and curl send neither",                       null,                null,                       "application/json",  400 },
        { "a foreign page shows in Origin",                      null,                "https://attacker.example", "application/json",  403 },
        { "a page of another local program too",                 null,                "http://localhost:3000",    "application/json",  403 },
        { "a sandboxed page has no origin to show",              null,                "null",                     "application/json",  403 },
        { "a name rebound to 127.0.0.1 shows in Host",           "attacker.example",  null,                       "application/json",  403 },
        { "what pages may send unasked is no content type here", null,                null,                       "text/plain",        415 },
        { "the same for forms",                                  null,                null,                       "application/x-www-form-urlencoded", 415 },
        { "the same for nothing",                                null,                null,                       null,                415 },
    };

    [Theory, MemberData(nameof(Requests))]
    public async Task Answers_a_post_with(string because, string? host, string? origin, string? type, int code)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Certificates) { Content = new StringContent("{}") };
        request.Content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
        request.Headers.Host = host;
        if (origin is not null) { request.Headers.Add("Origin", origin); }

        using var answer = await fixture.App.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.True((int)answer.StatusCode == code, $"{because}: {answer.StatusCode}");
    }

    [Fact]
    public async Task Allows_no_page_to_ask_for_more()
    {
        using var preflight = new HttpRequestMessage(HttpMethod.Options, Certificates);
        preflight.Headers.Add("Access-Control-Request-Method", "PUT");

        using var answer = await fixture.App.Http.SendAsync(preflight, TestContext.Current.CancellationToken);

        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }
}
