using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CertFunctions.Servers.Tests;

/// <summary>A user with a key of their own: the CSR goes in, the certificate comes out of the status.</summary>
public sealed class UserCsrTests
{
    private const string Path = "namespaces/default/certificaterequests/mine";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_Ed25519_CSR_is_signed_and_the_request_says_what_is_not_as_asked()
    {
        using var app = await StartAsync();

        using var answer = await app.PutAsync(Path, Request(await CsrAsync("ed25519", "subjectAltName=DNS:mine.test", "tlsfeature=status_request")), Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        await app.ReadyAsync(Path, Cancel);

        var request = await app.GetAsync(Path, Cancel);
        var pem = Encoding.ASCII.GetString(Convert.FromBase64String((string)request!["status"]!["certificate"]!));
        using var leaf = X509Certificate2.CreateFromPem(pem);
        Assert.Equal("1.3.101.112", leaf.PublicKey.Oid.Value);
        Assert.Equal(1, await Verify.JavaReadsAsync(pem));
        Assert.Contains("http://pki.test/root.crl", Encoding.Latin1.GetString(leaf.Extensions["2.5.29.31"]!.RawData), StringComparison.Ordinal);
        Assert.Equal("True", LocalApp.Condition(request, "NotAfterShortened"));
        Assert.Equal("True", LocalApp.Condition(request, "ExtensionsIgnored"));
    }

    [Fact]
    public async Task A_bad_request_is_answered_with_every_fault_and_changes_nothing()
    {
        using var app = await StartAsync();

        using var answer = await app.PutAsync(Path, Request(await CsrAsync("RSA", "subjectAltName=RID:1.2.3.4"), "duration: 1m, usages: [tea]"), Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(422, (int)answer.StatusCode);
        Assert.All(["spec.duration", "spec.usages[0]", "spec.request"], field => Assert.Contains($"\"field\":\"{field}\"", text, StringComparison.Ordinal));
        Assert.All(["not 1024", "RegisteredId"], part => Assert.Contains(part, text, StringComparison.Ordinal));
        Assert.Null(await app.GetAsync(Path, Cancel));
    }

    [Fact]
    public async Task An_issuer_of_another_type_is_refused_by_its_name()
    {
        using var app = new LocalApp();
        await app.StartAsync(Cancel);

        using var answer = await app.PutAsync("clusterissuers/le", "{metadata: {name: le}, spec: {vault: {server: 'https://vault.test', path: pki/sign/role, auth: {tokenSecretRef: {name: k}}}}}", Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);

        Assert.False(answer.IsSuccessStatusCode);
        Assert.Equal(1, text.Split("\"field\":").Length - 1);
        Assert.Contains("Vault issuers are not served yet", text, StringComparison.Ordinal);
    }

    private static async Task<LocalApp> StartAsync()
    {
        var app = new LocalApp();
        await app.StartAsync(Cancel);
        await app.PutAsync("clusterissuers/selfsigned", "{metadata: {name: selfsigned}, spec: {selfSigned: {}}}", Cancel);
        await app.PutAsync("namespaces/cert-manager/certificates/root", "{metadata: {name: root}, spec: {secretName: root, isCA: true, commonName: Root, duration: 2h, renewBefore: 5m, issuerRef: {kind: ClusterIssuer, name: selfsigned}, privateKey: {algorithm: ECDSA}}}", Cancel);
        await app.PutAsync("clusterissuers/root", "{metadata: {name: root}, spec: {ca: {secretName: root, crlDistributionPoints: ['http://pki.test/root.crl']}}}", Cancel);
        return app;
    }

    private static string Request(byte[] csr, string more = "duration: 24h") =>
        $"{{metadata: {{name: mine}}, spec: {{request: {Convert.ToBase64String(csr)}, issuerRef: {{kind: ClusterIssuer, name: root}}, {more}}}}}";

    private static async Task<byte[]> CsrAsync(string algorithm, params string[] extensions)
    {
        var folder = Directory.CreateTempSubdirectory("certfunctions-csr-").FullName;
        string[] bits = algorithm == "RSA" ? ["-pkeyopt", "rsa_keygen_bits:1024"] : [];
        await OpenSslAsync(folder, ["genpkey", "-algorithm", algorithm, .. bits, "-out", "key.pem"]);
        await OpenSslAsync(folder, ["req", "-new", "-key", "key.pem", "-subj", "/CN=mine", .. extensions.SelectMany(each => (string[])["-addext", each]), "-out", "csr.pem"]);
        var csr = await File.ReadAllBytesAsync(System.IO.Path.Combine(folder, "csr.pem"), Cancel);
        Directory.Delete(folder, recursive: true);
        return csr;
    }

    private static async Task OpenSslAsync(string folder, string[] arguments)
    {
        using var openssl = Process.Start(new ProcessStartInfo("openssl", arguments) { WorkingDirectory = folder, RedirectStandardError = true, UseShellExecute = false })!;
        var said = await openssl.StandardError.ReadToEndAsync(Cancel);
        await openssl.WaitForExitAsync(Cancel);
        Assert.True(openssl.ExitCode == 0, said);
    }
}
