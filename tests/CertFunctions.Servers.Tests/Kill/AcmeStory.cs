using System.Text;
using CertFunctions.AwkwardCa;

namespace CertFunctions.Servers.Tests.Kill;

/// <summary>One ACME certificate's life: a new account, two names proved by HTTP and by DNS, a refusal, a revocation, and everything deleted.</summary>
/// <param name="solver">How the wildcard is proved.</param>
internal sealed class AcmeStory(LocalApp app, AwkwardCaServer ca, string name, string solver, CancellationToken cancel) : KillStory(app, name, cancel)
{
    /// <summary>Proved by HTTP.</summary>
    public string Host => $"{Name}.web.test";

    private string Leaf => $"namespaces/{Name}/certificates/leaf";

    public override async Task RunAsync()
    {
        var bundle = Convert.ToBase64String(Encoding.ASCII.GetBytes(ca.ApiCaPem));
        await PutAsync($"clusterissuers/{Name}", $"{{metadata: {{name: {Name}}}, spec: {{acme: {{server: \"{ca.Directory}\", caBundle: {bundle}, privateKeySecretRef: {{name: {Name}-account}}, "
            + $"solvers: [{{http01: {{ingress: {{}}}}}}, {{selector: {{dnsZones: [example.test]}}, {solver}}}]}}}}}}", found => found is not null);
        await StepAsync("the account is registered", async () => LocalApp.Condition(await App.GetAsync($"clusterissuers/{Name}", Cancel), "Ready") == "True");

        await PutAsync(Leaf, Certificate("leaf", $"{Host}, \"*.{Name}.example.test\""), found => found is not null);
        await StepAsync("revision 1", () => HasRevisionAsync(1));

        await PutAsync($"namespaces/{Name}/certificates/refused", Certificate("refused", $"{Name}.refused.test"), found => found is not null);
        await StepAsync("the refusal shows", async () => LocalApp.ConditionOf(await App.GetAsync($"namespaces/{Name}/certificates/refused", Cancel), "Issuing")?["reason"]?.ToString() == "rejectedIdentifier");

        await WriteAsync(() => App.Http.PostAsync($"apis/cert-manager.io/v1/{Leaf}/revoke", content: null, Cancel), Leaf, found => found?["status"]?["revocation"] is not null);
        await StepAsync("revision 2", () => HasRevisionAsync(2));
        await StepAsync("the first one is revoked", async () => (await App.GetAsync(Leaf, Cancel))?["status"]?["revocation"]?["revokedAt"] is not null);

        await DeleteAsync(Leaf);
        await DeleteAsync($"namespaces/{Name}/certificates/refused");
        await DeleteAsync($"clusterissuers/{Name}");
    }

    private async Task<bool> HasRevisionAsync(int revision) =>
        await App.GetAsync(Leaf, Cancel) is { } found && LocalApp.Condition(found, "Ready") == "True" && (int?)found["status"]!["revision"] == revision;

    private string Certificate(string certificate, string names) =>
        $"{{metadata: {{name: {certificate}}}, spec: {{secretName: {certificate}-tls, dnsNames: [{names}], issuerRef: {{kind: ClusterIssuer, name: {Name}}}, privateKey: {{algorithm: ECDSA, size: 256}}}}}}";
}
