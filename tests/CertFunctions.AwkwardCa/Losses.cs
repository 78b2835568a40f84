using System.Collections.Concurrent;

namespace CertFunctions.AwkwardCa;

/// <summary>How an answer gets lost after the CA did what was asked.</summary>
public enum Loss { Aborted, ServerError }

/// <summary>Answers that will not arrive.</summary>
public sealed class Losses
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Loss>> _next = new(StringComparer.Ordinal);

    /// <param name="resource">As in the directory, or <c>finalize</c>, <c>order</c>, <c>authorization</c>, <c>challenge</c>, <c>certificate</c>.</param>
    public void Lose(string resource, Loss loss = Loss.Aborted, int times = 1)
    {
        var queue = _next.GetOrAdd(resource, _ => new ConcurrentQueue<Loss>());
        for (var i = 0; i < times; i++) { queue.Enqueue(loss); }
    }

    internal Loss? Take(string resource) => _next.TryGetValue(resource, out var queue) && queue.TryDequeue(out var loss) ? loss : null;
}
