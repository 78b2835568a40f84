using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace CertFunctions.Tests.Shared;

/// <summary>A port for a program that a test starts.</summary>
internal static class FreePort
{
    /// <summary>Below the range from which outgoing connections get theirs: nobody takes it before the program does.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(15_000, 32_000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException) { }   // taken: another one
        }
    }
}
