using CertFunctions.App.Api;
using CertFunctions.App.Certificates;
using CertFunctions.App.Events;
using CertFunctions.App.Schedule;
using CertFunctions.AwkwardCa;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CertFunctions.App.Tests.Acme;

/// <summary>
/// The app as <c>Program.cs</c> wires it, in process: its functions on the durable engine, stores in memory, a CA that is awkward on purpose over real HTTPS,
/// and a clock that jumps to what is next whenever nobody does anything. A story of many days takes a second.
/// </summary>
internal sealed partial class AcmeHouse : IAsyncDisposable
{
    public const string Namespace = "ns";

    public static readonly DateTimeOffset Start = new(2026, 11, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly List<(ServiceProvider Services, HouseEngine Engine)> _processes = [];
    private readonly ClientTraffic _traffic;
    private int _turn;

    private AcmeHouse(AwkwardCaServer ca, VirtualTime time)
    {
        (Ca, Time) = (ca, time);
        ca.Validate = ValidateAsync;
        _traffic = new ClientTraffic(ca.Directory.Port);
    }

    private async Task AddProcessAsync(Action<IServiceCollection>? more, (string, string)[] settings)
    {
        var services = AppServices.Over(Objects, Vault, Time, ids: null, more ?? (_ => { }),
        [
            ("Acme:AllowPrivateAddresses", "true"), ("Http01:InconclusiveAfter", "00:00:00"), ("Dns01:InconclusiveAfter", "00:02:00"), ("Dns01:SettleTime", "00:00:00"), .. settings,
        ]);
        services.GetRequiredService<ILoggerFactory>().AddProvider(Logs);
        _processes.Add((services, new HouseEngine(services, Time)));
        await _processes[^1].Engine.StartAsync(Cancel);
    }

    public AwkwardCaServer Ca { get; }

    public VirtualTime Time { get; }

    public InMemoryObjectStore Objects { get; } = new();

    public InMemoryVault Vault { get; } = new();

    public KeptLogs Logs { get; } = new();

    public IServiceProvider Services => _processes[0].Services;

    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>Timers besides <c>StartDue</c> that run by themselves, and how often.</summary>
    public Dictionary<string, TimeSpan> Timers { get; } = [];

    /// <summary>TXT values by name, as the CA finds them: what a provider of a test wrote.</summary>
    public Func<string, IReadOnlyCollection<string>> Txt { get; set; } = _ => [];

    /// <inheritdoc cref="HouseEngine.AroundActivity"/>
    public Action<string, bool> AroundActivity
    {
        set => _processes.ForEach(each => each.Engine.AroundActivity = value);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="more">Changes the app's services.</param>
    /// <param name="settings">Besides those that let a test speak to this machine.</param>
    public static Task<AcmeHouse> StartAsync(Action<IServiceCollection>? more = null, params (string Name, string Value)[] settings) => StartAsync(1, more, settings);

    /// <param name="processes">That share the stores and know nothing of each other: timers and callers take them in turn.</param>
    public static async Task<AcmeHouse> StartAsync(int processes, Action<IServiceCollection>? more = null, params (string Name, string Value)[] settings)
    {
        var time = new VirtualTime(Start);
        var house = new AcmeHouse(await AwkwardCaServer.StartAsync(time), time);
        for (var i = 0; i < processes; i++) { await house.AddProcessAsync(more, settings); }
        return house;
    }

    public async Task<Certificate> CertificateAsync(string name) => (await FindAsync(CertificateKind.Kind, name))!;

    public async Task<T?> FindAsync<T>(ResourceKind<T> kind, string name)
        where T : class, IResource<T> =>
        (await Store.FindAsync(kind, new ResourceName(kind.IsNamespaced ? Namespace : null, name), Cancel))?.Resource;

    public async Task<Condition?> ConditionAsync(string name, string type) => (await FindAsync(CertificateKind.Kind, name))?.Status?.Conditions.Find(type);

    public async Task<bool> IsReadyAsync(string name) => (await ConditionAsync(name, "Ready"))?.IsTrue is true;

    /// <summary>The condition <c>Issuing</c> is False for this reason.</summary>
    public async Task<bool> FailedAsync(string name, string reason) => await ConditionAsync(name, "Issuing") is { Status: "False" } issuing && issuing.Reason == reason;

    /// <summary>The issuance under way was told that it waits for this, and its Certificate says so.</summary>
    public async Task<bool> WaitsForAsync(string name, string reason)
    {
        if (await FindAsync(CertificateKind.Kind, name) is not { } certificate || certificate.Status?.Conditions.Find("Issuing") is not { IsTrue: true }) { return false; }

        var request = RequestNames.For(name, (certificate.Status?.Revision ?? 0) + 1);
        return (await EventsOfAsync("certificaterequests", request)).Any(each => each.Reason == reason);
    }

    /// <summary>What the vault's secret holds besides the key, DER.</summary>
    public async Task<IReadOnlyList<byte[]>> StoredBagAsync(string name)
    {
        var secret = await Vault.FindSecretAsync(new VaultObject(AppServices.DefaultVault, VaultNames.ObjectName(Namespace, $"{name}-tls")), version: null, Cancel);
        var all = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadPkcs12Collection(Convert.FromBase64String(secret!.Reveal()), password: null);
        return [.. all.Select(each => each.RawData)];
    }

    /// <summary>The newest chain that was published for a Certificate, in its order.</summary>
    public async Task<IReadOnlyList<byte[]>> PublishedChainAsync(string name)
    {
        var leaf = Core.Pki.X509Facts.Read(Stored(name)[0].Leaf).X5t.ToLowerInvariant();
        return Core.Pki.Pem.ReadCertificates((await Objects.FindAsync($"ca/{Namespace}/{name}-tls/{leaf}", Cancel))!.Content);
    }

    /// <summary>What is stored of a Certificate, newest first.</summary>
    public IReadOnlyList<VaultCertificate> Stored(string name) => Vault.CertificateVersions(new VaultObject(AppServices.DefaultVault, VaultNames.ObjectName(Namespace, $"{name}-tls")));

    public async Task<IReadOnlyList<EventRecord>> EventsOfAsync(string plural, string name) =>
        EventHistory.Read(await Objects.FindAsync(EventSubject.ObjectNameOf(plural, new ResourceName(Namespace, name)), Cancel))?.Events ?? (IReadOnlyList<EventRecord>)[];

    /// <summary>Names of what is stored below a prefix.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(string prefix)
    {
        var names = new List<string>();
        await foreach (var entry in Objects.ListAllAsync(prefix, Cancel)) { names.Add(entry.Name); }
        return names;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, engine) in _processes) { await engine.DisposeAsync(); }
        _traffic.Dispose();
        foreach (var (services, _) in _processes) { await services.DisposeAsync(); }
        await Ca.DisposeAsync();
    }

    /// <summary>The CA's look: at the app's own function, or at the TXT values.</summary>
    private Task<AcmeFault?> ValidateAsync(Validation validation) => validation.Type == "dns-01"
        ? Validators.TxtBy(Txt)(validation)
        : Validators.HttpBy((host, token) => AskAsync("GET", host, token))(validation);

    private ResourceStore Store => Services.GetRequiredService<ResourceStore>();

    private (ServiceProvider Services, HouseEngine Engine) Next => _processes[_turn++ % _processes.Count];
}

/// <summary>What the app logged.</summary>
internal sealed class KeptLogs : ILoggerProvider
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public ILogger CreateLogger(string categoryName) => new Logger(_lines, categoryName);

    public void Dispose() { }

    private sealed class Logger(System.Collections.Concurrent.ConcurrentQueue<string> lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel} {category.Split('.')[^1]}: {formatter(state, exception)} {exception}");
    }
}
