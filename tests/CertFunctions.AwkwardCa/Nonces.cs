using System.Collections.Concurrent;

namespace CertFunctions.AwkwardCa;

/// <summary>Anti-replay nonces (RFC 8555 §6.5): each good once, and sometimes not even that.</summary>
internal sealed class Nonces(Awkwardness awkward)
{
    private readonly ConcurrentDictionary<string, bool> _open = new(StringComparer.Ordinal);
#pragma warning disable CA5394 // which nonce is refused must be the same in every run
    private readonly Random _dice = new(20261124);

    public string New()
    {
        var nonce = CaBook.NewToken();
        _open[nonce] = true;
        return nonce;
    }

    public bool TryUse(string nonce)
    {
        var isGood = _open.TryRemove(nonce, out _);
        lock (_dice) { return isGood && _dice.Next(100) >= awkward.BadNoncePercent; }
    }
#pragma warning restore CA5394
}
