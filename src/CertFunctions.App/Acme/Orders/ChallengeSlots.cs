using Microsoft.Extensions.Options;

namespace CertFunctions.App.Acme.Orders;

/// <summary>How many challenges this process has under way: an order is placed only when its challenges can start, for a pending authorization at the CA does not live long.</summary>
/// <remarks>In memory: a slot whose end was noticed by another process, or by none, runs out by itself.</remarks>
public sealed class ChallengeSlots(TimeProvider time, IOptions<AcmeOptions> options)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(20);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (int Count, DateTimeOffset Since)> _taken = new(StringComparer.Ordinal);

    /// <summary>Takes as many slots as an order has names; more than there are at all means all of them. Repeating it changes nothing.</summary>
    public bool TryTake(string requestUid, int count)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (_taken.ContainsKey(requestUid)) { return true; }

            foreach (var old in _taken.Where(each => now - each.Value.Since > Longest).Select(each => each.Key).ToList()) { _taken.Remove(old); }

            var wanted = Math.Min(count, options.Value.MaxConcurrentChallenges);
            if (_taken.Values.Sum(each => each.Count) + wanted > options.Value.MaxConcurrentChallenges) { return false; }

            _taken[requestUid] = (wanted, now);
            return true;
        }
    }

    /// <summary>Gives back what is not needed: the CA knew some of the names already.</summary>
    public void Keep(string requestUid, int count)
    {
        lock (_gate)
        {
            if (_taken.TryGetValue(requestUid, out var taken) && count < taken.Count) { _taken[requestUid] = taken with { Count = count }; }
        }
    }

    public void Release(string requestUid)
    {
        lock (_gate) { _taken.Remove(requestUid); }
    }
}
