namespace CertFunctions.Core.Acme;

/// <summary>Nonces left over from answers (RFC 8555 §6.5), the freshest first: CAs forget old ones.</summary>
internal sealed class NoncePool(TimeProvider time)
{
    private const int Most = 50;
    private const int LongestNonce = 1024;
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(5);

    private readonly List<(string Nonce, DateTimeOffset Taken)> _nonces = [];

    /// <summary>Keeps a nonce; one that is not base64url must be ignored (§6.5.1).</summary>
    public void Add(string? nonce)
    {
        if (!IsNonce(nonce)) { return; }

        lock (_nonces)
        {
            if (_nonces.Count == Most) { _nonces.RemoveAt(0); }
            _nonces.Add((nonce!, time.GetUtcNow()));
        }
    }

    /// <summary>Null: there is none, ask for one.</summary>
    public string? Take()
    {
        lock (_nonces)
        {
            if (_nonces is not [.., var (nonce, taken)]) { return null; }
            if (time.GetUtcNow() - taken > LongestRest)
            {
                _nonces.Clear();
                return null;
            }

            _nonces.RemoveAt(_nonces.Count - 1);
            return nonce;
        }
    }

    public static bool IsNonce(string? text) =>
        text is { Length: > 0 and <= LongestNonce } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
