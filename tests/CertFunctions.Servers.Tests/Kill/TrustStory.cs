using System.Net;
using System.Text;

namespace CertFunctions.Servers.Tests.Kill;

/// <summary>A CA, a leaf and a Bundle, from the wish over a rotation to their end. What is served and what is published fit together at every stage.</summary>
internal sealed class TrustStory(LocalApp app, string name, CancellationToken cancel) : KillStory(app, name, cancel)
{
    private string IssuerPath => $"clusterissuers/{Name}";

    private string LeafPath => $"namespaces/default/certificates/{Name}";

    private string CaPath => $"namespaces/cert-manager/certificates/{Name}";

    private string BundlePath => $"apis/certfunctions.dev/v1alpha1/bundles/{Name}";

    public override async Task RunAsync()
    {
        await PutAsync(CaPath, $"{{metadata: {{name: {Name}}}, spec: {{secretName: {Name}, isCA: true, commonName: {Name}, issuerRef: {{kind: ClusterIssuer, name: selfsigned}}, privateKey: {{algorithm: ECDSA, size: 256}}}}}}", found => found is not null);
        await PutAsync(IssuerPath, $"{{metadata: {{name: {Name}}}, spec: {{ca: {{secretName: {Name}}}}}}}", found => found is not null);
        await PutBundleAsync("""{"jks": {"key": "a.jks"}}""");
        await PutAsync(LeafPath, $"{{metadata: {{name: {Name}}}, spec: {{secretName: {Name}-tls, dnsNames: [{Name}.test], issuerRef: {{kind: ClusterIssuer, name: {Name}}}, privateKey: {{algorithm: ECDSA, size: 256}}}}}}", found => found is not null);
        await StepAsync("the leaf is Ready and the bundle published", async () => LocalApp.Condition(await App.GetAsync(LeafPath, Cancel), "Ready") == "True" && await CountAsync() == 1);
        await PutBundleAsync("{}");   // withdraws the other file
        var before = await LeafAsync();

        await WriteAsync(() => App.Http.PostAsync($"apis/cert-manager.io/v1/{IssuerPath}/rotate", Json("""{"quick": "true"}"""), Cancel), IssuerPath, found => found?["status"]?["rotation"] is not null || found?["status"]?["retiring"] is not null);
        await StepAsync("the bundle holds both", async () => await CountAsync() == 2);
        var both = await BundleAsync();
        await StepAsync("the leaf is re-issued", async () => await App.GetAsync(LeafPath, Cancel) is { } leaf && LocalApp.Condition(leaf, "Ready") == "True" && (int?)leaf["status"]!["revision"] == 2);
        var after = await LeafAsync();
        foreach (var leaf in (StoredPair[])[before, after]) { await Verify.AcceptsAsync(leaf, both, Cancel); }

        await StepAsync("the old CA is gone", async () => await CountAsync() == 1 && (await App.GetAsync(IssuerPath, Cancel))!["status"]!["retiring"] is null);
        await Verify.AcceptsAsync(after, await BundleAsync(), Cancel);
        await EndAsync();
    }

    private async Task EndAsync()
    {
        await DeleteAsync(LeafPath);
        await StepAsync("the Bundle is being deleted", async () => (await App.Http.DeleteAsync(BundlePath, Cancel)).StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound);
        await StepAsync("the Bundle and its files are gone", async () =>
            (await App.Http.GetAsync(BundlePath, Cancel)).StatusCode == HttpStatusCode.NotFound && (await App.Http.GetAsync($"ca-bundles/{Name}/ca-bundle.pem", Cancel)).StatusCode == HttpStatusCode.NotFound);
        await DeleteAsync(IssuerPath);
        await DeleteAsync(CaPath);
    }

    private Task PutBundleAsync(string formats) => StepAsync("the Bundle is accepted", async () =>
    {
        var bundle = $$$"""{"metadata": {"name": "{{{Name}}}"}, "spec": {"sources": [{"issuer": {"name": "{{{Name}}}"}}], "target": {"configMap": {"key": "ca.pem"}, "additionalFormats": {{{formats}}} } } }""";
        using var answer = await App.Http.PutAsync(BundlePath, Json(bundle), Cancel);
        return answer.IsSuccessStatusCode;
    });

    private async Task<int> CountAsync() => (await BundleAsync()).Split("-----BEGIN CERTIFICATE-----").Length - 1;

    private async Task<string> BundleAsync()
    {
        using var answer = await App.Http.GetAsync($"ca-bundles/{Name}/ca-bundle.pem", Cancel);
        return answer.StatusCode == HttpStatusCode.NotFound ? "" : await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancel);
    }

    private async Task<StoredPair> LeafAsync()
    {
        StoredPair? pair = null;
        await StepAsync("the vault answers", async () =>
        {
            using var vault = new VaultReader(App, App.DefaultVault);
            pair = await vault.ReadAsync($"default--{Name}-tls", Cancel);
            return true;
        });
        return pair!;
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
