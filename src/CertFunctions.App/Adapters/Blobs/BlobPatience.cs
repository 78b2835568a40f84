using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;

namespace CertFunctions.App.Adapters.Blobs;

/// <summary>How long one call waits for a store that is slow, throttled or gone. After that the caller's own retry, and in the end the due index, take over.</summary>
public sealed record BlobPatience
{
    public static BlobPatience Default { get; } = new();

    /// <summary>Tries after the first. Default 5: with the delays below, a quarter of a minute when connections are refused, 75 s when they are left hanging.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>Before the first retry; doubled each time. Default 0.5 s.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>No delay of our own is longer. Default 8 s.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>A Retry-After up to this is obeyed; a longer one is passed to the caller at once. Default 30 s.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For one try. Default 10 s; objects are small.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    public BlobClientOptions ClientOptions() => new()
    {
        Retry = { NetworkTimeout = Timeout },
        RetryPolicy = new Policy(this),
    };

    /// <summary>The SDK's own judgement of what may be tried again, bounded. A repeated conditional write can only report a conflict.</summary>
    private sealed class Policy(BlobPatience patience) : RetryPolicy(
        patience.Retries, DelayStrategy.CreateExponentialDelayStrategy(patience.FirstDelay, patience.LongestDelay))
    {
        protected override bool ShouldRetry(HttpMessage message, Exception? exception) => IsSoon(message) && base.ShouldRetry(message, exception);

        protected override async ValueTask<bool> ShouldRetryAsync(HttpMessage message, Exception? exception) =>
            IsSoon(message) && await base.ShouldRetryAsync(message, exception);

        private bool IsSoon(HttpMessage message) =>
            !message.HasResponse || BlobErrors.RetryAfter(message.Response) is not { } wait || wait <= patience.LongestRetryAfter;
    }
}
