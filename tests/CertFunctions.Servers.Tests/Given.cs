using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Security.KeyVault.Certificates;

namespace CertFunctions.Servers.Tests;

/// <summary>Where most stories of one Certificate start: an app with a root of its own, and the usual wish.</summary>
internal static class Given
{
    public const string Leaf = "namespaces/default/certificates/web";

    /// <summary>The vault object of <see cref="Leaf"/>.</summary>
    public const string Object = "default--web-tls";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="root">More members of the root's spec, each after a comma.</param>
    public static async Task<LocalApp> RootAsync(IReadOnlyDictionary<string, string>? settings = null, string root = "")
    {
        var app = new LocalApp(settings: settings);
        await app.StartAsync(Cancel);
        await ApplyAsync(app, "clusterissuers/selfsigned", "{metadata: {name: selfsigned}, spec: {selfSigned: {}}}");
        await CaAsync(app, "root", "selfsigned", root);
        return app;
    }

    /// <summary>A CA Certificate and the issuer that signs with it, of one name.</summary>
    public static async Task CaAsync(LocalApp app, string name, string issuer, string more = "", string key = "{algorithm: ECDSA, size: 256}")
    {
        var ca = $"{{metadata: {{name: {name}}}, spec: {{secretName: {name}, isCA: true, commonName: {name}, issuerRef: {{kind: ClusterIssuer, name: {issuer}}}, privateKey: {key}{more}}}}}";
        await ApplyAsync(app, $"namespaces/cert-manager/certificates/{name}", ca);
        await ApplyAsync(app, $"clusterissuers/{name}", $"{{metadata: {{name: {name}}}, spec: {{ca: {{secretName: {name}}}}}}}");
        await app.ReadyAsync($"clusterissuers/{name}", Cancel);
    }

    /// <param name="spec">More members, each after a comma.</param>
    /// <param name="metadata">The same.</param>
    public static string Wish(string spec = "", string metadata = "", string issuer = "root", string name = "web", string key = "{algorithm: ECDSA, size: 256}") =>
        $"{{metadata: {{name: {name}{metadata}}}, spec: {{secretName: {name}-tls, dnsNames: [{name}.test], issuerRef: {{kind: ClusterIssuer, name: {issuer}}}, privateKey: {key}{spec}}}}}";

    public static async Task ApplyAsync(LocalApp app, string path, string yaml)
    {
        using var answer = await app.PutAsync(path, yaml, Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    /// <summary>Asks for a renewal, as a person does.</summary>
    public static async Task RenewAsync(LocalApp app)
    {
        using var answer = await app.Http.PostAsync($"apis/cert-manager.io/v1/{Leaf}/renew", content: null, Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    /// <summary>A run has ended that saw the wish as it stands, and found or made what it asks for.</summary>
    public static Task SettledAsync(LocalApp app, string path = Leaf) => app.EventuallyAsync(
        async () => await app.GetAsync(path, Cancel) is { } found && LocalApp.ConditionOf(found, "Ready") is { } ready
            && (string?)ready["status"] == "True" && (long?)ready["observedGeneration"] == (long?)found["metadata"]!["generation"],
        $"{path} is as it was last asked for", Cancel);

    public static Task ReasonAsync(LocalApp app, string reason, string path = Leaf) => app.EventuallyAsync(
        async () => (string?)LocalApp.ConditionOf(await app.GetAsync(path, Cancel), "Ready")?["reason"] == reason, $"{path} says {reason}", Cancel);

    /// <summary>Deletes and purges what the app may bring back in between; the SDK would wait for the deletion for ever then.</summary>
    public static Task PurgeAsync(LocalApp app, Func<Task> delete, Func<Task> purge) => app.EventuallyAsync(
        async () =>
        {
            foreach (var step in (Func<Task>[])[delete, purge])
            {
                try { await step(); }
                catch (Azure.RequestFailedException notNow) when (notNow.Status is 404 or 409) { if (step == purge) { return false; } }
            }

            return true;
        },
        "it is purged", Cancel);

    /// <summary>Somebody imports a certificate of their own; the answer is its version.</summary>
    public static async Task<string> ForeignAsync(VaultReader vault, string name, IDictionary<string, string>? tags = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var x509 = new CertificateRequest("CN=foreign", key, HashAlgorithmName.SHA256).CreateSelfSigned(now, now.AddDays(1));
        var policy = new CertificatePolicy(WellKnownIssuerNames.Unknown, "CN=foreign")
        {
            ContentType = CertificateContentType.Pkcs12, KeyType = CertificateKeyType.Ec, KeyCurveName = CertificateKeyCurveName.P256, KeyUsage = { CertificateKeyUsage.DigitalSignature },
        };
        var import = new ImportCertificateOptions(name, x509.Export(X509ContentType.Pfx)) { Policy = policy };
        foreach (var (tag, value) in tags ?? new Dictionary<string, string>()) { import.Tags[tag] = value; }
        return (await vault.Certificates.ImportCertificateAsync(import, Cancel)).Value.Properties.Version;
    }
}
