using System.Runtime.CompilerServices;

namespace CertFunctions.Servers.Tests;

/// <summary>The manifests in <c>samples/cert-manager</c>, one for each feature that is acted on, applied unchanged by kubectl.</summary>
public sealed class SampleTests(KubectlFixture fixture) : IClassFixture<KubectlFixture>
{
    [Fact]
    public async Task Every_sample_applies_unchanged_and_becomes_Ready()
    {
        var files = Directory.GetFiles(Folder(), "*.yaml").Order(StringComparer.Ordinal).ToList();
        Assert.InRange(files.Count, 10, 100);
        foreach (var file in files) { await fixture.Kubectl.RunAsync($"apply -f {file}"); }

        if ((await fixture.Kubectl.TryAsync("wait --for=condition=Ready certificaterequest/own-key --timeout=20s")).Code != 0)
        {
            Assert.Fail(await fixture.Kubectl.RunAsync("get certificaterequest own-key -o yaml"));
        }

        var (code, _, error) = await fixture.Kubectl.TryAsync("wait --for=condition=Ready certificates,issuers,clusterissuers --all --timeout=100s");

        Assert.True(code == 0, $"{error}\n{await fixture.Kubectl.RunAsync("get cert-manager -A -o wide")}");
    }

    private static string Folder([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../samples/cert-manager"));
}
