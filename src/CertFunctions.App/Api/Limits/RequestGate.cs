using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using CertFunctions.App.Api.Lists;
using CertFunctions.Core.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Api.Limits;

/// <summary>What every request to the API passes: bounds on its size, its time, and on how many its caller has under way.</summary>
public sealed class RequestGate(IOptions<ApiOptions> options, TimeProvider time, ILogger<RequestGate> log)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, int> _underWay = new(StringComparer.Ordinal);

    /// <summary>Runs <paramref name="answer"/> within the bounds. What it streams is finished when this returns.</summary>
    public async Task<IResult> RunAsync(HttpRequest request, Func<CancellationToken, Task<IResult>> answer, CancellationToken cancellationToken)
    {
        var limits = options.Value;
        if (HeaderBytes(request) > limits.HeaderBytes) { return Statuses.HeadersTooLarge(limits.HeaderBytes); }

        var isLong = IsWatch(request.Query) || request.Query.ContainsKey("wait");
        var place = (isLong ? "watch:" : "request:") + Caller(request);
        if (_underWay.AddOrUpdate(place, 1, (_, count) => count + 1) > (isLong ? limits.ConcurrentWatches : limits.ConcurrentRequests))
        {
            Leave(place);
            return Statuses.Busy("Too many requests of yours are under way.", Soon);
        }

        try
        {
            using var timeout = new CancellationTokenSource(isLong ? limits.LongestWatch + limits.RequestTimeout : limits.RequestTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
            return await FinishAsync(await answer(either.Token), request.HttpContext);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && !request.HttpContext.Response.HasStarted)
        {
            return Statuses.TimedOut(Soon);
        }
        catch (BadHttpRequestException broken)
        {
            return Statuses.Broken(broken.StatusCode, broken.Message);
        }
        catch (Exception failure) when (failure is IOException or TimeoutException && !cancellationToken.IsCancellationRequested && !request.HttpContext.Response.HasStarted)
        {
            log.StoreFailed(failure);
            return Statuses.Unavailable((failure as ObjectStoreException)?.RetryAfter ?? Later);
        }
        finally { Leave(place); }
    }

    /// <summary>As Kubernetes reads it: <c>watch=true</c>, <c>watch=1</c>.</summary>
    public static bool IsWatch(IQueryCollection query) => query["watch"].ToString() is "true" or "1" or "True" or "t";

    private static async Task<IResult> FinishAsync(IResult result, HttpContext http)
    {
        if (result is not Streamed streamed) { return result; }

        await streamed.ExecuteAsync(http);
        return Results.Empty;
    }

    private void Leave(string place)
    {
        if (_underWay.AddOrUpdate(place, 0, (_, count) => count - 1) <= 0) { _underWay.TryRemove(new(place, 0)); }
    }

    /// <summary>Whoever holds the same credentials; the address is of no use, for the Functions host forwards every request from loopback.</summary>
    private static string Caller(HttpRequest request)
    {
        var credentials = request.Headers.Authorization.ToString() + request.Headers["x-functions-key"];
        return credentials.Length == 0 ? "" : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(credentials))[..8]);
    }

    private static int HeaderBytes(HttpRequest request) =>
        (request.QueryString.Value?.Length ?? 0) + request.Headers.Sum(header => header.Key.Length + header.Value.Sum(value => value?.Length ?? 0) + 4);
}

internal static partial class ApiLog
{
    [LoggerMessage(EventId = 7001, Level = LogLevel.Warning, Message = "The store failed; the caller was asked to come back")]
    public static partial void StoreFailed(this ILogger log, Exception failure);

    [LoggerMessage(EventId = 7002, Level = LogLevel.Warning, Message = "The store could not be looked at for those who watch {Plural}; trying again")]
    public static partial void LookFailed(this ILogger log, Exception failure, string plural);
}
