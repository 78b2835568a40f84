using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace CertFunctions.Servers.Tests.Kill;

/// <summary>One namespace's life, from a wish without an issuer to everything deleted. Passes every kill point; each step waits for what it asked for.</summary>
internal sealed class Story(LocalApp app, string ns, bool isRsa, CancellationToken cancel)
{
    private readonly string _leaf = $"namespaces/{ns}/certificates/leaf";

    private readonly ConcurrentQueue<(string Point, Stopwatch Since)> _killed = new();

    /// <summary>Where the app was killed, and the time from then until the step at hand was done.</summary>
    public List<(string Point, TimeSpan Recovery)> Recovered { get; } = [];

    /// <summary>Private numbers of every key that was stored.</summary>
    public IReadOnlyList<byte[]> Private { get; private set; } = [];

    /// <summary>To be told by who kills the app, just before it does.</summary>
    public void Killing(string point) => _killed.Enqueue((point, Stopwatch.StartNew()));

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

    public async Task RunAsync()
    {
        await PutAsync(_leaf, Leaf("one.test"), found => found is not null);
        await StepAsync("the Certificate says which issuer is missing", async () =>
            LocalApp.ConditionOf(await app.GetAsync(_leaf, cancel), "Issuing")?.ToJsonString().Contains("not found", StringComparison.Ordinal) ?? false);

        await PutAsync($"namespaces/{ns}/certificates/ca", Ca("ca", "ca", "root"), found => found is not null);
        await PutAsync($"namespaces/{ns}/issuers/late", "{metadata: {name: late}, spec: {ca: {secretName: ca}}}", found => found is not null);
        await StepAsync("revision 1", () => HasRevisionAsync(1));

        await SoftDeleteAsync();
        await PutAsync(_leaf, Leaf("two.test"), found => found!["spec"]!.ToJsonString().Contains("two.test", StringComparison.Ordinal));
        await StepAsync("revision 2", () => HasRevisionAsync(2));

        await PutAsync(_leaf, Leaf("two.test", "blue"), found => found!["spec"]!.ToJsonString().Contains("blue", StringComparison.Ordinal));
        await WithVaultAsync("the new tag is on the vault object", HasNewTagAsync);

        await PostRequestAsync();
        await StepAsync("the user's own request is signed", async () => LocalApp.Condition(await app.GetAsync($"namespaces/{ns}/certificaterequests/own", cancel), "Ready") == "True");

        await WithVaultAsync("the vault holds what it should", CheckAsync);
        await DeleteAsync(_leaf);
        await DeleteAsync($"namespaces/{ns}/issuers/late");
    }

    private async Task<bool> HasRevisionAsync(int revision) =>
        await app.GetAsync(_leaf, cancel) is { } found && LocalApp.Condition(found, "Ready") == "True" && (int?)found["status"]!["revision"] == revision
        && LocalApp.Condition(found, "OutputsReady") == "True";

    /// <summary>As a person in the portal would, certificate object and an output; done when the deletions have taken effect, or the app has undone them already.</summary>
    private async Task SoftDeleteAsync()
    {
        var (leaf, output) = ($"{ns}--leaf-tls", $"{ns}--leaf-tls-tls-key");
        await WithVaultAsync("the vault objects are deleted", async vault =>
        {
            await IsThereAsync(() => vault.Certificates.StartDeleteCertificateAsync(leaf, cancel));
            await IsThereAsync(() => vault.Secrets.StartDeleteSecretAsync(output, cancel));
            return true;
        });
        await WithVaultAsync("the deletions have taken effect", async vault =>
            (await IsThereAsync(() => vault.Certificates.GetDeletedCertificateAsync(leaf, cancel)) || await IsThereAsync(() => vault.Certificates.GetCertificateAsync(leaf, cancel)))
            && (await IsThereAsync(() => vault.Secrets.GetDeletedSecretAsync(output, cancel)) || await IsThereAsync(() => vault.Secrets.GetSecretAsync(output, cancellationToken: cancel))));
    }

    private async Task<bool> HasNewTagAsync(VaultReader vault) =>
        (await vault.VersionsAsync($"{ns}--leaf-tls", cancel))[^1].Tags.TryGetValue("team", out var team) && team == "blue";

    /// <summary>One version a revision besides temporary ones, the newest is the last revision, its key fits, nothing else holds the key.</summary>
    private async Task<bool> CheckAsync(VaultReader vault)
    {
        var versions = await vault.VersionsAsync($"{ns}--leaf-tls", cancel);
        Assert.Equal(
            ["1", "2"],
            versions.Where(version => !version.Tags.ContainsKey("certfunctions.dev/temporary")).Select(version => version.Tags["cert-manager.io/certificate-revision"]));
        Assert.Equal("blue", versions[^1].Tags["team"]);

        var pairs = new List<StoredPair>();
        foreach (var version in versions) { pairs.Add(await vault.ReadAsync($"{ns}--leaf-tls", cancel, version.Version)); }
        Assert.All(pairs, pair => Assert.Equal(pair.Leaf.PublicKey.ExportSubjectPublicKeyInfo(), pair.PublicKey));

        var newest = await vault.ReadAsync($"{ns}--leaf-tls", cancel);
        Assert.Equal(versions[^1].X509Thumbprint, newest.Leaf.GetCertHash());

        using var output = ECDsaOrRsa(isRsa);
        output.ImportFromPem((await vault.Secrets.GetSecretAsync($"{ns}--leaf-tls-tls-key", cancellationToken: cancel)).Value.Value);
        Assert.Equal(newest.PublicKey, output.ExportSubjectPublicKeyInfo());

        Private = [.. pairs.SelectMany(pair => pair.Private)];
        return true;
    }

    /// <summary>Asks the vault until it says yes; the app, and the vault with it, may be away meanwhile.</summary>
    private Task WithVaultAsync(string what, Func<VaultReader, Task<bool>> isDone) => StepAsync(what, async () =>
    {
        using var vault = new VaultReader(app, app.DefaultVault);   // the status names none while the object is deleted
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
        await WriteAsync(() => app.PostAsync($"namespaces/{ns}/certificaterequests", body, cancel), $"namespaces/{ns}/certificaterequests/own", found => found is not null);
    }

    private Task PutAsync(string path, string yaml, Func<JsonNode?, bool> isWritten) => WriteAsync(() => app.PutAsync(path, yaml, cancel), path, isWritten);

    private async Task DeleteAsync(string path)
    {
        await WriteAsync(() => app.Http.DeleteAsync("apis/cert-manager.io/v1/" + path, cancel), path, found => found is null || found["metadata"]!["deletionTimestamp"] is not null);
        await StepAsync($"{path} is gone", async () =>
        {
            using var answer = await app.Http.GetAsync("apis/cert-manager.io/v1/" + path, cancel);
            return answer.StatusCode is HttpStatusCode.NotFound;
        });
    }

    /// <summary>Writes once; a write whose answer was lost, or said busy, is repeated only if nothing of it was stored: what was stored must go on by itself.</summary>
    private async Task WriteAsync(Func<Task<HttpResponseMessage>> send, string path, Func<JsonNode?, bool> isWritten)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                using var answer = await send();
                if (tries < 10 && answer.StatusCode is (HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)) { answer.EnsureSuccessStatusCode(); }
                Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancel));
                return;
            }
            catch (Exception lost) when (lost is HttpRequestException or IOException || (lost is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                var stored = false;
                await app.EventuallyAsync(async () =>
                {
                    (await app.Http.GetAsync("healthz", cancel)).EnsureSuccessStatusCode();
                    stored = isWritten(await app.GetAsync(path, cancel));
                    return true;
                }, "the app answers again", cancel);
                if (stored) { return; }
            }
        }
    }

    private async Task StepAsync(string what, Func<Task<bool>> isDone)
    {
        await app.EventuallyAsync(isDone, $"{ns}: {what}", cancel);
        NoteRecovery();
    }

    /// <summary>What was under way is done: with each step, and once after the last one, for who was killed behind it.</summary>
    public void NoteRecovery()
    {
        while (_killed.TryDequeue(out var killed)) { Recovered.Add((killed.Point, killed.Since.Elapsed)); }
    }

    private string Leaf(string dnsName, string team = "red") =>
        $"{{metadata: {{name: leaf, annotations: {{cert-manager.io/issue-temporary-certificate: \"true\", certfunctions.dev/pem-secrets: \"true\"}}}}, spec: {{secretTemplate: {{labels: {{team: {team}}}}}, secretName: leaf-tls, dnsNames: [{dnsName}], issuerRef: {{name: late}}, privateKey: {(isRsa ? "{algorithm: RSA, size: 2048}" : "{algorithm: ECDSA, size: 256}")}}}}}";

    private static AsymmetricAlgorithm ECDsaOrRsa(bool isRsa) => isRsa ? RSA.Create() : ECDsa.Create();

    private static string Ca(string name, string secretName, string issuer) =>
        $"{{metadata: {{name: {name}}}, spec: {{secretName: {secretName}, isCA: true, commonName: {name}, issuerRef: {{kind: ClusterIssuer, name: {issuer}}}, privateKey: {{algorithm: ECDSA, size: 256}}}}}}";
}
