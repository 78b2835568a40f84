using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;
using CertFunctions.Servers.Tests.Acme;
using CertFunctions.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CertFunctions.Benchmarks;

/// <summary>What certificates cost: a figure each.</summary>
/// <param name="CpuMilliseconds">Of the client, user and system.</param>
/// <param name="Requests">To the CA.</param>
internal sealed record AcmeCost(double CpuMilliseconds, double Requests, double Seconds);

/// <summary>Fifty P-256 certificates by HTTP-01, eight in flight: ours beside Debian's lego, in one run against the same Pebble.</summary>
internal static class AcmeMeasurements
{
    private const int Count = 50;
    private const int AtOnce = 8;

    /// <summary>Gates: the CPU of the ACME part, and the requests of the whole pipeline, are each no more than lego's.</summary>
    public static async Task RunAsync(Report report)
    {
        var (ours, lego, part) = await MeasureAsync(isValidated: true);
        report.AtMost("ACME part: client CPU a certificate (ms), beside lego's", part, aim: Round(lego.CpuMilliseconds), limit: Round(lego.CpuMilliseconds));
        report.AtMost("ACME: requests to the CA a certificate, beside lego's", ours.Requests, aim: Round(lego.Requests), limit: Round(lego.Requests));
        Beside("validated", ours, lego, "; it first polls after 5 s");

        (ours, lego, _) = await MeasureAsync(isValidated: false);
        Beside("validation off", ours, lego, "");
    }

    private static void Beside(string how, AcmeCost ours, AcmeCost lego, string why)
    {
        Report.Beside($"ACME, {how}: whole pipeline, CPU a certificate (ms)", ours.CpuMilliseconds, $"  lego, which keeps files only: {lego.CpuMilliseconds:0.0}");
        Report.Beside($"ACME, {how}: {Count} certificates, {AtOnce} in flight (s)", ours.Seconds, $"  lego: {lego.Seconds:0.0}{why}");
    }

    private static async Task<(AcmeCost Ours, AcmeCost Lego, double Part)> MeasureAsync(bool isValidated)
    {
        var httpPort = FreePort.Next();
        using var names = await ChallTestServer.StartAsync(CancellationToken.None);
        await using var pebble = await Pebble.StartAsync(new PebbleOptions { HttpPort = httpPort, DnsServer = names.DnsAddress, AlwaysValid = !isValidated }, CancellationToken.None);
        using var app = await ChildApp.StartAsync(settings: new()
        {
            ["Acme__AllowPrivateAddresses"] = "true", ["Http01__InconclusiveAfter"] = "00:00:00",
        });
        var folder = Directory.CreateTempSubdirectory("certfunctions-lego-");
        var answers = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        await using var front = await FrontAsync(httpPort, app.Port, folder.FullName, answers);

        var lego = await LegoAsync(pebble, folder.FullName);
        var ours = await OursAsync(pebble, app);
        var part = await PartAsync(pebble, answers);
        folder.Delete(recursive: true);
        return (ours, lego, part);
    }

    private static async Task<AcmeCost> OursAsync(Pebble pebble, ChildApp app)
    {
        var bundle = Convert.ToBase64String(Encoding.ASCII.GetBytes(pebble.CaPem));
        await app.PutAsync("clusterissuers/pebble", $"{{metadata: {{name: pebble}}, spec: {{acme: {{server: \"{pebble.Directory}\", caBundle: {bundle}, privateKeySecretRef: {{name: account}}, solvers: [{{http01: {{ingress: {{}}}}}}]}}}}}}");
        await ChildApp.UntilAsync(async () => await app.ReadyAsync("clusterissuers") == 1);
        await IssueAsync(app, "warm");
        await app.RestAsync();

        var (requests, cpu, clock) = (pebble.Requests, app.Cpu, Stopwatch.StartNew());
        await IssueAsync(app, "bench");
        var seconds = clock.Elapsed.TotalSeconds;
        await app.RestAsync();
        return new((app.Cpu - cpu).TotalMilliseconds / Count, (pebble.Requests - requests) / (double)Count, seconds);
    }

    /// <summary>Eight callers; each declares one and waits until it is Ready.</summary>
    private static Task IssueAsync(ChildApp app, string name) =>
        Parallel.ForEachAsync(Enumerable.Range(0, Count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) =>
        {
            var path = $"namespaces/default/certificates/{name}{number}";
            await app.PutAsync(path, $"{{metadata: {{name: {name}{number}}}, spec: {{secretName: {name}{number}, dnsNames: [{name}{number}.localhost], privateKey: {{algorithm: ECDSA, size: 256}}, issuerRef: {{kind: ClusterIssuer, name: pebble}}}}}}");
            await app.GetAsync($"{path}?wait=25s");
        });

    /// <summary>What lego does, by our client in this process: key, CSR, order, answer, finalize, chain. The server that answers Pebble is counted, too.</summary>
    private static async Task<double> PartAsync(Pebble pebble, ConcurrentDictionary<string, string> answers)
    {
        using var client = pebble.NewClient();
        using var key = AccountKey.Generate();
        var identity = new AcmeIdentity(key, Value(await client.NewAccountAsync(key, [], null, CancellationToken.None)).Url);
        await EachAsync("part-warm");

        var cpu = Environment.CpuUsage.TotalTime;
        await EachAsync("part");
        return (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / Count;

        Task EachAsync(string name) => Parallel.ForEachAsync(
            Enumerable.Range(0, Count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) => await IssueAsync(client, identity, $"{name}{number}.localhost", answers));
    }

    private static async Task IssueAsync(AcmeClient client, AcmeIdentity identity, string name, ConcurrentDictionary<string, string> answers)
    {
        using var key = PrivateKey.Generate("ECDSA", 256);
        var csr = SigningRequests.ToDer(SigningRequests.Create(new CertificateSpec { SecretName = "x", IssuerRef = new IssuerRef { Name = "x" }, DnsNames = [name] }, key));
        var order = Value(await client.NewOrderAsync(identity, new AcmeNewOrder([AcmeIdentifier.Dns(name)]), CancellationToken.None));
        var challenge = Value(await client.GetAuthorizationAsync(identity, new Uri(order.Authorizations[0]), CancellationToken.None)).Challenges.Single(each => each.Type == "http-01");
        answers[challenge.Token] = identity.Key.KeyAuthorization(challenge.Token);
        Value(await client.AcceptChallengeAsync(identity, challenge.Url, CancellationToken.None));
        do { await Task.Delay(500); } while (Value(await client.GetAuthorizationAsync(identity, new Uri(order.Authorizations[0]), CancellationToken.None)).Status == "pending");

        order = Value(await client.FinalizeAsync(identity, order.Finalize, csr, CancellationToken.None));
        while (order.Status == "processing")
        {
            await Task.Delay(500);
            order = Value(await client.GetOrderAsync(identity, order.Url, CancellationToken.None));
        }

        if (Chains.Build(Value(await client.DownloadAsync(identity, order.Certificate!, CancellationToken.None)).Certificates).Problem is { } problem) { throw new InvalidOperationException(problem); }
    }

    private static T Value<T>(AcmeAnswer<T> answer)
        where T : class => answer.Value ?? throw new InvalidOperationException(answer.Problem!.Describe());

    /// <summary>An account first, which is not counted; then the shell's own clock.</summary>
    private static async Task<AcmeCost> LegoAsync(Pebble pebble, string folder)
    {
        var lego = $"lego --accept-tos --email a@b.test --server {pebble.Directory} --path '{folder}/state' --http --http.webroot '{folder}' -k ec256";
        await ShellAsync(pebble, $"{lego} -d first.localhost run");
        var requests = pebble.Requests;
        var times = await ShellAsync(pebble, $"TIMEFORMAT='%U %S %R'; time (seq {Count} | xargs -P {AtOnce} -I{{}} {lego} -d lego{{}}.localhost run > /dev/null 2>&1)");
        double[] told = [.. times.Trim().Split('\n')[^1].Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        var issued = Directory.GetFiles(Path.Combine(folder, "state", "certificates"), "*.crt").Count(file => !file.EndsWith(".issuer.crt", StringComparison.Ordinal)) - 1;
        if (issued != Count) { throw new InvalidOperationException($"lego got {issued} of {Count} certificates."); }

        return new((told[0] + told[1]) * 1000 / Count, (pebble.Requests - requests) / (double)Count, told[2]);
    }

    private static async Task<string> ShellAsync(Pebble pebble, string command)
    {
        var start = new ProcessStartInfo("bash", ["-c", command]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["LEGO_CA_CERTIFICATES"] = pebble.CaFile;
        using var shell = Process.Start(start)!;
        var output = shell.StandardOutput.ReadToEndAsync();
        var errors = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();
        await output;
        return shell.ExitCode == 0 ? errors : throw new InvalidOperationException($"lego failed (apt-get install lego): {errors}");
    }

    /// <summary>Where Pebble comes for answers: lego's web root, else the app. Its work is nobody's.</summary>
    private static async Task<WebApplication> FrontAsync(int port, int app, string folder, ConcurrentDictionary<string, string> answers)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var front = builder.Build();
        var http = new HttpClient();
        front.MapGet("/.well-known/acme-challenge/{token}", async (string token, HttpRequest request) =>
        {
            var file = Path.Combine(folder, ".well-known", "acme-challenge", token);
            if (answers.TryGetValue(token, out var known)) { return Results.Text(known); }
            if (File.Exists(file)) { return Results.Text(await File.ReadAllTextAsync(file)); }

            using var ask = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{app}/.well-known/acme-challenge/{token}") { Headers = { Host = request.Host.Host } };
            using var answer = await http.SendAsync(ask);
            return Results.Text(await answer.Content.ReadAsStringAsync(), statusCode: (int)answer.StatusCode);
        });
        await front.StartAsync();
        return front;
    }

    private static double Round(double value) => Math.Round(value, 2);
}
