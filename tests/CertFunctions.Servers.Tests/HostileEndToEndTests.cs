using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Pkcs10 = System.Security.Cryptography.X509Certificates.CertificateRequest;

namespace CertFunctions.Servers.Tests;

/// <summary>Bad input over HTTP: the right answer with every field named, nothing changed, little time spent, and the next request served.</summary>
public sealed class HostileEndToEndTests(HostileEndToEndTests.Running running, ITestOutputHelper output) : IClassFixture<HostileEndToEndTests.Running>
{
    private const string Requests = "namespaces/default/certificaterequests";
    private const int Times = 20;

    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(100);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, int, string[]> Rows => new()
    {
        // because                        code  named
        { "an unknown field",             400,  ["spec.dnsName", "spec.nonsense"] },
        { "members of a wrong type",      400,  ["spec.isCA", "spec.dnsNames[1]", "spec.duration", "spec.privateKey.size"] },
        { "empty and bad names",          422,  ["spec.dnsNames[0]", "spec.dnsNames[1]", "spec.ipAddresses[0]", "spec.uris[0]", "spec.emailAddresses[0]"] },
        { "renewBefore beyond duration",  422,  ["spec.renewBefore"] },
        { "a body of 1 MB",               413,  [] },
        { "JSON 10,000 deep",             400,  [] },
        { "YAML 10,000 deep",             400,  [] },
        { "10,000 names",                 422,  ["spec"] },
        { "10,000 names in a CSR",        422,  ["spec.request"] },
        { "BEGIN lines without end",      422,  ["spec.request"] },
        { "a CSR that was changed",       422,  ["spec.request"] },
        { "an RSA key of 1,024 bits",     422,  ["spec.request"] },
        { "an RSA key as ROCA made them", 422,  ["spec.request"] },
        { "an RSA key of close primes",   422,  ["spec.request"] },
        { "a CSR and terms at fault",     422,  ["spec.request", "spec.duration", "spec.usages[0]"] },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Is_refused(string because, int code, string[] named)
    {
        var app = running.App;
        var (path, type, body) = Make(because);
        var before = await StateAsync(app);
        await SendAsync(app, path, type, body);   // compiles what it takes
        await SendAsync(app, path, type, body);

        var start = app.Cpu;
        for (var time = 0; time < Times; time++)
        {
            var (answered, text) = await SendAsync(app, path, type, body);
            Assert.True(answered == code, $"{because}: {answered} {text}");
            Assert.All(named, field => Assert.Contains($"\"field\":\"{field}\"", text, StringComparison.Ordinal));
            Assert.True(text.Length < 10_000, $"{because}: an answer of {text.Length} characters");
        }

        var spent = (app.Cpu - start) / Times;
        output.WriteLine($"{spent.TotalMilliseconds:f1} ms of processor time a request");
        Assert.True(spent < Limit, $"{because}: {spent.TotalMilliseconds} ms");
        Assert.Equal(before, await StateAsync(app));
    }

    private static (string Path, string Type, byte[] Body) Make(string what)
    {
        const string json = "application/json";
        return what switch
        {
            "an unknown field" => Wish("\"dnsName\":\"a.test\",\"nonsense\":1"),
            "members of a wrong type" => Wish("\"isCA\":\"yes\",\"dnsNames\":[\"a.test\",7],\"duration\":\"90d\",\"privateKey\":{\"size\":\"big\"}"),
            "empty and bad names" => Wish("\"dnsNames\":[\"\",\"a b.test\"],\"ipAddresses\":[\"300.1.1.1\"],\"uris\":[\"//x\"],\"emailAddresses\":[\"nobody\"]"),
            "renewBefore beyond duration" => Wish("\"dnsNames\":[\"a.test\"],\"duration\":\"24h\",\"renewBefore\":\"48h\""),
            "a body of 1 MB" => (Given.Leaf, json, [.. Enumerable.Repeat((byte)' ', 1024 * 1024)]),
            "JSON 10,000 deep" => (Given.Leaf, json, Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"spec\":", 10_000)) + "1" + new string('}', 10_000))),
            "YAML 10,000 deep" => (Given.Leaf, "application/yaml", Encoding.ASCII.GetBytes(new string('[', 10_000) + new string(']', 10_000))),
            "10,000 names" => Wish($"\"dnsNames\":[{string.Join(',', Enumerable.Range(0, 10_000).Select(each => $"\"n{each}.test\""))}]"),
            "10,000 names in a CSR" => Csr(Named(Enumerable.Range(0, 10_000).Select(each => $"n{each}.test"))),
            "BEGIN lines without end" => Csr(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("-----BEGIN CERTIFICATE REQUEST-----\n", 5000)))),
            "a CSR that was changed" => Csr(Changed()),
            "an RSA key of 1,024 bits" => Csr(WeakCsr.Of("short")),
            "an RSA key as ROCA made them" => Csr(WeakCsr.Of("roca")),
            "an RSA key of close primes" => Csr(WeakCsr.Of("close")),
            _ => Csr(WeakCsr.Of("roca"), ",\"duration\":\"1m\",\"usages\":[\"tea\"]"),
        };
    }

    private static (string, string, byte[]) Wish(string members) =>
        (Given.Leaf, "application/json", Encoding.UTF8.GetBytes($$$"""{"metadata":{"name":"web"},"spec":{"secretName":"web-tls","issuerRef":{"name":"ca"},{{{members}}}}}"""));

    private static (string, string, byte[]) Csr(byte[] pem, string members = "") => ($"{Requests}/mine", "application/json", Encoding.UTF8.GetBytes(
        $$$"""{"metadata":{"name":"mine"},"spec":{"request":"{{{Convert.ToBase64String(pem)}}}","issuerRef":{"name":"ca"}{{{members}}}}}"""));

    private static byte[] Changed()
    {
        var pem = Encoding.ASCII.GetString(Named(["good.test"]));
        var der = Convert.FromBase64String(string.Concat(pem.Split('\n').Where(line => !line.StartsWith('-'))));
        der[der.AsSpan().IndexOf("good"u8)] = (byte)'f';
        return Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE REQUEST", der));
    }

    private static byte[] Named(IEnumerable<string> names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new Pkcs10("CN=web", key, HashAlgorithmName.SHA256);
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names) { builder.AddDnsName(name); }
        request.CertificateExtensions.Add(builder.Build());
        return Encoding.ASCII.GetBytes(request.CreateSigningRequestPem());
    }

    private static async Task<(int Code, string Text)> SendAsync(LocalApp app, string path, string type, byte[] body)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        using var answer = await app.Http.PutAsync("apis/cert-manager.io/v1/" + path, content, Cancel);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    /// <summary>Also the next request.</summary>
    private static async Task<string> StateAsync(LocalApp app) =>
        (await app.GetAsync(Given.Leaf, Cancel))!.ToJsonString() + (await app.GetAsync(Requests, Cancel))!["items"]!.ToJsonString();

    /// <summary>One app for all, with a Certificate at rest that none of this may change.</summary>
    public sealed class Running : IAsyncLifetime
    {
        // The timers rest, so that the processor time is that of the requests.
        private static readonly Dictionary<string, string> Still = new()
        {
            ["Schedule__StartDue"] = "0 0 0 1 1 *", ["Schedule__Sweep"] = "0 0 0 1 1 *", ["Schedule__CheckVaults"] = "0 0 0 1 1 *",
        };

        internal LocalApp App { get; } = new(settings: Still);

        public async ValueTask InitializeAsync()
        {
            await App.StartAsync(Cancel);
            await Given.ApplyAsync(App, "clusterissuers/selfsigned", "{metadata: {name: selfsigned}, spec: {selfSigned: {}}}");
            await App.ReadyAsync("clusterissuers/selfsigned", Cancel);
            await Given.ApplyAsync(App, Given.Leaf, Given.Wish(issuer: "selfsigned"));
            await App.RevisionAsync(Given.Leaf, 1, Cancel);
        }

        public ValueTask DisposeAsync()
        {
            App.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
