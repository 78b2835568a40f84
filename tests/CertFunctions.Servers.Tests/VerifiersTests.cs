namespace CertFunctions.Servers.Tests;

/// <summary>What each kind of issuer signs, with each kind of key, is taken by OpenSSL at its strictest, by .NET and by Java.</summary>
public sealed class VerifiersTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everybody_accepts_what_every_kind_of_issuer_signs()
    {
        using var app = await Given.RootAsync(root: ", nameConstraints: {critical: true, permitted: {dnsDomains: [test]}}");
        await Given.CaAsync(app, "inter", "root", key: "{algorithm: ECDSA, size: 384}");
        await Given.CaAsync(app, "deep", "inter", key: "{algorithm: RSA, size: 2048}");
        await Given.CaAsync(app, "rsa", "selfsigned", key: "{algorithm: RSA, size: 2048}");
        await Given.ApplyAsync(app, "namespaces/cert-manager/issuers/mine", "{metadata: {name: mine}, spec: {ca: {secretName: rsa}}}");
        (string Name, string Issuer, string Key, string More)[] leaves =
        [
            ("self", "selfsigned", "{algorithm: ECDSA, size: 256}", ""),
            ("self-rsa", "selfsigned", "{algorithm: RSA, size: 3072}", ""),
            ("plain", "root", "{algorithm: ECDSA, size: 256}", ""),
            ("server", "inter", "{algorithm: ECDSA, size: 521}", ", usages: [digital signature, server auth, client auth]"),
            ("deepest", "deep", "{algorithm: RSA, size: 2048}", ", subject: {organizations: [Us], countries: [DE]}, ipAddresses: ['192.0.2.1'], uris: ['spiffe://td/x']"),
            ("old", "rsa", "{algorithm: ECDSA, size: 384}", ", commonName: old"),
        ];

        foreach (var (name, issuer, key, more) in leaves)
        {
            // A self-signed certificate needs a subject, else strict verifiers refuse it.
            var subject = issuer == "selfsigned" ? $", commonName: {name}.test" : more;
            await Given.ApplyAsync(app, $"namespaces/default/certificates/{name}", Given.Wish(subject, issuer: issuer, name: name, key: key));
        }

        await Given.ApplyAsync(app, "namespaces/cert-manager/certificates/near", Given.Wish(issuer: "mine", name: "near").Replace("kind: ClusterIssuer", "kind: Issuer", StringComparison.Ordinal));
        await AcceptAsync(app, "cert-manager", "near");
        foreach (var (name, _, _, _) in leaves) { await AcceptAsync(app, "default", name); }
    }

    [Fact]
    public async Task Java_refuses_another_name_and_another_CA()
    {
        using var app = await Given.RootAsync();
        await Given.CaAsync(app, "other", "selfsigned");
        await Given.ApplyAsync(app, Given.Leaf, Given.Wish());
        await app.ReadyAsync(Given.Leaf, Cancel);
        using var vault = await VaultReader.OfAsync(app, Given.Leaf, Cancel);
        var pair = await vault.ReadAsync(Given.Object, Cancel);
        var ca = await app.Http.GetStringAsync("ca/default/web-tls/ca.crt", Cancel);
        var other = await app.Http.GetStringAsync("ca/cert-manager/other/ca.crt", Cancel);

        await Verify.JavaTrustsAsync(pair, ca, "web.test", Cancel);
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => Verify.JavaTrustsAsync(pair, ca, "www.test", Cancel));
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => Verify.JavaTrustsAsync(pair, other, "web.test", Cancel));
    }

    private static async Task AcceptAsync(LocalApp app, string ns, string name)
    {
        var path = $"namespaces/{ns}/certificates/{name}";
        await app.ReadyAsync(path, Cancel);
        using var vault = await VaultReader.OfAsync(app, path, Cancel);
        var pair = await vault.ReadAsync($"{ns}--{name}-tls", Cancel);
        var ca = await app.Http.GetStringAsync($"ca/{ns}/{name}-tls/ca.crt", Cancel);

        await Verify.AcceptsAsync(pair, ca, Cancel);
        await Verify.JavaTrustsAsync(pair, ca, $"{name}.test", Cancel);
    }
}
