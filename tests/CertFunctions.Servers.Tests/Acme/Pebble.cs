using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using CertFunctions.Core.Acme;
using CertFunctions.Tests.Shared;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>How a Pebble behaves. The default refuses no nonce, re-uses no authorization, and validates at once, really.</summary>
public sealed record PebbleOptions
{
    /// <summary>Percent of good nonces refused.</summary>
    public int NonceReject { get; init; }

    /// <summary>Percent of orders that get an authorization which is valid already.</summary>
    public int AuthorizationReuse { get; init; }

    /// <summary>Further chains for each certificate.</summary>
    public int AlternateRoots { get; init; }

    /// <summary>Intermediates.</summary>
    public int ChainLength { get; init; } = 1;

    /// <summary>Challenges are not checked.</summary>
    public bool AlwaysValid { get; init; }

    /// <summary>Seconds, at most, before a validation; 0: none.</summary>
    public int ValidationDelay { get; init; }

    public bool IsStrict { get; init; }

    /// <summary>Key id to base64url MAC key; not null: an external account is required.</summary>
    public IReadOnlyDictionary<string, string>? ExternalAccounts { get; init; }

    /// <summary>Where names are looked up, as <c>host:port</c>; null: the machine's resolver. See <see cref="ChallTestServer"/>.</summary>
    public string? DnsServer { get; init; }

    /// <summary>Null: five years.</summary>
    public TimeSpan? Validity { get; init; }

    public IReadOnlyList<string> Blocked { get; init; } = [];

    /// <summary>Where it fetches HTTP-01 answers; null: a free port.</summary>
    public int? HttpPort { get; init; }
}

/// <summary>Debian's Pebble as a child process, on ports of its own. Its state is its memory: a restart forgets accounts, orders and its CA.</summary>
/// <remarks>
/// <c>await using var pebble = await Pebble.StartAsync(new PebbleOptions { … }, Cancel);</c>, or the class fixture <see cref="PebbleWithNames"/>. Point clients to
/// <see cref="Directory"/>, let them trust <see cref="CaPem"/>; answer HTTP-01 on <see cref="HttpPort"/> (<see cref="Http01Server"/>).
/// </remarks>
public sealed class Pebble : IAsyncDisposable
{
    private readonly ApiCertificate _api = new();
    private readonly HttpClient _management;
    private readonly int _port = FreePort.Next();
    private readonly int _managementPort = FreePort.Next();
    private ServerProcess? _process;

    private Pebble(PebbleOptions options)
    {
        Options = options;
        HttpPort = options.HttpPort ?? FreePort.Next();
        _management = GuardedHttp.Create(new OutboundRules { TrustedCas = CaPem, AllowsPrivateAddresses = true });
    }

    public PebbleOptions Options { get; private set; }

    public Uri Directory => new($"https://127.0.0.1:{_port}/dir");

    /// <summary>The CA of its API, not the one that issues.</summary>
    public string CaPem => _api.CaPem;

    /// <summary>The same as a file, for other clients.</summary>
    public string CaFile => _api.CaFile;

    public int HttpPort { get; }

    /// <summary>Of the process that runs now.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>Requests to its API, since it started.</summary>
    public int Requests => _process!.Requests;

    public AcmeConnection Connection => new(Directory, CaPem, SkipsVerification: false, AllowsPrivateAddresses: true);

    public static async Task<Pebble> StartAsync(PebbleOptions options, CancellationToken cancellationToken)
    {
        var pebble = new Pebble(options);
        try
        {
            await pebble.StartAsync(cancellationToken);
            return pebble;
        }
        catch
        {
            await pebble.DisposeAsync();
            throw;
        }
    }

    public AcmeClient NewClient() => new(GuardedHttp.Create(Connection), Directory, TimeProvider.System);

    /// <summary>Takes it off the network.</summary>
    public void Stop()
    {
        _process?.Dispose();
        _process = null;
    }

    /// <summary>Starts after <see cref="Stop"/>, on the same ports, with nothing remembered.</summary>
    /// <param name="options">Null: as before. Ports stay.</param>
    public async Task RestartAsync(CancellationToken cancellationToken, PebbleOptions? options = null)
    {
        Stop();
        Options = options ?? Options;
        await StartAsync(cancellationToken);
    }

    /// <summary>The roots, PEM: the default chain's first, then the alternates'.</summary>
    public async Task<IReadOnlyList<string>> RootsAsync(CancellationToken cancellationToken)
    {
        var roots = new List<string>();
        for (var i = 0; i <= Options.AlternateRoots; i++) { roots.Add(await _management.GetStringAsync(Management($"roots/{i}"), cancellationToken)); }
        return roots;
    }

    /// <summary><c>Status</c>, <c>Reason</c>, <c>RevokedAt</c> of a certificate that it issued.</summary>
    public async Task<JsonNode> StatusOfAsync(X509Certificate2 leaf, CancellationToken cancellationToken) =>
        JsonNode.Parse(await _management.GetStringAsync(Management($"cert-status-by-serial/{leaf.SerialNumber.TrimStart('0').ToLowerInvariant()}"), cancellationToken))!;

    public ValueTask DisposeAsync()
    {
        Stop();
        _management.Dispose();
        _api.Dispose();
        return ValueTask.CompletedTask;
    }

    private Uri Management(string path) => new($"https://127.0.0.1:{_managementPort}/{path}");

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var config = _api.InFolder("pebble.json");
        await File.WriteAllTextAsync(config, JsonSerializer.Serialize(new { pebble = Configuration() }), cancellationToken);
        _process = ServerProcess.Start(
            "pebble",
            "pebble",
            ["-config", config, .. Options.DnsServer is { } dns ? ["-dnsserver", dns] : Array.Empty<string>(), .. Options.IsStrict ? ["-strict"] : Array.Empty<string>()],
            Environment());
        await _process.UntilAsync(() => AnswersAsync(cancellationToken), cancellationToken);
    }

    private Dictionary<string, object> Configuration()
    {
        var config = new Dictionary<string, object>
        {
            ["listenAddress"] = $"127.0.0.1:{_port}",
            ["managementListenAddress"] = $"127.0.0.1:{_managementPort}",
            ["certificate"] = _api.CertificateFile,
            ["privateKey"] = _api.KeyFile,
            ["httpPort"] = HttpPort,
            ["tlsPort"] = HttpPort,   // tls-alpn-01 is nobody's here
            ["ocspResponderURL"] = "",
            ["externalAccountBindingRequired"] = Options.ExternalAccounts is not null,
            ["externalAccountMACKeys"] = Options.ExternalAccounts ?? new Dictionary<string, string>(),
            ["domainBlocklist"] = Options.Blocked,
        };
        if (Options.Validity is { } validity) { config["certificateValidityPeriod"] = (long)validity.TotalSeconds; }
        return config;
    }

    private Dictionary<string, string> Environment()
    {
        var environment = new Dictionary<string, string>
        {
            ["PEBBLE_WFE_NONCEREJECT"] = Text(Options.NonceReject),
            ["PEBBLE_AUTHZREUSE"] = Text(Options.AuthorizationReuse),
            ["PEBBLE_ALTERNATE_ROOTS"] = Text(Options.AlternateRoots),
            ["PEBBLE_CHAIN_LENGTH"] = Text(Options.ChainLength),
            ["PEBBLE_VA_ALWAYS_VALID"] = Options.AlwaysValid ? "1" : "0",
            [Options.ValidationDelay > 0 ? "PEBBLE_VA_SLEEPTIME" : "PEBBLE_VA_NOSLEEP"] = Text(Math.Max(1, Options.ValidationDelay)),
        };
        return environment;

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _management.GetAsync(Directory, cancellationToken);
            using var roots = await _management.GetAsync(Management("roots/0"), cancellationToken);
            return answer.StatusCode is HttpStatusCode.OK && roots.StatusCode is HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
