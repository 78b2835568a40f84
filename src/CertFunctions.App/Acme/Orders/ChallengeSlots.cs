using Microsoft.Extensions.Options;

namespace CertFunctions.App.Acme.Orders;

/// <summary>How many challenges this process has under way: an order is placed only when its challenges can start, for a pending authorization at the CA does not live long.</summary>
/// <remarks>
/// In memory: a slot whose end was noticed by another process, or by none, runs out by itself. Who waits keeps its place, and is told to come back when its turn may have come: by how long slots were held lately.
/// As many as there are slots may overtake each other, so that none stays empty while the first in line is asleep.
/// </remarks>
public sealed class ChallengeSlots(TimeProvider time, IOptions<AcmeOptions> options)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (int Count, DateTimeOffset Since)> _taken = new(StringComparer.Ordinal);
    private readonly List<(string Request, int Count, DateTimeOffset Seen)> _waiting = [];
    private TimeSpan _held = TimeSpan.FromSeconds(2);

    /// <summary>Takes as many slots as an order has names; more than there are at all means all of them. Repeating it changes nothing.</summary>
    /// <returns>Null: taken. Otherwise when to ask again.</returns>
    public TimeSpan? Take(string requestUid, int count)
    {
        var (now, most) = (time.GetUtcNow(), options.Value.MaxConcurrentChallenges);
        var wanted = Math.Min(count, most);
        lock (_gate)
        {
            if (_taken.ContainsKey(requestUid)) { return null; }

            foreach (var old in _taken.Where(each => now - each.Value.Since > Longest).Select(each => each.Key).ToList()) { _taken.Remove(old); }
            _waiting.RemoveAll(each => now - each.Seen > Forgotten && each.Request != requestUid);

            var place = _waiting.FindIndex(each => each.Request == requestUid);
            var before = (place < 0 ? _waiting : _waiting.Take(place)).Sum(each => each.Count);
            if (_taken.Values.Sum(each => each.Count) + wanted <= most && before < most)
            {
                if (place >= 0) { _waiting.RemoveAt(place); }
                _taken[requestUid] = (wanted, now);
                return null;
            }

            if (place < 0) { _waiting.Add((requestUid, wanted, now)); }
            else { _waiting[place] = (requestUid, wanted, now); }

            var wait = _held * (0.5 + ((double)before / most));
            return wait < ShortestWait ? ShortestWait : wait < LongestWait ? wait : LongestWait;
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
        lock (_gate)
        {
            if (_taken.Remove(requestUid, out var taken)) { _held = (_held * 0.8) + ((time.GetUtcNow() - taken.Since) * 0.2); }
        }
    }
}
