using System.Globalization;
using Azure;
using Azure.Identity;
using CertFunctions.Core.Ports;

namespace CertFunctions.App.Adapters.Blobs;

/// <summary>Tells the service's answers apart, and turns what is left of the SDK's exceptions into the port's one.</summary>
internal static class BlobErrors
{
    /// <summary>The blob is not there. A container that is not there is a failure, not an empty store.</summary>
    public static bool IsAbsent(RequestFailedException failed) => failed is { Status: 404, ErrorCode: "BlobNotFound" or "ResourceNotFound" or null };

    /// <summary>The condition was not met. A lease or a policy that forbids the write answers 409 or 412 too, and stays a failure.</summary>
    public static bool IsConflict(RequestFailedException failed) =>
        failed is { Status: 409, ErrorCode: "BlobAlreadyExists" } or { Status: 412, ErrorCode: "ConditionNotMet" or "TargetConditionNotMet" };

    /// <summary>Runs one call; failures come out as <see cref="ObjectStoreException"/>, the caller's own cancellation as it is.</summary>
    public static Task<T> Translate<T>(Func<Task<T>> call, CancellationToken cancellationToken) => SdkCalls.Translate(call, From, cancellationToken);

    /// <summary>The wait that an answer asks for (RFC 9110 §10.2.3, in seconds; the service uses no dates).</summary>
    public static TimeSpan? RetryAfter(Response? response) =>
        response is not null && response.Headers.TryGetValue("Retry-After", out var text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static ObjectStoreException? From(Exception failure) => failure switch
    {
        RequestFailedException { Status: 0 } => new("The object store cannot be reached.", retryAfter: null, failure),
        RequestFailedException failed => new($"The object store refused: {failed.Status} {failed.ErrorCode}.", RetryAfter(failed.GetRawResponse()), failed),
        AuthenticationFailedException => new("No token for the object store could be had.", retryAfter: null, failure),
        AggregateException { InnerExceptions: [.., var last] } => From(last),     // the SDK gave up after retries
        OperationCanceledException or IOException => new("The object store did not answer in time.", retryAfter: null, failure),
        _ => null,
    };
}
