namespace CertFunctions.Servers.Tests.Acme;

/// <summary>A class fixture: a Pebble for which every name is this machine, and the server that answers its HTTP-01 requests.</summary>
public class PebbleWithNames : IAsyncLifetime
{
    private Pebble? _pebble;
    private ChallTestServer? _names;
    private Http01Server? _answers;

    public Pebble Pebble => _pebble!;

    /// <summary>Its resolver: TXT, CNAME and failures are set here.</summary>
    public ChallTestServer Names => _names!;

    public Http01Server Answers => _answers!;

    protected virtual PebbleOptions Options => new();

    public async ValueTask InitializeAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        _names = await ChallTestServer.StartAsync(cancel);
        _pebble = await Pebble.StartAsync(Options with { DnsServer = _names.DnsAddress }, cancel);
        _answers = await Http01Server.StartAsync(_pebble.HttpPort, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (_answers is not null) { await _answers.DisposeAsync(); }
        if (_pebble is not null) { await _pebble.DisposeAsync(); }
        _names?.Dispose();
        GC.SuppressFinalize(this);
    }
}
