using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using CertFunctions.Servers.Tests.Acme;
using CertFunctions.Tests.Shared;

namespace CertFunctions.Servers.Tests.Consumers;

/// <summary>An app with a CA, one identity for each consumer, and the consumers of <c>samples/consumers</c> as processes of their own.</summary>
internal sealed class ConsumerHouse : IAsyncDisposable
{
    private readonly List<ServerProcess> _processes = [];

    private ConsumerHouse(LocalApp app) => App = app;

    public LocalApp App { get; }

    /// <summary>Where clients fetch what they trust.</summary>
    public string BundleUrl => $"http://localhost:{App.Port}/ca-bundles/internal/ca-bundle.pem";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="names">Each a Certificate for localhost and NAME.test, and an identity that may read its secret and nothing else.</param>
    public static async Task<ConsumerHouse> StartAsync(params string[] names)
    {
        var house = new ConsumerHouse(new LocalApp());
        var vault = Directory.CreateDirectory(Path.Combine(house.App.Data, "vault"));
        var identities = names.Select(name => new
        {
            clientId = name,
            assignments = ((string[])["", "-tls-crt", "-tls-key"]).Select(output => new { role = "Key Vault Secrets User", scope = $"default/secrets/{Object(name)}{output}" }),
        });
        await File.WriteAllTextAsync(Path.Combine(vault.FullName, "identities.json"), JsonSerializer.Serialize(identities), Cancel);
        await house.App.StartAsync(Cancel);
        await Given.ApplyAsync(house.App, "clusterissuers/selfsigned", "{metadata: {name: selfsigned}, spec: {selfSigned: {}}}");
        await Given.CaAsync(house.App, "root", "selfsigned");
        using var bundle = new StringContent(await File.ReadAllTextAsync(Sample("bundle.yaml"), Cancel), MediaTypeHeaderValue.Parse("application/yaml"));
        using (var made = await house.App.Http.PutAsync("apis/certfunctions.dev/v1alpha1/bundles/internal", bundle, Cancel)) { Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync(Cancel)); }
        foreach (var name in names) { await Given.ApplyAsync(house.App, Certificate(name), Wish(name)); }
        foreach (var name in names) { await house.App.RevisionAsync(Certificate(name), 1, Cancel); }
        await house.App.EventuallyAsync(async () => (await house.App.Http.GetAsync(house.BundleUrl, Cancel)).IsSuccessStatusCode, "the bundle is published", Cancel);
        return house;
    }

    public static string Certificate(string name) => $"namespaces/default/certificates/{name}";

    /// <summary>The vault object.</summary>
    public static string Object(string name) => $"default--{name}-tls";

    public static string Sample(string path, [CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../samples/consumers", path));

    /// <summary>What a consumer is told by its environment: who it is, and which CA the local vault has.</summary>
    public Dictionary<string, string> Environment(string name) => new()
    {
        ["VAULT_URI"] = App.DefaultVault.ToString(),
        ["IDENTITY_ENDPOINT"] = new Uri(App.DefaultVault, "/msi/token").ToString(),
        ["IDENTITY_HEADER"] = File.ReadAllText(Path.Combine(App.Data, "vault", $"identity-header.{name}")).Trim(),
        ["AZURE_CLIENT_ID"] = name,
        ["VAULT_RESOURCE"] = "https://vault.localhost",
        ["SSL_CERT_FILE"] = Path.Combine(App.Data, "vault", "ca.pem"),
        ["CURL_CA_BUNDLE"] = Path.Combine(App.Data, "vault", "ca.pem"),
    };

    /// <summary>The .NET sample, up and listening; the answer is its port.</summary>
    /// <param name="clients">Who may call; null: anybody.</param>
    public async Task<(int Port, ServerProcess Process)> ServeAsync(string name, string? clients = null, string? secret = null)
    {
        var port = FreePort.Next();
        var environment = Environment(name);
        (environment["SECRET"], environment["BUNDLE_URL"], environment["PORT"], environment["PACE"]) = (secret ?? Object(name), BundleUrl, $"{port}", "1");
        if (clients is not null) { environment["CLIENTS"] = clients; }
        var process = ServerProcess.Start(Path.Combine(AppContext.BaseDirectory, "ConsumerService"), "dotnet-sdk-10.0", [], environment);
        _processes.Add(process);
        await process.UntilAsync(() => Task.FromResult(process.Output.Contains("Application started", StringComparison.Ordinal)), Cancel);
        return (port, process);
    }

    /// <summary>curl with nothing to trust but the bundle, as it is published now; the code is curl's own.</summary>
    public async Task<(int Code, string Output, string Error)> CurlAsync(string url)
    {
        using var tool = new Tool();
        tool.Write("ca-bundle.pem", await App.Http.GetByteArrayAsync(BundleUrl, Cancel));
        return await tool.TryRunAsync("curl", "-sS", "--cacert", "ca-bundle.pem", "--capath", "/nowhere", url);
    }

    /// <summary>The serial number of what is served on a port of this machine.</summary>
    public static async Task<string> SerialAsync(int port)
    {
        using var tool = new Tool();
        tool.Write("shown", System.Text.Encoding.ASCII.GetBytes(await tool.RunAsync("openssl", "s_client", "-connect", $"localhost:{port}", "-servername", "localhost")));
        return (await tool.RunAsync("openssl", "x509", "-in", "shown", "-noout", "-serial")).Trim();
    }

    /// <summary>As a person does, and waits for it.</summary>
    public async Task RenewAsync(string name, int revision)
    {
        using var answer = await App.Http.PostAsync($"apis/cert-manager.io/v1/{Certificate(name)}/renew", content: null, Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        await App.RevisionAsync(Certificate(name), revision, Cancel);
    }

    public ValueTask DisposeAsync()
    {
        foreach (var process in _processes) { process.Dispose(); }
        App.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Wish(string name) =>
        $"{{metadata: {{name: {name}, annotations: {{certfunctions.dev/pem-secrets: \"true\"}}}}, spec: {{secretName: {name}-tls, dnsNames: [localhost, {name}.test], usages: [digital signature, server auth, client auth], "
        + "issuerRef: {kind: ClusterIssuer, name: root}, privateKey: {algorithm: ECDSA, size: 256}}}";
}
