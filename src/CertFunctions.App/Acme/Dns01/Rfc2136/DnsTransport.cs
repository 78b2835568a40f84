using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace CertFunctions.App.Acme.Dns01.Rfc2136;

/// <summary>One question to one server, over UDP or TCP. Throws <see cref="SocketException"/>, <see cref="IOException"/>, <see cref="FormatException"/>, or on cancellation.</summary>
internal static class DnsTransport
{
    // What fits every path (RFC 9715 §3.2, DNS flag day 2020): larger messages go by TCP.
    public const int MostByUdp = 1232;

    /// <param name="takes">Whether this is the answer; others are passed over, since anybody may send a datagram.</param>
    public static async Task<byte[]> UdpAsync(IPEndPoint server, byte[] message, Func<byte[], bool> takes, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellationToken);
        await socket.SendAsync(message, cancellationToken);
        var buffer = new byte[65_535];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, cancellationToken);
            var answer = buffer[..length];
            if (takes(answer)) { return answer; }
        }
    }

    public static async Task<byte[]> TcpAsync(IPEndPoint server, byte[] message, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, cancellationToken);
        await using var stream = new NetworkStream(socket);
        var framed = new byte[message.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
        message.CopyTo(framed, 2);
        await stream.WriteAsync(framed, cancellationToken);

        var length = new byte[2];
        await stream.ReadExactlyAsync(length, cancellationToken);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(answer, cancellationToken);
        return answer;
    }
}
