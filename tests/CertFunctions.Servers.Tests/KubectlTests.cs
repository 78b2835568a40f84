using System.Text.Json.Nodes;

namespace CertFunctions.Servers.Tests;

/// <summary>The real kubectl against the built program: every verb that people type.</summary>
public sealed class KubectlTests(KubectlFixture fixture) : IClassFixture<KubectlFixture>
{
    private readonly Kubectl _kubectl = fixture.Kubectl;

    [Fact]
    public async Task Finds_the_kinds()
    {
        var resources = await _kubectl.RunAsync("api-resources");

        Assert.All(["certificates", "certificaterequests", "issuers", "clusterissuers", "namespaces"], kind => Assert.Contains(kind, resources, StringComparison.Ordinal));
        Assert.Contains("default", await _kubectl.RunAsync("get ns"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explains_fields()
    {
        var minor = await _kubectl.MinorVersionAsync();

        var (code, output, error) = await _kubectl.TryAsync("explain certificate.spec");

        if (minor < 27)
        {
            Assert.Contains("couldn't find resource", error, StringComparison.Ordinal);   // reads OpenAPI v2 only, of which there are five bytes
            return;
        }

        Assert.True(code == 0, error);
        Assert.All(["secretName", "Key Vault object that receives the key pair"], text => Assert.Contains(text, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Creates_once_and_names_every_field_at_fault()
    {
        Assert.Contains("certificate.cert-manager.io/made created", await _kubectl.RunAsync("create -f -", Certificate("made")), StringComparison.Ordinal);

        var again = await _kubectl.TryAsync("create -f -", Certificate("made"));
        var broken = await _kubectl.TryAsync("create -f -", Certificate("broken").Replace("dnsNames:", "duration: 1m, usages: [nope], dnsNames:", StringComparison.Ordinal));

        Assert.Contains("(AlreadyExists)", again.Error, StringComparison.Ordinal);
        Assert.All(["The Certificate \"broken\" is invalid", "spec.duration", "spec.usages[0]"], text => Assert.Contains(text, broken.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Applies_twice_with_an_edit_between()
    {
        Assert.Contains("created", await _kubectl.RunAsync("apply -f -", Certificate("applied")), StringComparison.Ordinal);
        Assert.Contains("unchanged", await _kubectl.RunAsync("apply -f -", Certificate("applied")), StringComparison.Ordinal);
        Assert.Contains("configured", await _kubectl.RunAsync("apply -f -", Certificate("applied", names: "edited.test")), StringComparison.Ordinal);

        Assert.Equal("edited.test", await NamesAsync("applied"));

        // Clients before 1.27 look for it in OpenAPI v2, and refuse by themselves.
        var (_, output, error) = await _kubectl.TryAsync("apply --dry-run=server -f -", Certificate("applied", names: "dry.test"));
        Assert.Contains(await _kubectl.MinorVersionAsync() < 27 ? "doesn't support dry-run" : "(server dry run)", output + error, StringComparison.Ordinal);
        Assert.Equal("edited.test", await NamesAsync("applied"));
    }

    [Fact]
    public async Task Applies_on_the_server_side()
    {
        Assert.Contains("serverside-applied", await _kubectl.RunAsync("apply --server-side -f -", Certificate("server")), StringComparison.Ordinal);
        Assert.Contains("serverside-applied", await _kubectl.RunAsync("apply --server-side -f -", Certificate("server", names: "edited.test")), StringComparison.Ordinal);

        Assert.Equal("edited.test", await NamesAsync("server"));
    }

    [Fact]
    public async Task Gets_in_every_form_and_waits()
    {
        await _kubectl.RunAsync("apply -f -", Certificate("shown", metadata: "labels: {team: a}"));
        Assert.Contains("condition met", await _kubectl.RunAsync("wait --for=condition=Ready certificate/shown --timeout=90s"), StringComparison.Ordinal);

        var table = await _kubectl.RunAsync("get certificates");
        var wide = await _kubectl.RunAsync("get cert shown -o wide");
        var yaml = await _kubectl.RunAsync("get cert shown -o yaml");

        Assert.Matches(@"NAME +READY +SECRET +AGE", table);
        Assert.Matches(@"shown +True +shown-tls +\d+[sm]", table);
        Assert.Matches(@"NAME +READY +SECRET +ISSUER +STATUS +AGE", wide);
        Assert.Matches(@"shown +True +shown-tls +selfsigned +Certificate is up to date", wide);
        Assert.Contains("secretName: shown-tls", yaml, StringComparison.Ordinal);
        Assert.Equal("shown-tls", await _kubectl.RunAsync("get cert shown -o jsonpath={.spec.secretName}"));
        Assert.Matches(@"default +shown", await _kubectl.RunAsync("get certs -A"));
        Assert.Equal("certificate.cert-manager.io/shown\n", await _kubectl.RunAsync("get certs -l team=a -o name"));
        Assert.Contains("team=a", await _kubectl.RunAsync("get certs -l team=a --show-labels"), StringComparison.Ordinal);
        Assert.Empty(await _kubectl.RunAsync("get certs -l team=b -o name"));
        Assert.Contains("clusterissuer.cert-manager.io/selfsigned", await _kubectl.RunAsync("get cert-manager -A"), StringComparison.Ordinal);
        Assert.Contains("(NotFound)", (await _kubectl.TryAsync("get cert nope")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watches()
    {
        await _kubectl.RunAsync("apply -f -", Certificate("seen"));
        using var watching = _kubectl.Watch("get certificates -w");
        await watching.UntilAsync("seen");

        await _kubectl.RunAsync("apply -f -", Certificate("late"));

        await watching.UntilAsync("late", "True");
    }

    [Fact]
    public async Task Describes_with_events()
    {
        await _kubectl.RunAsync("apply -f -", Certificate("told"));
        await _kubectl.RunAsync("wait --for=condition=Ready certificate/told --timeout=90s");

        var certificate = await _kubectl.RunAsync("describe certificate told");
        var request = await _kubectl.RunAsync("describe certificaterequest told-1");

        Assert.Contains("Secret Name:  told-tls", certificate, StringComparison.Ordinal);
        Assert.Matches(@"Events:\s+Type +Reason", request);
        Assert.Contains("CertificateIssued", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edits_patches_labels_annotates_and_replaces()
    {
        await _kubectl.RunAsync("apply -f -", Certificate("edited"));

        await _kubectl.RunAsync("edit certificate edited", editor: "sed -i s/edited.test/by-hand.test/");
        Assert.Equal("by-hand.test", await NamesAsync("edited"));

        await _kubectl.RunAsync("""patch certificate edited --type=merge -p {"spec":{"dnsNames":["merged.test"]}}""");
        Assert.Equal("merged.test", await NamesAsync("edited"));
        await _kubectl.RunAsync("""patch certificate edited --type=json -p [{"op":"replace","path":"/spec/dnsNames/0","value":"pointed.test"}]""");
        Assert.Equal("pointed.test", await NamesAsync("edited"));
        Assert.NotEqual(0, (await _kubectl.TryAsync("patch certificate edited -p {}")).Code);   // strategic, as with any custom resource

        await _kubectl.RunAsync("label certificate edited team=b");
        await _kubectl.RunAsync("annotate certificate edited note=x");
        await _kubectl.RunAsync("label certificate edited team-");
        var found = JsonNode.Parse(await _kubectl.RunAsync("get certificate edited -o json"))!;
        Assert.Null(found["metadata"]!["labels"]);
        Assert.Equal("x", (string?)found["metadata"]!["annotations"]!["note"]);

        found["spec"]!["dnsNames"] = new JsonArray("replaced.test");
        ((JsonObject)found["metadata"]!).Remove("resourceVersion");
        await _kubectl.RunAsync("replace -f -", found.ToJsonString());
        Assert.Equal("replaced.test", await NamesAsync("edited"));
        found["metadata"]!["resourceVersion"] = "1";
        Assert.Contains("(Conflict)", (await _kubectl.TryAsync("replace -f -", found.ToJsonString())).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warns_of_what_it_does_not_keep()
    {
        var (code, _, error) = await _kubectl.TryAsync("create -f -", Certificate("warned", metadata: "finalizers: [a.example/b]"));

        Assert.Equal(0, code);
        Assert.Contains("Warning: metadata.finalizers is not kept", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deletes_and_waits_until_it_is_gone()
    {
        await _kubectl.RunAsync("apply -f -", Certificate("going"));

        Assert.Contains("deleted", await _kubectl.RunAsync("delete certificate going --timeout=60s"), StringComparison.Ordinal);

        Assert.Contains("(NotFound)", (await _kubectl.TryAsync("get certificate going")).Error, StringComparison.Ordinal);
    }

    private Task<string> NamesAsync(string name) => _kubectl.RunAsync($"get certificate {name} -o jsonpath={{.spec.dnsNames[*]}}");

    private static string Certificate(string name, string? names = null, string metadata = "") =>
        $"{{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {{name: {name}, namespace: default, {metadata}}}, spec: {{secretName: {name}-tls, "
        + $"issuerRef: {{kind: ClusterIssuer, name: selfsigned}}, privateKey: {{algorithm: ECDSA, size: 256}}, dnsNames: [{names ?? name + ".test"}]}}}}";
}
