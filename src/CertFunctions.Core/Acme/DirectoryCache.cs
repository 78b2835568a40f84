namespace CertFunctions.Core.Acme;

/// <summary>The directory (RFC 8555 §7.1.1), fetched at most once an hour, by one request however many callers wait for it. A failure is not kept.</summary>
internal sealed class DirectoryCache(AcmeTransport transport, Uri directory, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private Task<AcmeAnswer<AcmeDirectory>>? _fetch;
    private DateTimeOffset _fetchedAt;

    /// <summary>A caller that gives up leaves the fetch to the others.</summary>
    public Task<AcmeAnswer<AcmeDirectory>> GetAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!IsCurrent())
            {
                _fetchedAt = time.GetUtcNow();
                _fetch = FetchAsync();
            }

            return _fetch!.WaitAsync(cancellationToken);
        }
    }

    private bool IsCurrent() =>
        _fetch is not null
        && (!_fetch.IsCompleted || (_fetch is { IsCompletedSuccessfully: true, Result.Value: not null } && time.GetUtcNow() - _fetchedAt < Lifetime));

    private async Task<AcmeAnswer<AcmeDirectory>> FetchAsync()
    {
        var (reply, problem) = await transport.GetAsync(directory, CancellationToken.None);
        if (problem is not null) { return new AcmeAnswer<AcmeDirectory>(Value: null, problem, problem.RetryAfter); }

        return AcmeReading.Directory(reply!) is { } value
            ? new AcmeAnswer<AcmeDirectory>(value, Problem: null, reply!.RetryAfter)
            : new AcmeAnswer<AcmeDirectory>(Value: null, AcmeProblems.Invalid(reply!, "an ACME directory"), reply!.RetryAfter);
    }
}
