using System.Net;
using System.Net.Sockets;

namespace CertFunctions.App.Acme.Dns01.Rfc2136;

/// <summary>What a server said to a signed message.</summary>
internal sealed record UpdateAnswer(DnsMessage? Message, TsigVerdict Verdict, SolverOutcome? Failure);

/// <summary>One DNS server that takes updates, as an administrator named it: private addresses are fine.</summary>
internal sealed class UpdateServer(string label, IPEndPoint endpoint, TsigKey? key, bool usesTcp, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    // A lost datagram is sent again: adding what is there and removing what is not change nothing.
    private const int UdpTries = 3;

    public string Label => label;

    public async Task<UpdateAnswer> SendAsync(DnsMessage message, CancellationToken cancellationToken)
    {
        try
        {
            for (var attempt = 1; !usesTcp; attempt++)
            {
                var (octets, mac) = Prepare(message);
                if (octets.Length > DnsTransport.MostByUdp) { break; }

                using var limit = Limited(cancellationToken);
                try
                {
                    var answer = await DnsTransport.UdpAsync(endpoint, octets, bytes => Accepts(bytes, message, mac), limit.Token);
                    if (Read(answer, mac) is { Message.IsTruncated: false } whole) { return whole; }
                    break;  // truncated: once more by TCP
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && attempt < UdpTries) { }
            }

            return await TcpAsync(message, cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or IOException or FormatException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new(null, TsigVerdict.Unsigned, Refusal.Unavailable($"DNS server {label} does not answer{(exception is FormatException ? " in DNS" : "")}."));
        }
    }

    private async Task<UpdateAnswer> TcpAsync(DnsMessage message, CancellationToken cancellationToken)
    {
        var (octets, mac) = Prepare(message);
        using var limit = Limited(cancellationToken);
        var answer = Read(await DnsTransport.TcpAsync(endpoint, octets, limit.Token), mac);
        return answer.Message!.Id == message.Id && answer.Message.IsResponse ? answer : throw new FormatException("This answers another question.");
    }

    private (byte[] Octets, byte[] Mac) Prepare(DnsMessage message) => key is null ? (DnsWriter.Write(message), []) : Tsig.Sign(message, key, time.GetUtcNow());

    /// <summary>By datagram: what success is claimed without a signature is not believed, and the true answer waited for.</summary>
    private bool Accepts(byte[] octets, DnsMessage message, byte[] mac)
    {
        try
        {
            var answer = Read(octets, mac);
            return answer.Message!.Id == message.Id && answer.Message.IsResponse && answer.Message.Opcode == message.Opcode
                && (key is null || answer.Verdict != TsigVerdict.Unsigned || answer.Message.ResponseCode != 0 || answer.Message.IsTruncated);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private UpdateAnswer Read(byte[] octets, byte[] mac)
    {
        var message = DnsReader.Read(octets);
        return new(message, key is null ? TsigVerdict.Genuine : Tsig.Judge(octets, message, key, mac, time.GetUtcNow()), null);
    }

    private static CancellationTokenSource Limited(CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        return limit;
    }
}
