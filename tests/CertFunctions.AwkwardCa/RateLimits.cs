using System.Collections.Concurrent;
using System.Globalization;

namespace CertFunctions.AwkwardCa;

/// <summary>What a limit holds up.</summary>
public enum LimitScope { ExactSet, Name, RegisteredDomain, Account }

/// <summary>How <c>Retry-After</c> is sent.</summary>
public enum RetryAfterForm { Seconds, HttpDate, None, Garbage, Negative }

/// <summary>A rate limit on newOrder until a moment of the CA's clock (rows 9–12).</summary>
/// <param name="Key">The name or registered domain; the names in any order, joined by a comma; for the account: empty.</param>
public sealed class RateLimit(LimitScope scope, string key, DateTimeOffset until, RetryAfterForm form = RetryAfterForm.Seconds)
{
    private readonly ConcurrentQueue<DateTimeOffset> _hits = new();

    public DateTimeOffset Until { get; set; } = until;

    /// <summary>When it refused: one time is enough for a client that listens.</summary>
    public IReadOnlyList<DateTimeOffset> Hits => [.. _hits];

    /// <summary>Row 11: the refusal is Boulder's pause, with this in its link; no <c>Retry-After</c>.</summary>
    public string? PauseJwt { get; init; }

    internal AcmeFault? Check(IReadOnlyList<CaIdentifier> names, DateTimeOffset now)
    {
        if (now.ToUnixTimeSeconds() >= Until.ToUnixTimeSeconds() || !Fits(names)) { return null; }   // its text and HTTP dates know whole seconds only

        _hits.Enqueue(now);
        return PauseJwt is not null ? Boulder.Paused(names.Where(name => scope != LimitScope.Name || name.Value == key).Select(name => name.Value), PauseJwt)
            : new AcmeFault("rateLimited", Text(), 429) { RetryAfter = Header(now) };
    }

    private bool Fits(IReadOnlyList<CaIdentifier> names) => scope switch
    {
        LimitScope.ExactSet => names.Select(name => name.Value).Order(StringComparer.Ordinal).SequenceEqual(key.Split(',').Order(StringComparer.Ordinal)),
        LimitScope.Name => names.Any(name => name.Bare.Value == key),
        LimitScope.RegisteredDomain => names.Any(name => name.Bare.Value == key || name.Value.EndsWith('.' + key, StringComparison.Ordinal)),
        _ => true,
    };

    private string Text() => scope switch
    {
        LimitScope.ExactSet => Boulder.TooManyForSet(Until),
        LimitScope.Name => Boulder.TooManyFailures(key, Until),
        LimitScope.RegisteredDomain => Boulder.TooManyForDomain(key, Until),
        _ => Boulder.TooManyOrders(Until),
    };

    private string? Header(DateTimeOffset now) => form switch
    {
        RetryAfterForm.Seconds => ((long)Math.Ceiling((Until - now).TotalSeconds)).ToString(CultureInfo.InvariantCulture),
        RetryAfterForm.HttpDate => Until.ToString("R", CultureInfo.InvariantCulture),
        RetryAfterForm.Garbage => "as soon as you like",
        RetryAfterForm.Negative => "-60",
        _ => null,
    };
}

/// <summary>Boulder's bucket for new orders of an account: so many at once, then one each <paramref name="refill"/>.</summary>
public sealed class OrderBucket(int burst, TimeSpan refill)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentQueue<DateTimeOffset> _refusals = new();
    private DateTimeOffset _fullAt = DateTimeOffset.MinValue;

    public IReadOnlyList<DateTimeOffset> Refusals => [.. _refusals];

    internal AcmeFault? Spend(DateTimeOffset now)
    {
        lock (_gate)
        {
            var fullAt = (_fullAt > now ? _fullAt : now) + refill;
            var wait = fullAt - now - (burst * refill);
            if (wait <= TimeSpan.Zero)
            {
                _fullAt = fullAt;
                return null;
            }

            _refusals.Enqueue(now);
            return new AcmeFault("rateLimited", Boulder.TooManyOrders(now + wait), 429) { RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture) };
        }
    }
}
