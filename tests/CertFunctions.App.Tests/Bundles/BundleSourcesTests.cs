using System.Security.Cryptography;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Tests.Bundles;

/// <summary>What each sort of source holds, and what is said when it holds nothing fit.</summary>
public sealed class BundleSourcesTests : IDisposable
{
    private readonly SourceHouse _house = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Text_is_read_as_it_stands()
    {
        Assert.Equal(["CN=One", "CN=Two"], SourceHouse.Names(await _house.ReadAsync(new BundleSource { InLine = SourceHouse.Pem(_house.Root("One"), _house.Root("Two")) })));
        Assert.Equal("inLine: It holds a private key (\"PRIVATE KEY\"), which belongs in no bundle.", (await _house.ReadAsync(new BundleSource { InLine = NewKey() })).Problem);
    }

    [Fact]
    public async Task One_key_of_a_ConfigMap_or_all()
    {
        await ApplyAsync("roots", "a", ("a.crt", SourceHouse.Pem(_house.Root("A"))), ("b.crt", SourceHouse.Pem(_house.Root("B"))), ("README", "no certificate"));

        Assert.Equal(["CN=B"], SourceHouse.Names(await _house.ReadAsync(Map("roots", "b.crt"))));
        Assert.Equal(["CN=A", "CN=B"], SourceHouse.Names(await _house.ReadAsync(new BundleSource { ConfigMap = new SourceObject { Name = "roots", IncludeAllKeys = true } })));
        Assert.Empty((await _house.ReadAsync(Map("roots", "README"))).Certificates);
    }

    [Fact]
    public async Task ConfigMaps_by_label_none_of_which_is_fine()
    {
        await ApplyAsync("one", "x", ("ca.crt", SourceHouse.Pem(_house.Root("One"))));
        await ApplyAsync("other", "y", ("ca.crt", SourceHouse.Pem(_house.Root("Other"))));
        await ApplyAsync("two", "x", ("ca.crt", SourceHouse.Pem(_house.Root("Two"))));

        Assert.Equal(["CN=One", "CN=Two"], SourceHouse.Names(await _house.ReadAsync(Selected("x"))));
        var none = await _house.ReadAsync(Selected("z"));
        Assert.Equal((0, null), (none.Certificates.Count, none.Problem));
    }

    [Fact]
    public async Task A_ConfigMap_that_is_bad_or_missing_is_named()
    {
        await ApplyAsync("bad", "x", ("ca.crt", SourceHouse.Pem(_house.Root("One")) + NewKey()));

        Assert.Equal("configMap bad/ca.crt: It holds a private key (\"PRIVATE KEY\"), which belongs in no bundle.", (await _house.ReadAsync(Map("bad", "ca.crt"))).Problem);
        Assert.StartsWith("configMap bad/ca.crt: ", (await _house.ReadAsync(Selected("x"))).Problem, StringComparison.Ordinal);
        var (noKey, noMap) = (await _house.ReadAsync(Map("bad", "other")), await _house.ReadAsync(Map("none", "ca.crt")));
        Assert.Equal(("configMap bad: It has no key other.", true), (noKey.Problem, noKey.IsMissing));
        Assert.Equal(("configMap none: There is none of this name in the namespace cert-manager.", true), (noMap.Problem, noMap.IsMissing));
    }

    [Fact]
    public async Task A_secret_gives_its_chain_or_its_root()
    {
        var (root, intermediate) = _house.Chain();
        await _house.StoreAsync("ca-pair", intermediate, root);

        Assert.Equal(["CN=Intermediate", "CN=Root"], SourceHouse.Names(await _house.ReadAsync(Secret("ca-pair", "tls.crt"))));
        Assert.Equal(["CN=Root"], SourceHouse.Names(await _house.ReadAsync(Secret("ca-pair", "ca.crt"))));
    }

    [Fact]
    public async Task A_certificate_that_somebody_imported_gives_itself_and_no_root()
    {
        await _house.ImportAsync("corporate", _house.Root("Corporate"));

        Assert.Equal(["CN=Corporate"], SourceHouse.Names(await _house.ReadAsync(Secret("corporate", "tls.crt"))));
        var root = await _house.ReadAsync(Secret("corporate", "ca.crt"));
        Assert.Equal(("secret corporate/ca.crt: No CA was published for the secret corporate of the namespace cert-manager.", true), (root.Problem, root.IsMissing));
    }

    [Fact]
    public async Task The_value_of_a_secret_is_never_read()
    {
        await _house.Vault.SetSecretAsync(new VaultObject(new("https://system.vault.test/"), "cert-manager--plain"), new SecretText(SourceHouse.Pem(_house.Root("Plain"))), "text/plain", ValueMap.Empty, Cancel);

        var (plain, key) = (await _house.ReadAsync(Secret("plain", "tls.crt")), await _house.ReadAsync(Secret("plain", "tls.key")));
        Assert.Equal(("secret plain/tls.crt: No vault holds a certificate plain of the namespace cert-manager. What is a secret only is not read.", true), (plain.Problem, plain.IsMissing));
        Assert.Equal("secret plain/tls.key: Only tls.crt and ca.crt can be read: the secret's value is never asked for.", key.Problem);
    }

    [Fact]
    public async Task The_public_roots_are_read_again_when_their_file_changes()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("certfunctions-roots-").FullName, "roots.pem");
        _house.Settings.PublicRootsFile = file;
        var source = new BundleSource { UseDefaultCAs = true };
        Assert.True((await _house.ReadAsync(source)).IsMissing);

        await WriteAsync(file, SourceHouse.Pem(_house.Root("One")), day: 1);
        var first = await _house.ReadAsync(source);
        Assert.Equal(["CN=One"], SourceHouse.Names(first));
        Assert.Matches("^roots.pem-2030-01-01-[0-9a-f]{16}$", first.DefaultCAVersion);
        Assert.Same(first, await _house.ReadAsync(source));

        await WriteAsync(file, SourceHouse.Pem(_house.Root("One"), _house.Root("Two")), day: 2);
        var second = await _house.ReadAsync(source);
        Assert.Equal(2, second.Certificates.Count);
        Assert.StartsWith("roots.pem-2030-01-02-", second.DefaultCAVersion, StringComparison.Ordinal);

        await WriteAsync(file, NewKey(), day: 3);
        Assert.Equal($"useDefaultCAs: {file}: It holds a private key (\"PRIVATE KEY\"), which belongs in no bundle.", (await _house.ReadAsync(source)).Problem);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public async Task Roots_turned_off_hold_nothing()
    {
        var none = await _house.ReadAsync(new BundleSource { UseDefaultCAs = false });

        Assert.Equal((0, null, null), (none.Certificates.Count, none.Problem, none.DefaultCAVersion));
    }

    public void Dispose() => _house.Dispose();

    private static BundleSource Map(string name, string key) => new() { ConfigMap = new SourceObject { Name = name, Key = key } };

    private static BundleSource Selected(string team) => new() { ConfigMap = new SourceObject { Selector = new SourceSelector { MatchLabels = ValueMap.Empty.With("team", team) }, Key = "ca.crt" } };

    private static BundleSource Secret(string name, string key) => new() { Secret = new SourceObject { Name = name, Key = key } };

    private static async Task WriteAsync(string file, string text, int day)
    {
        await File.WriteAllTextAsync(file, text, Cancel);
        File.SetLastWriteTimeUtc(file, new DateTime(2030, 1, day, 0, 0, 0, DateTimeKind.Utc));
    }

    private async Task ApplyAsync(string name, string team, params (string Key, string Text)[] data)
    {
        var texts = new System.Text.Json.Nodes.JsonObject(data.Select(each => KeyValuePair.Create(each.Key, (System.Text.Json.Nodes.JsonNode?)each.Text)));
        var (code, answer) = await _house.SendAsync("PUT", name, $"{{\"metadata\":{{\"name\":\"{name}\",\"labels\":{{\"team\":\"{team}\"}}}},\"data\":{texts.ToJsonString()}}}", type: "application/json");
        Assert.True(code == 201, answer.ToJsonString());
    }

    private static string NewKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }
}
