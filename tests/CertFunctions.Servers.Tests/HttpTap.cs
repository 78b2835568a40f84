using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace CertFunctions.Servers.Tests;

/// <summary>Stands between a client and an HTTP server, passes everything on byte for byte, and misbehaves on demand.</summary>
internal sealed class HttpTap : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly Uri _server;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private Func<HttpContext, Func<Task>, Task> _manner = static (_, pass) => pass();
    private int _requests;

    private HttpTap(Uri server, WebApplication web) => (_server, _web) = (server, web);

    public Uri Address => new(_web.Urls.First());

    public int Requests => _requests;

    public static async Task<HttpTap> StartAsync(Uri server)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var web = builder.Build();
        web.Urls.Add("http://127.0.0.1:0");
        var tap = new HttpTap(server, web);
        web.Run(tap.AnswerAsync);
        await web.StartAsync();
        return tap;
    }

    /// <summary>What happens to every request from now on, given the request and the way to pass it on.</summary>
    public void Behave(Func<HttpContext, Func<Task>, Task> manner)
    {
        _requests = 0;
        _manner = manner;
    }

    public void Pass() => Behave(static (_, pass) => pass());

    /// <summary>The connection ends without an answer, and nothing reaches the server.</summary>
    public void Vanish() => Behave(static (context, _) => { context.Abort(); return Task.CompletedTask; });

    /// <summary>No answer at all, until the client gives up.</summary>
    public void Hang() => Behave(static (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted));

    /// <summary>503 ServerBusy with Retry-After for the first requests, as the service says it (SLB and partition throttling).</summary>
    public void Throttle(int requests, int retryAfterInSeconds, int status = 503) => Behave((context, pass) =>
    {
        if (_requests > requests) { return pass(); }

        context.Response.StatusCode = status;
        context.Response.Headers.RetryAfter = $"{retryAfterInSeconds}";
        context.Response.Headers["x-ms-error-code"] = "ServerBusy";
        return context.Response.WriteAsync("<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>ServerBusy</Code><Message>The server is busy.</Message></Error>");
    });

    /// <summary>The server acts on the first requests of this method, and the answers are lost.</summary>
    public void LoseAnswers(int requests, string method) => Behave(async (context, pass) =>
    {
        if (context.Request.Method != method || _requests > requests) { await pass(); return; }

        var body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var lost = new MemoryStream();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(lost));
        await pass();
        context.Features.Set(body);
        context.Abort();
    });

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        _http.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        try { await _manner(context, () => PassAsync(context)); }
        catch (Exception failure) when (failure is OperationCanceledException or HttpRequestException) { context.Abort(); }
    }

    private async Task PassAsync(HttpContext context)
    {
        // The raw target: what is percent-encoded is signed as it is.
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(_server, target));
        if (context.Request.ContentLength is not null) { request.Content = new StreamContent(context.Request.Body); }

        foreach (var (name, values) in context.Request.Headers)
        {
            if (name is "Host") { continue; }
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable())) { request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable()); }
        }

        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (name is not "Transfer-Encoding") { context.Response.Headers[name] = values.ToArray(); }
        }

        if (answer.StatusCode is not (HttpStatusCode.NoContent or HttpStatusCode.NotModified) && context.Request.Method != HttpMethods.Head)
        {
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
    }
}
