using System.Diagnostics.Metrics;

namespace CertFunctions.App.Tests.Acme;

/// <summary>HTTP requests that this process has under way to one port, as .NET's own meter counts them: handshakes included.</summary>
internal sealed class ClientTraffic : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly int _port;
    private int _underWay;

    public ClientTraffic(int port)
    {
        _port = port;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "System.Net.Http" && instrument.Name == "http.client.active_requests") { listener.EnableMeasurementEvents(instrument); }
        };
        _listener.SetMeasurementEventCallback<long>(Count);
        _listener.Start();
    }

    public int UnderWay => Volatile.Read(ref _underWay);

    public void Dispose() => _listener.Dispose();

    private void Count(Instrument instrument, long change, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == "server.port" && tag.Value is int port && port == _port) { Interlocked.Add(ref _underWay, (int)change); }
        }
    }
}
