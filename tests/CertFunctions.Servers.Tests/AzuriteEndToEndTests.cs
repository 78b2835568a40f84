using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.Servers.Tests;

/// <summary>The built program with its resources in blobs: what must hold when the store goes away, or when the store is all that is left.</summary>
public sealed class AzuriteEndToEndTests : IClassFixture<DurableAzurite>
{
    private const string Leaf = "namespaces/default/certificates/web";
    private const string RequestPath = "/resources/certificaterequests/default/web-1";

    private static readonly (string Path, string Yaml)[] Issuers =
    [
        ("clusterissuers/selfsigned", "{metadata: {name: selfsigned}, spec: {selfSigned: {}}}"),
        ("namespaces/cert-manager/certificates/root-ca",
            "{metadata: {name: root-ca}, spec: {secretName: root-ca, isCA: true, commonName: Root, issuerRef: {kind: ClusterIssuer, name: selfsigned}, privateKey: {algorithm: ECDSA, size: 256}}}"),
        ("clusterissuers/root", "{metadata: {name: root}, spec: {ca: {secretName: root-ca}}}"),
    ];

    private static int _containers;

    private readonly DurableAzurite _azurite;
    private readonly string _container = $"wishes-{Interlocked.Increment(ref _containers)}";

    public AzuriteEndToEndTests(DurableAzurite azurite) => _azurite = azurite;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private BlobContainerClient Container => _azurite.Container(_container);

    [Fact]
    public async Task Issues_with_its_resources_in_blobs_and_keeps_no_file_of_them()
    {
        using var app = App(_azurite.Address);
        await app.StartAsync(Cancel);
        await SetUpAsync(app);
        await PutAsync(app, Leaf, Web());
        await app.ReadyAsync(Leaf, Cancel);

        Assert.True(await Container.GetBlobClient("resources/certificates/default/web").ExistsAsync(Cancel));
        Assert.False(File.Exists(Path.Combine(app.Data, "store.db")));
        var pair = await PairAsync(app);
        await app.KillAsync(Cancel);   // its lock file cannot be read before, and a blob it deletes cannot be fetched
        await _azurite.FetchAsync(_container, app.Data, Cancel);
        Assert.All(pair.Private, secret => Assert.Empty(SecretSearch.Find(secret, app.Data, app.Output)));
    }

    [Fact]
    public async Task Goes_on_without_help_after_the_store_was_away_for_a_minute_in_the_middle_of_an_issuance()
    {
        await using var tap = await HttpTap.StartAsync(_azurite.Address);
        using var app = App(tap.Address);
        await StopInTheMiddleAsync(app, tap);
        await _azurite.StopAsync(Cancel);
        await Task.Delay(TimeSpan.FromSeconds(60), Cancel);   // the minute itself is what is tried
        await _azurite.StartAsync(Cancel);
        tap.Pass();

        await app.RevisionAsync(Leaf, 1, Cancel);
        Assert.Single(await VersionsAsync(app));
    }

    [Fact]
    public async Task Issues_nothing_anew_when_the_engines_history_is_deleted()
    {
        using var app = App(_azurite.Address);
        await app.StartAsync(Cancel);
        await SetUpAsync(app);
        await PutAsync(app, Leaf, Web());
        await app.RevisionAsync(Leaf, 1, Cancel);
        var issued = await NamesAsync("issued/");
        var leaf = (await PairAsync(app)).Leaf.Thumbprint;

        await app.KillAsync(Cancel);
        DeleteHistory(app);
        await app.StartAsync(Cancel);
        var due = await DueAsync();
        await PutAsync(app, Leaf, Web("labels: {look: again},"));   // a write that wishes for nothing new, but sets off a run
        await app.EventuallyAsync(async () => await DueAsync() != due, "a run has looked at the Certificate", Cancel);

        Assert.Equal(issued, await NamesAsync("issued/"));
        Assert.Equal(leaf, (await PairAsync(app)).Leaf.Thumbprint);
        Assert.Equal(1, (int?)(await app.GetAsync(Leaf, Cancel))!["status"]!["revision"]);
    }

    [Fact]
    public async Task Finishes_once_what_was_under_way_when_the_engines_history_was_deleted()
    {
        await using var tap = await HttpTap.StartAsync(_azurite.Address);
        using var app = App(tap.Address);
        await StopInTheMiddleAsync(app, tap);
        await app.KillAsync(Cancel);
        DeleteHistory(app);
        tap.Pass();
        await app.StartAsync(Cancel);

        await app.RevisionAsync(Leaf, 1, Cancel);
        Assert.Single(await VersionsAsync(app));
    }

    /// <summary>Declares a Certificate and lets the store fall silent in the middle of its issuance.</summary>
    private static async Task StopInTheMiddleAsync(LocalApp app, HttpTap tap)
    {
        await app.StartAsync(Cancel);
        await SetUpAsync(app);

        var inTheMiddle = MiddleOfIssuance(tap);
        await PutAsync(app, Leaf, Web());
        await inTheMiddle;
    }

    /// <summary>Done when the Certificate's request is stored; from then on the store does not answer.</summary>
    private static Task MiddleOfIssuance(HttpTap tap)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        tap.Behave(async (context, pass) =>
        {
            if (reached.Task.IsCompleted) { context.Abort(); return; }

            await pass();
            if (context.Request.Method == HttpMethods.Put && context.Request.Path.Value!.EndsWith(RequestPath, StringComparison.Ordinal)) { reached.TrySetResult(); }
        });
        return reached.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
    }

    private LocalApp App(Uri store) => new(settings: new Dictionary<string, string>
    {
        ["AzureWebJobsStorage"] = Azurite.Connection(store),
        ["Store__Container"] = _container,
    });

    private static async Task SetUpAsync(LocalApp app)
    {
        foreach (var (path, yaml) in Issuers) { await PutAsync(app, path, yaml); }
        await app.ReadyAsync("clusterissuers/root", Cancel);
    }

    private static async Task PutAsync(LocalApp app, string path, string yaml)
    {
        using var answer = await app.PutAsync(path, yaml, Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    private static string Web(string metadata = "") =>
        $"{{metadata: {{{metadata} name: web}}, spec: {{secretName: web-tls, dnsNames: [web.test], issuerRef: {{kind: ClusterIssuer, name: root}}, privateKey: {{algorithm: ECDSA, size: 256}}}}}}";

    private static void DeleteHistory(LocalApp app)
    {
        var files = Directory.GetFiles(app.Data, "engine.db*");
        Assert.NotEmpty(files);
        foreach (var file in files) { File.Delete(file); }
    }

    private static async Task<StoredPair> PairAsync(LocalApp app)
    {
        using var vault = await VaultReader.OfAsync(app, Leaf, Cancel);
        return await vault.ReadAsync("default--web-tls", Cancel);
    }

    private static async Task<IReadOnlyList<object>> VersionsAsync(LocalApp app)
    {
        using var vault = await VaultReader.OfAsync(app, Leaf, Cancel);
        return await vault.VersionsAsync("default--web-tls", Cancel);
    }

    private async Task<string?> DueAsync() =>
        (await Container.GetBlobClient("resources/certificates/default/web").GetPropertiesAsync(cancellationToken: Cancel)).Value.Metadata["due"];

    private async Task<List<string>> NamesAsync(string prefix) =>
        await Container.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, Cancel).Select(blob => blob.Name).ToListAsync(Cancel);
}
