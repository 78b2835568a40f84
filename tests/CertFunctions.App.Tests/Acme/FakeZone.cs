using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CertFunctions.App.Acme.Dns01;

namespace CertFunctions.App.Tests.Acme;

/// <summary>Who writes a zone, and the zone's own server on a port of this machine: what is written shows, unless a test hides it.</summary>
internal sealed class FakeZone : IDnsProvider, IAsyncDisposable
{
    private const int A = 1, NameServer = 2, Alias = 5, StartOfAuthority = 6, Text = 16;

    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly Task _loop;
    private readonly ConcurrentQueue<string> _acts = new();

    public FakeZone(string name = "web.test")
    {
        Zone = name;
        _loop = Task.Run(ServeAsync);
    }

    public string Name => "rfc2136";

    public string Zone { get; }

    public int Port => ((IPEndPoint)_socket.Client.LocalEndPoint!).Port;

    /// <summary>What is written.</summary>
    public ConcurrentDictionary<string, ImmutableHashSet<string>> Txt { get; } = new();

    public ConcurrentDictionary<string, string> Aliases { get; } = new();

    /// <summary>The server does not show TXT values yet.</summary>
    public bool Hides { get; set; }

    /// <summary>Refuses the next writes so; null: none.</summary>
    public Func<string, SolverOutcome?>? Refuse { get; set; }

    /// <summary><c>add name</c> and <c>remove name</c>, in order.</summary>
    public IReadOnlyList<string> Acts => [.. _acts];

    /// <summary>Most values that stood at one name at a time.</summary>
    public int MostAtOnce { get; private set; }

    public Task<SolverOutcome> AddAsync(TxtRecord record, DnsSolver solver, CancellationToken cancellationToken)
    {
        _acts.Enqueue($"add {record.Fqdn}");
        if (Refuse?.Invoke("add") is { } refusal) { return Task.FromResult(refusal); }

        var now = Txt.AddOrUpdate(record.Fqdn, _ => [record.Value], (_, values) => values.Add(record.Value));
        MostAtOnce = Math.Max(MostAtOnce, now.Count);
        return Task.FromResult(SolverOutcome.Done);
    }

    public Task<SolverOutcome> RemoveAsync(TxtRecord record, DnsSolver solver, CancellationToken cancellationToken)
    {
        _acts.Enqueue($"remove {record.Fqdn}");
        if (Refuse?.Invoke("remove") is { } refusal) { return Task.FromResult(refusal); }

        Txt.AddOrUpdate(record.Fqdn, _ => [], (_, values) => values.Remove(record.Value));
        return Task.FromResult(SolverOutcome.Done);
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _loop;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var question = await _socket.ReceiveAsync();
                await _socket.SendAsync(Answer(question.Buffer), question.RemoteEndPoint);
            }
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException) { }
    }

    /// <summary>RFC 1035 §4: one question, its answers, always authoritative.</summary>
    private byte[] Answer(byte[] question)
    {
        var end = 12;
        var labels = new List<string>();
        while (question[end] != 0)
        {
            labels.Add(Encoding.ASCII.GetString(question, end + 1, question[end]).ToLowerInvariant());
            end += question[end] + 1;
        }

        var type = BinaryPrimitives.ReadUInt16BigEndian(question.AsSpan(end + 1));
        var answers = Records(string.Join('.', labels), type).ToList();
        using var answer = new MemoryStream();
        answer.Write([question[0], question[1], 0x85, 0x80, 0, 1, 0, (byte)answers.Count, 0, 0, 0, 0]);
        answer.Write(question, 12, end + 5 - 12);
        foreach (var (kind, data) in answers)
        {
            answer.Write([0xC0, 12, 0, (byte)kind, 0, 1, 0, 0, 0, 1, (byte)(data.Length >> 8), (byte)data.Length]);
            answer.Write(data);
        }

        return answer.ToArray();
    }

    private IEnumerable<(int Type, byte[] Data)> Records(string name, int type)
    {
        if (Aliases.TryGetValue(name, out var target)) { return [(Alias, Encode(target))]; }

        return type switch
        {
            StartOfAuthority when name == Zone => [(StartOfAuthority, [.. Encode($"ns.{Zone}"), .. Encode($"hostmaster.{Zone}"), .. new byte[20]])],
            NameServer when name == Zone => [(NameServer, Encode($"ns.{Zone}"))],
            A when name == $"ns.{Zone}" => [(A, [127, 0, 0, 1])],
            Text when !Hides => (Txt.GetValueOrDefault(name) ?? []).Select(value => (Text, (byte[])[(byte)value.Length, .. Encoding.ASCII.GetBytes(value)])),
            _ => [],
        };
    }

    private static byte[] Encode(string name) => [.. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];
}
