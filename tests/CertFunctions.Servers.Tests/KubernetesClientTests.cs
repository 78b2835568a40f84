using System.Text.Json.Serialization;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace CertFunctions.Servers.Tests;

/// <summary>The official .NET client, with types of its own user's: lists, watches, patches.</summary>
public sealed class KubernetesClientTests(KubectlFixture fixture) : IClassFixture<KubectlFixture>, IDisposable
{
    private readonly Kubernetes _kubernetes = new(new KubernetesClientConfiguration { Host = fixture.App.Http.BaseAddress!.ToString().TrimEnd('/') });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private GenericClient Certificates => new(_kubernetes, "cert-manager.io", "v1", "certificates", disposeClient: false);

    public void Dispose() => _kubernetes.Dispose();

    [Fact]
    public async Task Creates_lists_patches_and_deletes()
    {
        using var certificates = Certificates;

        var made = await certificates.CreateNamespacedAsync(New("listed"), "default", Cancel);
        var patched = await certificates.PatchNamespacedAsync<Wish>(new V1Patch("""{"metadata":{"labels":{"team":"a"}}}""", V1Patch.PatchType.MergePatch), "default", "listed", Cancel);
        var pointed = await certificates.PatchNamespacedAsync<Wish>(
            new V1Patch("""[{"op":"add","path":"/spec/dnsNames/-","value":"more.test"}]""", V1Patch.PatchType.JsonPatch), "default", "listed", Cancel);
        var list = await certificates.ListNamespacedAsync<Wishes>("default", cancel: Cancel);

        Assert.NotNull(made.Metadata.Uid);
        Assert.Equal("a", patched.Metadata.Labels["team"]);
        Assert.Equal(["listed.test", "more.test"], pointed.Spec.DnsNames);
        Assert.Contains(list.Items, item => item.Metadata.Name == "listed");
        await certificates.DeleteNamespacedAsync<V1Status>("default", "listed", Cancel);
    }

    [Fact]
    public async Task Watches_what_changes()
    {
        using var certificates = Certificates;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        enough.CancelAfter(TimeSpan.FromMinutes(1));
        var seen = new List<(WatchEventType Type, string? Label)>();
        var watching = Task.Run(
            async () =>
            {
                await foreach (var (type, item) in certificates.WatchNamespacedAsync<Wish>("default", cancel: enough.Token))
                {
                    if (item.Metadata.Name != "watched") { continue; }

                    lock (seen) { seen.Add((type, item.Metadata.Labels?.TryGetValue("team", out var team) is true ? team : null)); }
                    if (type is WatchEventType.Deleted) { return; }
                }
            },
            Cancel);

        await certificates.CreateNamespacedAsync(New("watched"), "default", Cancel);
        await fixture.App.EventuallyAsync(() => { lock (seen) { return Task.FromResult(seen.Count > 0); } }, "the new one is seen", Cancel);
        await certificates.PatchNamespacedAsync<Wish>(new V1Patch("""{"metadata":{"labels":{"team":"a"}}}""", V1Patch.PatchType.MergePatch), "default", "watched", Cancel);
        await fixture.App.EventuallyAsync(() => { lock (seen) { return Task.FromResult(seen.Contains((WatchEventType.Modified, "a"))); } }, "the label is seen", Cancel);
        await certificates.DeleteNamespacedAsync<V1Status>("default", "watched", Cancel);
        await watching;

        Assert.Equal(WatchEventType.Added, seen[0].Type);
        Assert.Equal(WatchEventType.Deleted, seen[^1].Type);
    }

    [Fact]
    public async Task Gets_the_status_of_a_failure()
    {
        using var certificates = Certificates;

        var missing = await Assert.ThrowsAsync<HttpOperationException>(() => certificates.ReadNamespacedAsync<Wish>("default", "nope", Cancel));

        Assert.Contains("\"reason\":\"NotFound\"", missing.Response.Content, StringComparison.Ordinal);
    }

    private static Wish New(string name) => new()
    {
        ApiVersion = "cert-manager.io/v1",
        Kind = "Certificate",
        Metadata = new V1ObjectMeta { Name = name },
        Spec = new WishSpec { SecretName = name + "-tls", DnsNames = [name + ".test"], IssuerRef = new() { ["kind"] = "ClusterIssuer", ["name"] = "selfsigned" } },
    };

    internal sealed class Wish : IKubernetesObject<V1ObjectMeta>
    {
        [JsonPropertyName("apiVersion")]
        public string ApiVersion { get; set; } = "";

        [JsonPropertyName("kind")]
        public string Kind { get; set; } = "";

        [JsonPropertyName("metadata")]
        public V1ObjectMeta Metadata { get; set; } = new();

        [JsonPropertyName("spec")]
        public WishSpec Spec { get; set; } = new();
    }

    internal sealed class WishSpec
    {
        [JsonPropertyName("secretName")]
        public string SecretName { get; set; } = "";

        [JsonPropertyName("dnsNames")]
        public List<string> DnsNames { get; set; } = [];

        [JsonPropertyName("issuerRef")]
        public Dictionary<string, string> IssuerRef { get; set; } = [];
    }

    internal sealed class Wishes : IKubernetesObject<V1ListMeta>, IItems<Wish>
    {
        [JsonPropertyName("apiVersion")]
        public string ApiVersion { get; set; } = "";

        [JsonPropertyName("kind")]
        public string Kind { get; set; } = "";

        [JsonPropertyName("metadata")]
        public V1ListMeta Metadata { get; set; } = new();

        [JsonPropertyName("items")]
        public IList<Wish> Items { get; set; } = [];
    }
}
