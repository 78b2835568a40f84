using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using CertFunctions.App.Acme;
using CertFunctions.App.Acme.Accounts;
using CertFunctions.App.Acme.Renewal;
using CertFunctions.App.Api;
using CertFunctions.App.Certificates;
using CertFunctions.App.Issuers;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Tests.Acme;

/// <summary>Many Certificates of one CA that are asked for by the timer, over a clock that hurries. The CA is a function: a thousand questions cost a moment.</summary>
internal sealed class RenewalHouse : IAsyncDisposable
{
    public const string Server = "https://ca.test/dir";

    public static readonly DateTimeOffset Start = new(2026, 1, 10, 0, 0, 0, TimeSpan.Zero);

    private readonly ServiceProvider _services;
    private readonly HashSet<string> _written = [];

    /// <param name="objects">Null: a store of its own.</param>
    public RenewalHouse(InMemoryObjectStore? objects = null, HurryingTime? time = null, params (string, string)[] settings)
    {
        (Objects, Time) = (objects ?? new InMemoryObjectStore(), time ?? new HurryingTime(Start));
        _services = AppServices.Over(new NotedWrites(Objects, _written), new InMemoryVault(), Time, ids: null, settings);
    }

    public InMemoryObjectStore Objects { get; }

    public HurryingTime Time { get; }

    public NotedStarts Starts { get; } = new();

    /// <summary>What the CA was asked, and when.</summary>
    public ConcurrentQueue<(DateTimeOffset At, string Id)> Questions { get; } = new();

    /// <summary>The CA's answer for an id.</summary>
    public Func<string, (int Status, string Body, string? RetryAfter)> Answer { get; set; } = _ => Window(Start.AddDays(50), Start.AddDays(52));

    public bool HasRenewalInfo { get; set; } = true;

    /// <summary>Names of Certificates that were written.</summary>
    public IReadOnlyCollection<string> Written => [.. _written.Where(name => name.StartsWith(CertificateKind.Kind.ObjectPrefix, StringComparison.Ordinal))];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ResourceStore Store => _services.GetRequiredService<ResourceStore>();

    public static (int, string, string?) Window(DateTimeOffset start, DateTimeOffset end, string? retryAfter = "21600") =>
        (200, string.Create(CultureInfo.InvariantCulture, $$$"""{"suggestedWindow":{"start":"{{{start:O}}}","end":"{{{end:O}}}"}}"""), retryAfter);

    public static string IdOf(int number) => $"aki.{number}";

    /// <summary>An issuer and so many Certificates of it, each stored since the first of January, for 90 days.</summary>
    /// <param name="known">What the CA had said of them.</param>
    public async Task AddAsync(int count, SuggestedWindow? known = null, string? source = null)
    {
        var issuer = new Issuer
        {
            Metadata = new ObjectMeta { Namespace = "ns", Name = "le", Uid = "uid-le", Generation = 1 },
            Spec = new IssuerSpec { Acme = new AcmeIssuer { Server = Server, RenewalInformationSource = source } },
        };
        await Store.CreateAsync(IssuerKind.Kind, issuer, due: null, Cancel);
        for (var number = 0; number < count; number++)
        {
            var plain = A.Certificate($"web-{number}");
            var status = new CertificateStatus
            {
                NotBefore = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), NotAfter = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero),
                Acme = new AcmeCertificateStatus { Ari = new AriStatus { Id = IdOf(number), Directory = Server, SuggestedWindow = known, SelectedTime = known?.Start.AddHours(1) } },
            };
            var certificate = plain with
            {
                Metadata = plain.Metadata with { Namespace = "ns", Uid = $"uid-{number}" }, Spec = plain.Spec with { IssuerRef = new IssuerRef { Name = "le" } }, Status = status,
            };
            await Store.CreateAsync(CertificateKind.Kind, certificate, due: $"due/20260301000000/certificates/ns/web-{number}/uid-{number}/20260101000000-x", Cancel);
        }

        _written.Clear();
    }

    public async Task<Certificate> CertificateAsync(int number) => (await Store.FindAsync(CertificateKind.Kind, new ResourceName("ns", $"web-{number}"), Cancel))!.Resource;

    /// <summary>One tick of the timer; the clock goes on while it waits.</summary>
    public Task TickAsync() => Task.Run(
        () => ActivatorUtilities.CreateInstance<RenewalPoll>(_services, Clients()).PollRenewalInfo(new TimerInfo(), Starts, Cancel), Cancel);

    /// <summary>A tick every five minutes for so long.</summary>
    public async Task RunForAsync(TimeSpan time)
    {
        for (var end = Time.GetUtcNow() + time; Time.GetUtcNow() < end;)
        {
            await TickAsync();
            Time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(Time.GetUtcNow().Ticks % TimeSpan.FromMinutes(5).Ticks));
        }
    }

    /// <summary>The most questions that came within any one second.</summary>
    public int MostPerSecond()
    {
        var times = Questions.Select(each => each.At).ToArray();
        var most = 0;
        for (int first = 0, last = 0; last < times.Length; last++)
        {
            while (times[last] - times[first] >= TimeSpan.FromSeconds(1)) { first++; }
            most = Math.Max(most, last - first + 1);
        }

        return most;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private AcmeClients Clients() => new(Time, Options.Create(new AcmeOptions()), _ => new HttpClient(new Ca(this)));

    private sealed class Ca(RenewalHouse house) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.AbsolutePath;
            if (path == "/dir")
            {
                var more = house.HasRenewalInfo ? """, "renewalInfo":"https://ca.test/ari" """ : "";
                return Json(200, $$"""{"newNonce":"https://ca.test/n","newAccount":"https://ca.test/a","newOrder":"https://ca.test/o"{{more}}}""", null);
            }

            var id = path["/ari/".Length..];
            house.Questions.Enqueue((house.Time.GetUtcNow(), id));
            var (status, body, retryAfter) = house.Answer(id);
            return Json(status, body, retryAfter);
        }

        private static Task<HttpResponseMessage> Json(int status, string body, string? retryAfter)
        {
            var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            if (retryAfter is not null) { response.Headers.TryAddWithoutValidation("Retry-After", retryAfter); }
            return Task.FromResult(response);
        }
    }

    private sealed class NotedWrites(IObjectStore inner, HashSet<string> written) : IObjectStore
    {
        public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) => inner.FindAsync(name, cancellationToken);

        public Task<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, CancellationToken cancellationToken) =>
            Note(name).PutIfAbsentAsync(name, content, metadata, cancellationToken);

        public Task<PutResult> PutIfMatchAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, ETag expected, CancellationToken cancellationToken) =>
            Note(name).PutIfMatchAsync(name, content, metadata, expected, cancellationToken);

        public Task<bool> DeleteIfMatchAsync(string name, ETag expected, CancellationToken cancellationToken) => Note(name).DeleteIfMatchAsync(name, expected, cancellationToken);

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => Note(name).DeleteAsync(name, cancellationToken);

        public Task<ObjectPage> ListAsync(string prefix, string? from, string? continuation, int pageSize, CancellationToken cancellationToken) =>
            inner.ListAsync(prefix, from, continuation, pageSize, cancellationToken);

        private IObjectStore Note(string name)
        {
            lock (written) { written.Add(name); }
            return inner;
        }
    }
}

/// <summary>A durable client that only notes what is started.</summary>
internal sealed class NotedStarts() : DurableTaskClient("starts")
{
    public ConcurrentQueue<string> Instances { get; } = new();

    public override Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName, object? input = null, StartOrchestrationOptions? options = null, CancellationToken cancellation = default)
    {
        Instances.Enqueue(options!.InstanceId!);
        return Task.FromResult(options.InstanceId!);
    }

    public override Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default) => throw new NotSupportedException();

    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) => throw new NotSupportedException();

    public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) => throw new NotSupportedException();

    public override Task<OrchestrationMetadata?> GetInstancesAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    public override Microsoft.DurableTask.AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null) => throw new NotSupportedException();

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
