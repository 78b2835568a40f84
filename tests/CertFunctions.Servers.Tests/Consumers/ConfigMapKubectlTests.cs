namespace CertFunctions.Servers.Tests.Consumers;

/// <summary>ConfigMaps with roots, as trust-manager's users handle them.</summary>
public sealed class ConfigMapKubectlTests(KubectlFixture fixture) : IClassFixture<KubectlFixture>
{
    private const string Roots = "{apiVersion: v1, kind: ConfigMap, metadata: {name: roots, namespace: cert-manager, labels: {team: a}}, data: {ca.crt: \"one\\n\", old.crt: x}}";

    [Fact]
    public async Task Kubectl_applies_changes_lists_and_deletes_them()
    {
        var kubectl = fixture.Kubectl;
        Assert.Contains("configmap/roots created", await kubectl.RunAsync("apply -f -", Roots), StringComparison.Ordinal);
        Assert.Contains("unchanged", await kubectl.RunAsync("apply -f -", Roots), StringComparison.Ordinal);
        Assert.Contains("configmap/roots configured", await kubectl.RunAsync("apply -f -", Roots.Replace(", old.crt: x", "", StringComparison.Ordinal).Replace("one", "two", StringComparison.Ordinal)), StringComparison.Ordinal);

        Assert.Equal("two", (await kubectl.RunAsync("get cm roots -n cert-manager -o jsonpath={.data.ca\\.crt}")).Trim());
        Assert.Equal("", (await kubectl.RunAsync("get cm roots -n cert-manager -o jsonpath={.data.old\\.crt}")).Trim());
        Assert.Contains("roots", await kubectl.RunAsync("get configmaps -A -l team=a"), StringComparison.Ordinal);
        Assert.Contains("deleted", await kubectl.RunAsync("delete cm roots -n cert-manager --timeout=20s"), StringComparison.Ordinal);
        Assert.Contains("NotFound", (await kubectl.TryAsync("get cm roots -n cert-manager")).Error, StringComparison.Ordinal);

        var elsewhere = await kubectl.TryAsync("apply -f -", Roots.Replace("namespace: cert-manager", "namespace: default", StringComparison.Ordinal));
        Assert.Contains("sources of Bundles only", elsewhere.Error, StringComparison.Ordinal);
    }
}
