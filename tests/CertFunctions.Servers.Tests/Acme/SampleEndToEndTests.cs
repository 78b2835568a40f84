using System.Runtime.CompilerServices;
using System.Text;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>The sample for Let's Encrypt over HTTP, against Pebble: only <c>server</c>, <c>caBundle</c> and the setting for private addresses differ.</summary>
public sealed class SampleEndToEndTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_sample_gets_its_certificate()
    {
        await using var house = await PebbleApp.StartAsync();
        var bundle = Convert.ToBase64String(Encoding.ASCII.GetBytes(house.Pebble.CaPem));
        var documents = (await File.ReadAllTextAsync(Sample(), Cancel))
            .Replace("server: https://acme-v02.api.letsencrypt.org/directory", $"server: {house.Pebble.Directory}\n    caBundle: {bundle}", StringComparison.Ordinal)
            .Split("\n---\n");

        await Given.ApplyAsync(house.App, "namespaces/default/issuers/letsencrypt-prod", documents[0]);
        await Given.ApplyAsync(house.App, "namespaces/default/certificates/acme-crt", documents[1]);
        await house.App.ReadyAsync("namespaces/default/certificates/acme-crt", Cancel);

        using var vault = await VaultReader.OfAsync(house.App, "namespaces/default/certificates/acme-crt", Cancel);
        await Verify.AcceptsAsync(await vault.ReadAsync("default--acme-crt-secret", Cancel), (await house.Pebble.RootsAsync(Cancel))[0], Cancel);
    }

    private static string Sample([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../samples/acme/letsencrypt-http.yaml"));
}
