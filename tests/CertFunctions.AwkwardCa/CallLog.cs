using System.Collections.Concurrent;

namespace CertFunctions.AwkwardCa;

/// <summary>One request that the CA saw.</summary>
/// <param name="Resource">As in the directory, or <c>account</c>, <c>order</c>, <c>authorization</c>, <c>challenge</c>, <c>finalize</c>, <c>certificate</c>.</param>
public sealed class AcmeCall(DateTimeOffset time, string method, string path, string resource)
{
    public DateTimeOffset Time => time;

    public string Method => method;

    public string Path => path;

    public string Resource => resource;

    /// <summary>Id of the account that signed; null: none did, or its signature or nonce was no good.</summary>
    public string? Account { get; internal set; }

    /// <summary>Names of the order or authorization it is about.</summary>
    public IReadOnlyList<string> Identifiers { get; internal set; } = [];

    /// <summary>Signature and nonce were good: the CA did look at what is asked.</summary>
    public bool IsAuthentic { get; internal set; }

    /// <summary>0: the connection was cut.</summary>
    public int Status { get; internal set; }

    /// <summary>Problem's token; null: none.</summary>
    public string? Problem { get; internal set; }

    public override string ToString() => $"{Time:MM-dd HH:mm:ss} {Method} {Path} {Account} {string.Join(',', Identifiers)} {Status} {Problem}";
}

/// <summary>All that was asked, in order.</summary>
public sealed class CallLog
{
    private readonly ConcurrentQueue<AcmeCall> _calls = new();
    private int _underWay;

    public IReadOnlyList<AcmeCall> Calls => [.. _calls];

    public int Total => _calls.Count;

    /// <summary>Requests that are being answered right now.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Requests to a resource that the CA looked at: with a good signature and a nonce it took.</summary>
    public int Count(string resource) => _calls.Count(call => call.Resource == resource && call.IsAuthentic);

    public IReadOnlyList<AcmeCall> Of(string resource) => [.. _calls.Where(call => call.Resource == resource && call.IsAuthentic)];

    internal void Begin(AcmeCall call)
    {
        Interlocked.Increment(ref _underWay);
        _calls.Enqueue(call);
    }

    internal void End() => Interlocked.Decrement(ref _underWay);
}
