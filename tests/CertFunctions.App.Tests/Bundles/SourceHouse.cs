using System.Text;
using System.Text.Json.Nodes;
using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.Bundles;
using CertFunctions.App.Bundles.Publishing;
using CertFunctions.App.Bundles.Sources;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Pki.Trust;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Bundles;

/// <summary>Everything that sources of Bundles are read from, over stores in memory.</summary>
internal sealed class SourceHouse : IDisposable
{
    public const string Namespace = "cert-manager";

    private static readonly VaultPlaces Places =
        new(Options.Create(new VaultsOptions { Default = new("https://default.vault.test/"), System = new("https://system.vault.test/") }));

    public SourceHouse(IVault? vault = null)
    {
        var due = new DueIndex(Objects, new ResourceStore(Objects), new RandomIds(), Time, Options.Create(new ScheduleOptions()));
        ConfigMaps = new ConfigMaps(new ConfigMapStore(Objects, Places), new BundleIndex(Objects, due, new RunStarter(NullLogger<RunStarter>.Instance), Time), new RandomIds(), Time);
        Sources = new BundleSources(new ConfigMapStore(Objects, Places), new SecretSources(vault ?? Vault, Places, Objects), new PublicRoots(Options.Create(Settings)));
    }

    public CaBundlesOptions Settings { get; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));

    public InMemoryObjectStore Objects { get; } = new();

    public InMemoryVault Vault { get; } = new();

    public ConfigMaps ConfigMaps { get; }

    public BundleSources Sources { get; }

    public PrivateKey Key { get; } = PrivateKey.Generate("ECDSA", 256);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public byte[] Root(string name) => SelfSigner.Sign(Csr(name, Key), Key, Terms(isCA: true));

    /// <summary>Of a CA: root first, then what it signed.</summary>
    public (byte[] Root, byte[] Intermediate) Chain()
    {
        using var key = PrivateKey.Generate("ECDSA", 256);
        var root = SelfSigner.Sign(Csr("Root", key), key, Terms(isCA: true));
        return (root, new CaSigner(root, key, []).Sign(Csr("Intermediate", Key), Terms(isCA: true)));
    }

    public static string Pem(params byte[][] ders) => Encoding.ASCII.GetString(Core.Pki.Pem.WriteCertificates(ders).Span);

    public Task<SourceContent> ReadAsync(BundleSource source) => Sources.ReadAsync(source, Cancel);

    public static IEnumerable<string> Names(SourceContent content) => content.Certificates.Select(each => each.Subject);

    /// <summary>As an issuance stores a CA: chain and root published, then one import.</summary>
    public async Task StoreAsync(string secretName, byte[] leaf, params byte[][] above)
    {
        var place = $"ca/{Namespace}/{secretName}/";
        await Objects.PutIfAbsentAsync(place + X509Facts.Read(leaf).X5t.ToLowerInvariant(), Core.Pki.Pem.WriteCertificates([leaf, .. above]), Cancel);
        if (above.Length > 0) { await Objects.PutIfAbsentAsync(place + "current", Core.Pki.Pem.WriteCertificates(above[^1..]), Cancel); }
        await ImportAsync(secretName, leaf);
    }

    public async Task ImportAsync(string secretName, byte[] leaf)
    {
        var password = Pfx.NewPassword();
        await Vault.ImportAsync(Places.CaSecret(Namespace, secretName), new CertificateImport(Pfx.Build(Key, [leaf], password), password, "ECDSA", 256, ValueMap.Empty.With("a", "b")), Cancel);
    }

    /// <summary>What the API answers.</summary>
    public async Task<(int Code, JsonNode Body)> SendAsync(string method, string? name, string? body = null, string ns = Namespace, string query = "", string type = "application/yaml")
    {
        var http = new DefaultHttpContext();
        (http.Request.Method, http.Request.QueryString) = (method, new QueryString("?" + query));
        if (body is not null)
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            (http.Request.Body, http.Request.ContentLength, http.Request.ContentType) = (new MemoryStream(bytes), bytes.Length, type);
        }

        var result = Assert.IsType<ContentHttpResult>(await ConfigMaps.AnswerAsync(http.Request, ns, name, Cancel));
        return (result.StatusCode!.Value, JsonNode.Parse(result.ResponseContent!)!);
    }

    public void Dispose() => Key.Dispose();

    private static CsrFacts Csr(string name, PrivateKey key) =>
        SigningRequests.TryRead(SigningRequests.Create(A.Certificate().Spec with { CommonName = name, DnsNames = null }, key), out _)!;

    private SigningTerms Terms(bool isCA) => new(isCA, null, TimeSpan.FromDays(3650), Time.GetUtcNow(), new RandomIds().NewSerialNumber(), null);
}
