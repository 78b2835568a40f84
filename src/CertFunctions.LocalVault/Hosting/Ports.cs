using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace CertFunctions.LocalVault.Hosting;

/// <summary>Chooses the two ports: as asked, else as last time if still free, else any.</summary>
internal static class Ports
{
    public static int[] Choose(string file, int defaultPort, int systemPort)
    {
        var last = Remembered(file);
        var chosen = new[] { defaultPort, systemPort };
        for (var i = 0; i < chosen.Length; i++)
        {
            var other = chosen[1 - i];
            if (chosen[i] == 0)
            {
                chosen[i] = last[i] != other && Free(last[i]) is { } free ? free : Free(0)!.Value;
            }

            while (chosen[i] == other)
            {
                chosen[i] = Free(0)!.Value;
            }
        }

        File.WriteAllText(file, JsonSerializer.Serialize(chosen));
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

    private static int? Free(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return ((IPEndPoint)socket.LocalEndPoint!).Port;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
