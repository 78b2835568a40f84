using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using CertFunctions.LocalVault.Storage;

namespace CertFunctions.LocalVault.Hosting;

/// <summary>
/// Chooses the two ports: as asked, else as last time if still free, else any. Shared, a port that another process of ours listens on
/// counts as free: both listen on it, and a vault keeps its address when one of them dies.
/// </summary>
internal static class Ports
{
    public static int[] Choose(string file, int defaultPort, int systemPort, bool shared)
    {
        var last = Remembered(file);
        var chosen = new[] { defaultPort, systemPort };
        for (var i = 0; i < chosen.Length; i++)
        {
            var other = chosen[1 - i];
            if (chosen[i] == 0)
            {
                chosen[i] = last[i] != other && last[i] != 0 && Free(last[i], shared) is { } free ? free : Free(0, shared: false)!.Value;
            }

            while (chosen[i] == other)
            {
                chosen[i] = Free(0, shared: false)!.Value;
            }
        }

        // Others read it at any moment, also while this starts again: never half a file.
        if (!chosen.SequenceEqual(last)) { PrivateFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(chosen)); }

        return chosen;
    }

    private static int[] Remembered(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<int[]>(File.ReadAllText(file)) is { Length: 2 } ports ? ports : [0, 0];
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return [0, 0];
        }
    }

    /// <summary>A bound socket; shared, others of the same user may bind the same port (SO_REUSEPORT on Unix).</summary>
    public static Socket Bind(EndPoint endpoint, bool shared)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (shared) { socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, optionValue: true); }
            socket.Bind(endpoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static int? Free(int port, bool shared)
    {
        try
        {
            using var socket = Bind(new IPEndPoint(IPAddress.Loopback, port), shared);
            return ((IPEndPoint)socket.LocalEndPoint!).Port;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
