using Microsoft.Extensions.Options;

namespace CertFunctions.App.Health;

/// <summary>Computes the answer when asked, once for all who ask meanwhile and for <see cref="ReadyOptions.Keep"/> after: an open route must not be a way to flood a vault.</summary>
public sealed class Readiness(ReadinessGatherer gatherer, TimeProvider time, IOptions<ReadyOptions> options)
{
    private readonly Lock _gate = new();
    private Task<ReadinessReport>? _report;
    private DateTimeOffset _asked;

    /// <summary>Always answers, and within <see cref="ReadyOptions.Timeout"/>.</summary>
    public Task<ReadinessReport> AskAsync()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_report is null || (_report.IsCompleted && (_report.IsFaulted || now - _asked >= options.Value.Keep))) { (_report, _asked) = (ComputeAsync(), now); }

            return _report;
        }
    }

    private async Task<ReadinessReport> ComputeAsync() => ReadinessPolicy.Decide(await gatherer.GatherAsync(), options.Value.DueLag);
}
