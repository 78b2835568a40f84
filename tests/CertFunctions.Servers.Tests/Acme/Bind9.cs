using System.Net;
using System.Security.Cryptography;
using CertFunctions.Tests.Shared;
using DnsClient;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>A DNS server of Debian's as a child process, with zones of its own and keys that may change TXT records only.</summary>
public sealed class Bind9 : IAsyncLifetime
{
    /// <summary>May write TXT records in every zone but <c>locked.test</c>; HMAC-SHA256.</summary>
    public const string KeyName = "cf-key";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bind9-");
    private ServerProcess? _process;

    public int Port { get; } = FreePort.Next();

    /// <summary><c>host:port</c>.</summary>
    public string Address => $"127.0.0.1:{Port}";

    /// <summary>Of every key; the algorithm's keys are called <c>key-hmac-…</c>.</summary>
    public string Secret { get; } = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>The TXT values at a name, sorted, as this server shows them.</summary>
    public async Task<string[]> TextsAsync(string name, CancellationToken cancellationToken)
    {
        var client = new LookupClient(new LookupClientOptions(new IPEndPoint(IPAddress.Loopback, Port)) { UseCache = false, Recursion = false });
        var answer = await client.QueryAsync(name, QueryType.TXT, cancellationToken: cancellationToken);
        return [.. answer.Answers.TxtRecords().Select(record => string.Concat(record.Text)).Order(StringComparer.Ordinal)];
    }

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "named.conf"), Configuration());
        foreach (var (zone, records) in Zones) { await File.WriteAllTextAsync(Path.Combine(_folder.FullName, zone), Zone(zone, records)); }

        var program = File.Exists("/usr/sbin/named") ? "/usr/sbin/named" : "named";
        _process = ServerProcess.Start(program, "bind9", ["-c", Path.Combine(_folder.FullName, "named.conf"), "-g", "-n", "1"]);
        await _process.UntilAsync(AnswersAsync, TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _process?.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private static readonly string[] Algorithms = ["hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"];

    private static readonly (string Name, string Records)[] Zones =
    [
        ("example.test", $"""
            ns1 IN A 127.0.0.1
            @ IN NS ns1
            @ IN A 127.0.0.1
            * IN A 127.0.0.1
            _acme-challenge.www IN CNAME www.acme.test.
            _acme-challenge.inside IN CNAME inside.delegated
            _acme-challenge.loop IN CNAME loop2
            loop2 IN CNAME _acme-challenge.loop
            c0 IN CNAME end.acme.test.
            {string.Join('\n', Enumerable.Range(1, 11).Select(i => $"c{i} IN CNAME c{i - 1}"))}
            long IN TXT {string.Join(' ', Enumerable.Repeat($"\"{new string('x', 255)}\"", 240))}
            """),
        ("acme.test", "ns1 IN A 127.0.0.1\n@ IN NS ns1"),
        ("locked.test", "ns1 IN A 127.0.0.1\n@ IN NS ns1"),
        ("lag.test", "ns1 IN A 127.0.0.1\nns2 IN A 127.0.0.2\n@ IN NS ns1\n@ IN NS ns2"),
        ("half.test", "ns1 IN A 127.0.0.1\nns2 IN A 127.0.0.9\n@ IN NS ns1\n@ IN NS ns2"),
        ("dead.test", "ns1 IN A 127.0.0.9\n@ IN NS ns1"),
    ];

    private static string Zone(string name, string records) =>
        $"$TTL 1\n$ORIGIN {name}.\n@ IN SOA ns1.{name}. hostmaster.{name}. 1 3600 600 86400 1\n{string.Join('\n', records.Split('\n').Select(line => line.Trim()))}\n";

    private string Configuration()
    {
        var folder = _folder.FullName;
        return $$"""
            options { directory "{{folder}}"; listen-on port {{Port}} { 127.0.0.1; }; listen-on-v6 { none; }; pid-file "{{folder}}/named.pid";
              session-keyfile "{{folder}}/session.key"; managed-keys-directory "{{folder}}"; recursion no; dnssec-validation no; notify no; };
            controls { };
            {{string.Join('\n', Algorithms.Select(algorithm => $$"""key "key-{{algorithm}}" { algorithm {{algorithm}}; secret "{{Secret}}"; };"""))}}
            key "{{KeyName}}" { algorithm hmac-sha256; secret "{{Secret}}"; };
            {{string.Join('\n', Zones.Select(zone => $$"""zone "{{zone.Name}}" { type primary; file "{{folder}}/{{zone.Name}}"; {{Policy(zone.Name)}} };"""))}}
            """;
    }

    private static string Policy(string zone) => zone == "locked.test"
        ? "allow-update { none; };"
        : $"update-policy {{ {string.Join(' ', Algorithms.Select(algorithm => $"grant key-{algorithm} zonesub TXT;").Append($"grant {KeyName} zonesub TXT;"))} }};";

    private async Task<bool> AnswersAsync()
    {
        try
        {
            var client = new LookupClient(new LookupClientOptions(new IPEndPoint(IPAddress.Loopback, Port)) { UseCache = false, Timeout = TimeSpan.FromMilliseconds(500), Retries = 0 });
            return (await client.QueryAsync("example.test", QueryType.SOA, cancellationToken: TestContext.Current.CancellationToken)).Answers.SoaRecords().Any();
        }
        catch (DnsResponseException)
        {
            return false;
        }
    }
}
