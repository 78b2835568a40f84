using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>The app beside a Pebble that validates for real: every name is this machine, and HTTP-01 goes to the app's own port.</summary>
internal sealed class PebbleApp : IAsyncDisposable
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private PebbleApp(LocalApp app, ChallTestServer? names, Pebble pebble) => (App, Names, Pebble) = (app, names, pebble);

    public LocalApp App { get; }

    /// <summary>Null when the test brought its own resolver.</summary>
    public ChallTestServer? Names { get; }

    public Pebble Pebble { get; }

    /// <param name="options"><c>HttpPort</c> and, unless given, <c>DnsServer</c> are filled in.</param>
    public static async Task<PebbleApp> StartAsync(PebbleOptions? options = null, IReadOnlyDictionary<string, string>? settings = null, string program = "CertFunctions.App")
    {
        var all = new Dictionary<string, string>(settings ?? new Dictionary<string, string>())
        {
            ["Acme__AllowPrivateAddresses"] = "true", ["Http01__InconclusiveAfter"] = "00:00:00",
        };
        all.TryAdd("Dns01__InconclusiveAfter", "00:00:00");
        all.TryAdd("Dns01__SettleTime", "00:00:00");
        all.TryAdd("Dns01__CheckEvery", "00:00:00.5");
        var app = new LocalApp(program, all);
        var names = options?.DnsServer is null ? await ChallTestServer.StartAsync(Cancel) : null;
        var pebble = await Pebble.StartAsync((options ?? new()) with { HttpPort = app.Port, DnsServer = options?.DnsServer ?? names!.DnsAddress }, Cancel);
        await app.StartAsync(Cancel);
        return new PebbleApp(app, names, pebble);
    }

    /// <summary>Declares the ClusterIssuer <c>pebble</c> and waits until its account is registered.</summary>
    /// <param name="more">More members of <c>spec.acme</c>, each after a comma.</param>
    public async Task IssuerAsync(string solvers = "[{http01: {ingress: {}}}]", string more = "", string name = "pebble")
    {
        await Given.ApplyAsync(App, $"clusterissuers/{name}", Issuer(solvers, more, name));
        await App.ReadyAsync($"clusterissuers/{name}", Cancel);
    }

    public string Issuer(string solvers = "[{http01: {ingress: {}}}]", string more = "", string name = "pebble") =>
        $"{{metadata: {{name: {name}}}, spec: {{acme: {{server: \"{Pebble.Directory}\", caBundle: {Convert.ToBase64String(Encoding.ASCII.GetBytes(Pebble.CaPem))}, "
        + $"email: admin@example.test, privateKeySecretRef: {{name: {name}-account}}, solvers: {solvers}{more}}}}}}}";

    /// <summary>A Certificate of these names, Ready.</summary>
    public async Task<StoredPair> IssueAsync(string name, string names, string issuer = "pebble", string more = "")
    {
        var path = $"namespaces/default/certificates/{name}";
        await Given.ApplyAsync(App, path, Certificate(name, names, issuer, more));
        await App.ReadyAsync(path, Cancel);
        return await ReadAsync(name);
    }

    /// <param name="names">Members such as <c>dnsNames: [a.test]</c>.</param>
    public static string Certificate(string name, string names, string issuer = "pebble", string more = "") =>
        $"{{metadata: {{name: {name}}}, spec: {{secretName: {name}-tls, {names}, issuerRef: {{kind: ClusterIssuer, name: {issuer}}}, privateKey: {{algorithm: ECDSA, size: 256}}{more}}}}}";

    public async Task<StoredPair> ReadAsync(string name)
    {
        using var vault = await VaultReader.OfAsync(App, $"namespaces/default/certificates/{name}", Cancel);
        return await vault.ReadAsync($"default--{name}-tls", Cancel);
    }

    /// <summary>The chain in a CertificateRequest, in its order.</summary>
    public async Task<X509Certificate2Collection> RequestedAsync(string request)
    {
        var found = await App.GetAsync($"namespaces/default/certificaterequests/{request}", Cancel);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(Encoding.ASCII.GetString(Convert.FromBase64String((string)found!["status"]!["certificate"]!)));
        return chain;
    }

    /// <summary>Resources of <c>acme.cert-manager.io/v1</c>.</summary>
    public async Task<IReadOnlyList<JsonNode>> ListAsync(string plural)
    {
        var text = await App.Http.GetStringAsync($"apis/acme.cert-manager.io/v1/{plural}", Cancel);
        return [.. JsonNode.Parse(text)!["items"]!.AsArray().Select(each => each!)];
    }

    public async ValueTask DisposeAsync()
    {
        App.Dispose();
        await Pebble.DisposeAsync();
        Names?.Dispose();
    }
}
