using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace CertFunctions.Servers.Tests.Kill;

/// <summary>One namespace's life, from a wish without an issuer to everything deleted. Passes every kill point; each step waits for what it asked for.</summary>
internal sealed class Story(LocalApp app, string ns, bool isRsa, CancellationToken cancel) : KillStory(app, ns, cancel)
{
    private string LeafPath => $"namespaces/{Name}/certificates/leaf";

    /// <summary>Private numbers of every key that was stored.</summary>
    public IReadOnlyList<byte[]> Private { get; private set; } = [];

    /// <summary>What all stories share: a root and the ClusterIssuer that signs with it.</summary>
    public static async Task SetUpAsync(LocalApp app, CancellationToken cancel)
    {
        await DeclareAsync("clusterissuers/selfsigned", "{metadata: {name: selfsigned}, spec: {selfSigned: {}}}");
        await DeclareAsync("namespaces/cert-manager/certificates/root", Ca("root", "root-ca", "selfsigned"));
        await DeclareAsync("clusterissuers/root", "{metadata: {name: root}, spec: {ca: {secretName: root-ca}}}");
        await app.ReadyAsync("clusterissuers/root", cancel);

        Task DeclareAsync(string path, string yaml) => app.EventuallyAsync(async () =>
        {
            using var answer = await app.PutAsync(path, yaml, cancel);
            return answer.IsSuccessStatusCode;
        }, $"{path} is accepted", cancel);
    }

    public override async Task RunAsync()
    {
        await PutAsync(LeafPath, Leaf("one.test"), found => found is not null);
        await StepAsync("the Certificate says which issuer is missing", async () =>
            LocalApp.ConditionOf(await App.GetAsync(LeafPath, Cancel), "Issuing")?.ToJsonString().Contains("not found", StringComparison.Ordinal) ?? false);

        await PutAsync($"namespaces/{Name}/certificates/ca", Ca("ca", "ca", "root"), found => found is not null);
        await PutAsync($"namespaces/{Name}/issuers/late", "{metadata: {name: late}, spec: {ca: {secretName: ca}}}", found => found is not null);
        await StepAsync("revision 1", () => HasRevisionAsync(1));

        await SoftDeleteAsync();
        await PutAsync(LeafPath, Leaf("two.test"), found => found!["spec"]!.ToJsonString().Contains("two.test", StringComparison.Ordinal));
        await StepAsync("revision 2", () => HasRevisionAsync(2));

        await PutAsync(LeafPath, Leaf("two.test", "blue"), found => found!["spec"]!.ToJsonString().Contains("blue", StringComparison.Ordinal));
        await WithVaultAsync("the new tag is on the vault object", HasNewTagAsync);

        await PostRequestAsync();
        await StepAsync("the user's own request is signed", async () => LocalApp.Condition(await App.GetAsync($"namespaces/{Name}/certificaterequests/own", Cancel), "Ready") == "True");

        await WithVaultAsync("the vault holds what it should", CheckAsync);
        await DeleteAsync(LeafPath);
        await DeleteAsync($"namespaces/{Name}/issuers/late");
    }

    private async Task<bool> HasRevisionAsync(int revision) =>
        await App.GetAsync(LeafPath, Cancel) is { } found && LocalApp.Condition(found, "Ready") == "True" && (int?)found["status"]!["revision"] == revision
        && LocalApp.Condition(found, "OutputsReady") == "True";

    /// <summary>As a person in the portal would, certificate object and an output; done when the deletions have taken effect, or the App has undone them already.</summary>
    private async Task SoftDeleteAsync()
    {
        var (leaf, output) = ($"{Name}--leaf-tls", $"{Name}--leaf-tls-tls-key");
        await WithVaultAsync("the vault objects are deleted", async vault =>
        {
            await IsThereAsync(() => vault.Certificates.StartDeleteCertificateAsync(leaf, Cancel));
            await IsThereAsync(() => vault.Secrets.StartDeleteSecretAsync(output, Cancel));
            return true;
        });
        await WithVaultAsync("the deletions have taken effect", async vault =>
            (await IsThereAsync(() => vault.Certificates.GetDeletedCertificateAsync(leaf, Cancel)) || await IsThereAsync(() => vault.Certificates.GetCertificateAsync(leaf, Cancel)))
            && (await IsThereAsync(() => vault.Secrets.GetDeletedSecretAsync(output, Cancel)) || await IsThereAsync(() => vault.Secrets.GetSecretAsync(output, cancellationToken: Cancel))));
    }

    private async Task<bool> HasNewTagAsync(VaultReader vault) =>
        (await vault.VersionsAsync($"{Name}--leaf-tls", Cancel))[^1].Tags.TryGetValue("team", out var team) && team == "blue";

    /// <summary>One version a revision besides temporary ones, the newest is the last revision, its key fits, nothing else holds the key.</summary>
    private async Task<bool> CheckAsync(VaultReader vault)
    {
        var versions = await vault.VersionsAsync($"{Name}--leaf-tls", Cancel);
        Assert.Equal(
            ["1", "2"],
            versions.Where(version => !version.Tags.ContainsKey("certfunctions.dev/temporary")).Select(version => version.Tags["cert-manager.io/certificate-revision"]));
        Assert.Equal("blue", versions[^1].Tags["team"]);

        var pairs = new List<StoredPair>();
        foreach (var version in versions) { pairs.Add(await vault.ReadAsync($"{Name}--leaf-tls", Cancel, version.Version)); }
        Assert.All(pairs, pair => Assert.Equal(pair.Leaf.PublicKey.ExportSubjectPublicKeyInfo(), pair.PublicKey));

        var newest = await vault.ReadAsync($"{Name}--leaf-tls", Cancel);
        Assert.Equal(versions[^1].X509Thumbprint, newest.Leaf.GetCertHash());

        using var output = ECDsaOrRsa(isRsa);
        output.ImportFromPem((await vault.Secrets.GetSecretAsync($"{Name}--leaf-tls-tls-key", cancellationToken: Cancel)).Value.Value);
        Assert.Equal(newest.PublicKey, output.ExportSubjectPublicKeyInfo());

        Private = [.. pairs.SelectMany(pair => pair.Private)];
        return true;
    }

    /// <summary>Asks the vault until it says yes; the App, and the vault with it, may be away meanwhile.</summary>
    private Task WithVaultAsync(string what, Func<VaultReader, Task<bool>> isDone) => StepAsync(what, async () =>
    {
        using var vault = new VaultReader(App, App.DefaultVault);   // the status names none while the object is deleted
        return await isDone(vault);
    });

    /// <summary>False when the vault has no such object (any more), or it is on its way.</summary>
    private static async Task<bool> IsThereAsync<T>(Func<Task<T>> ask)
    {
        try { await ask(); return true; }
        catch (Azure.RequestFailedException refused) when (refused.Status is 404 or 409) { return false; }
    }

    private async Task PostRequestAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var csr = Convert.ToBase64String(Encoding.ASCII.GetBytes(new CertificateRequest("CN=own", key, HashAlgorithmName.SHA256).CreateSigningRequestPem()));
        var body = $"{{metadata: {{name: own}}, spec: {{request: {csr}, issuerRef: {{kind: ClusterIssuer, name: root}}}}}}";
        await WriteAsync(() => App.PostAsync($"namespaces/{Name}/certificaterequests", body, Cancel), $"namespaces/{Name}/certificaterequests/own", found => found is not null);
    }

    private string Leaf(string dnsName, string team = "red") =>
        $"{{metadata: {{name: leaf, annotations: {{cert-manager.io/issue-temporary-certificate: \"true\", certfunctions.dev/pem-secrets: \"true\"}}}}, spec: {{secretTemplate: {{labels: {{team: {team}}}}}, secretName: leaf-tls, dnsNames: [{dnsName}], issuerRef: {{name: late}}, privateKey: {(isRsa ? "{algorithm: RSA, size: 2048}" : "{algorithm: ECDSA, size: 256}")}}}}}";

    private static AsymmetricAlgorithm ECDsaOrRsa(bool isRsa) => isRsa ? RSA.Create() : ECDsa.Create();

    private static string Ca(string name, string secretName, string issuer) =>
        $"{{metadata: {{name: {name}}}, spec: {{secretName: {secretName}, isCA: true, commonName: {name}, issuerRef: {{kind: ClusterIssuer, name: {issuer}}}, privateKey: {{algorithm: ECDSA, size: 256}}}}}}";
}
