using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure;

namespace CertFunctions.Servers.Tests;

/// <summary>Keystores, formats and PEM secrets beside the certificate object: read with Azure's SDK, opened by the programs they are for.</summary>
public sealed class OutputsEndToEndTests
{
    private const string JksPassword = "from-a-secret";
    private const string P12Password = "from-the-spec";
    private const string Asked = "additionalOutputFormats: [{type: CombinedPEM}, {type: DER}]";
    private const string Jks = "jks: {create: true, alias: web, passwordSecretRef: {name: keystore, key: password}}";
    private const string P12 = $"pkcs12: {{create: true, profile: Modern2023, password: {P12Password}}}";
    private const string Pem = ", annotations: {certfunctions.dev/pem-secrets: \"true\"}";
    private const string Everything = $", {Asked}, keystores: {{{Jks}, {P12}}}";

    private static readonly string[] All = ["tls-crt", "tls-key", "ca-crt", "tls-combined-pem", "key-der", "keystore-jks", "truststore-jks", "keystore-p12", "truststore-p12"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_output_opens_with_its_program_and_follows_the_pair_to_the_next_revision()
    {
        using var app = await StartAsync();
        using var vault = await VaultReader.OfAsync(app, Given.Leaf, Cancel);
        var first = await vault.ReadAsync(Given.Object, Cancel);
        await FitAsync(app, vault, first);
        Assert.Equal("blue", (await vault.VersionsAsync(Given.Object, Cancel))[0].Tags["team"]);

        await Given.RenewAsync(app);
        await app.RevisionAsync(Given.Leaf, 2, Cancel);

        var second = await vault.ReadAsync(Given.Object, Cancel);
        Assert.NotEqual(first.PublicKey, second.PublicKey);
        await FitAsync(app, vault, second);
        await app.KillAsync(Cancel);   // its files are its own while it runs
        byte[][] secrets = [.. first.Private, .. second.Private, System.Text.Encoding.ASCII.GetBytes(JksPassword)];
        Assert.All(secrets, each => Assert.Empty(SecretSearch.Find(each, app.Data, app.Output + app.Answers)));
    }

    [Fact]
    public async Task One_turned_off_is_disabled_and_the_others_stay()
    {
        using var app = await StartAsync();
        using var vault = await VaultReader.OfAsync(app, Given.Leaf, Cancel);

        await Given.ApplyAsync(app, Given.Leaf, Given.Wish($", additionalOutputFormats: [{{type: CombinedPEM}}], keystores: {{{P12}}}", Pem));
        await Given.SettledAsync(app);

        string[] off = ["key-der", "keystore-jks", "truststore-jks"];
        Assert.All(off, each => Assert.DoesNotContain(Versions(vault, each), version => version.Enabled is not false));
        Assert.All(All.Except(off), each => Assert.Contains(Versions(vault, each), version => version.Enabled is true));
        Assert.Equal(All.Length - off.Length, (await app.GetAsync(Given.Leaf, Cancel))!["status"]!["outputs"]!.AsArray().Count);
        Assert.Single(await vault.VersionsAsync(Given.Object, Cancel));
    }

    [Fact]
    public async Task One_that_was_deleted_or_purged_is_there_again_after_the_next_run()
    {
        using var app = await StartAsync();
        using var vault = await VaultReader.OfAsync(app, Given.Leaf, Cancel);
        await Given.PurgeAsync(
            app, () => vault.Secrets.StartDeleteSecretAsync($"{Given.Object}-tls-crt", Cancel), () => vault.Secrets.PurgeDeletedSecretAsync($"{Given.Object}-tls-crt", Cancel));
        await vault.Secrets.StartDeleteSecretAsync($"{Given.Object}-tls-key", Cancel);

        await Given.ApplyAsync(app, Given.Leaf, Given.Wish(Everything, Pem + ", labels: {touched: \"yes\"}"));

        await app.EventuallyAsync(async () => await IsThereAsync(vault, "tls-key") && await IsThereAsync(vault, "tls-crt"), "both are there", Cancel);
        await FitAsync(app, vault, await vault.ReadAsync(Given.Object, Cancel));
        Assert.Single(await vault.VersionsAsync(Given.Object, Cancel));
    }

    [Fact]
    public async Task A_change_of_what_is_no_part_of_the_certificate_issues_nothing_and_writes_no_output_anew()
    {
        using var app = await StartAsync();
        using var vault = await VaultReader.OfAsync(app, Given.Leaf, Cancel);
        var x5t = (await vault.ReadAsync(Given.Object, Cancel)).Leaf.Thumbprint;

        string[] changes = ["", ", renewBefore: 100h", ", renewBefore: 100h, secretTemplate: {labels: {team: red}}", ", renewBefore: 100h, secretTemplate: {labels: {team: red}}, revisionHistoryLimit: 3"];
        foreach (var change in changes)
        {
            await Given.ApplyAsync(app, Given.Leaf, Given.Wish(Everything + change, Pem + ", labels: {team: red}"));
            await Given.SettledAsync(app);
        }

        var version = Assert.Single(await vault.VersionsAsync(Given.Object, Cancel));
        Assert.Equal(("red", x5t), (version.Tags["team"], (await vault.ReadAsync(Given.Object, Cancel)).Leaf.Thumbprint));
        Assert.Null(await app.GetAsync("namespaces/default/certificaterequests/web-2", Cancel));

        // A password in the spec is never hashed, so those two follow every change of it (ADR 0012).
        Assert.All(All.Where(each => !each.EndsWith("p12", StringComparison.Ordinal)), each => Assert.Single(Versions(vault, each)));
    }

    private static async Task<LocalApp> StartAsync()
    {
        var app = await Given.RootAsync();
        using var system = new VaultReader(app, app.SystemVault);
        await system.Secrets.SetSecretAsync("default--keystore", $"{{\"password\": \"{JksPassword}\"}}", Cancel);
        await Given.ApplyAsync(app, Given.Leaf, Given.Wish(Everything + ", secretTemplate: {labels: {team: blue}, annotations: {example.com/contact: me}}", Pem));
        await app.RevisionAsync(Given.Leaf, 1, Cancel);
        Assert.Equal("True", LocalApp.Condition(await app.GetAsync(Given.Leaf, Cancel), "OutputsReady"));
        return app;
    }

    private static async Task FitAsync(LocalApp app, VaultReader vault, StoredPair pair)
    {
        using var tool = new Tool();
        Task<string> TextAsync(string output) => Text(vault, output);
        async Task FileAsync(string output) => tool.Write(output, Convert.FromBase64String(await TextAsync(output)));
        foreach (var binary in All[4..]) { await FileAsync(binary); }

        var ca = await TextAsync("ca-crt");
        Assert.Equal(await app.Http.GetStringAsync("ca/default/web-tls/ca.crt", Cancel), ca);
        Fits(pair, await TextAsync("tls-crt"), await TextAsync("tls-key"));
        Fits(pair, await TextAsync("tls-combined-pem"), await TextAsync("tls-combined-pem"));
        using var der = ECDsa.Create();
        der.ImportECPrivateKey(tool.Read("key-der"), out _);
        Assert.Equal(pair.PublicKey, der.ExportSubjectPublicKeyInfo());

        await tool.RunAsync(
            "keytool", "-importkeystore", "-noprompt", "-srckeystore", "keystore-jks", "-srcstoretype", "JKS", "-srcstorepass", JksPassword, "-srcalias", "web",
            "-destkeystore", "copy", "-deststoretype", "PKCS12", "-deststorepass", JksPassword, "-destkeypass", JksPassword);
        foreach (var (file, password) in ((string, string)[])[("copy", JksPassword), ("keystore-p12", P12Password)])
        {
            var pem = await tool.RunAsync("openssl", "pkcs12", "-in", file, "-passin", $"pass:{password}", "-nodes", "-clcerts");
            Fits(pair, pem, pem);
        }

        using var trusted = X509Certificate2.CreateFromPem(ca);
        var fingerprint = string.Join(':', Convert.ToHexString(trusted.GetCertHash(HashAlgorithmName.SHA256)).Chunk(2).Select(each => new string(each)));
        foreach (var (file, password) in ((string, string)[])[("truststore-jks", JksPassword), ("truststore-p12", P12Password)])
        {
            var list = await tool.RunAsync("keytool", "-list", "-keystore", file, "-storepass", password);
            Assert.Contains("trustedCertEntry", list, StringComparison.Ordinal);
            Assert.Contains(fingerprint, list, StringComparison.Ordinal);
        }
    }

    /// <summary>.NET refuses a key that is not the certificate's.</summary>
    private static void Fits(StoredPair pair, string certificate, string key)
    {
        using var x509 = X509Certificate2.CreateFromPem(certificate, key);
        Assert.Equal(pair.Leaf.Thumbprint, x509.Thumbprint);
    }

    private static async Task<string> Text(VaultReader vault, string output) => (await vault.Secrets.GetSecretAsync($"{Given.Object}-{output}", cancellationToken: Cancel)).Value.Value;

    private static List<Azure.Security.KeyVault.Secrets.SecretProperties> Versions(VaultReader vault, string output) =>
        vault.Secrets.GetPropertiesOfSecretVersionsAsync($"{Given.Object}-{output}", Cancel).ToBlockingEnumerable(Cancel).ToList();

    private static async Task<bool> IsThereAsync(VaultReader vault, string output)
    {
        try { return (await Text(vault, output)).Length > 0; }
        catch (RequestFailedException absent) when (absent.Status is 404 or 409) { return false; }
    }
}
