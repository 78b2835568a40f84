using System.Net.Sockets;
using System.Security.Authentication;

namespace CertFunctions.Core.Acme;

/// <summary>What it means that a request got no answer.</summary>
public static class NetworkFailure
{
    /// <summary>Whether the exception is the network's doing (name, connection, TLS, time-out, broken answer) and not a mistake of ours.</summary>
    public static bool Is(Exception exception) =>
        exception is HttpRequestException or IOException or SocketException or AuthenticationException or OperationCanceledException or TimeoutException or ObjectDisposedException;

    /// <summary>One short sentence for people, by the innermost cause that says something.</summary>
    public static string Describe(Exception exception, string host) => Cause(exception) switch
    {
        AddressRefusedException refused => refused.Message,
        OperationCanceledException or TimeoutException => $"{host} gave no answer in time.",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => $"The name {host} does not resolve.",
        AuthenticationException tls => $"{host}: TLS failed: {tls.Message}",
        var other => $"{host}: {other.Message}",
    };

    /// <summary>Nothing was sent: no address, no connection, no TLS.</summary>
    internal static bool IsBeforeSending(Exception exception) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError };

    /// <summary>Trying again at once would end just so: the address is refused, the certificate not trusted.</summary>
    internal static bool IsLasting(Exception exception) => Cause(exception) is AddressRefusedException or AuthenticationException or ObjectDisposedException;

    private static Exception Cause(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is AddressRefusedException or SocketException or AuthenticationException or TimeoutException) { return inner; }
        }

        return exception;
    }
}

/// <summary>A name has only addresses that <see cref="AddressRules"/> refuses, or the scheme is not allowed: nobody was connected to.</summary>
public sealed class AddressRefusedException : IOException
{
    public AddressRefusedException() { }

    public AddressRefusedException(string message)
        : base(message) { }

    public AddressRefusedException(string message, Exception innerException)
        : base(message, innerException) { }
}
