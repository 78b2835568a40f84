using System.Text;
using System.Text.Json.Nodes;
using CertFunctions.App.Api;
using CertFunctions.App.Events;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Api;

/// <summary>What came back.</summary>
internal sealed record Answer(int Code, string Text, IHeaderDictionary Headers)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public JsonNode? this[string member] => Json[member];
}

/// <summary>The API's functions without a server: the same classes, wired as the app wires them, on a store in memory.</summary>
internal sealed class InProcessApi : IDisposable
{
    public const string Certificates = "/apis/cert-manager.io/v1/namespaces/ns/certificates";
    public const string AsTable = "application/json;as=Table;v=v1;g=meta.k8s.io";

    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ServiceProvider _services;

    public InProcessApi(IObjectStore? store = null, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(each => KeyValuePair.Create(each.Key, (string?)each.Value))).Build();
        Store = store ?? new InMemoryObjectStore();
        var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration);
        services.AddSingleton<IObjectStore>(Store).AddSingleton<TimeProvider>(Time).AddSingleton<IIds>(new CountedIds());
        services.AddApi(configuration).AddEvents().AddSchedule(configuration);
        _services = services.BuildServiceProvider();
    }

    /// <summary>Ages and dates stand still; what waits, waits in real time.</summary>
    public FakeTimeProvider Time { get; } = new HalfFakeTime();

    public IObjectStore Store { get; }

    public static string Certificate(string name = "web", string spec = "", string metadata = "") =>
        $$$"""{"apiVersion":"cert-manager.io/v1","kind":"Certificate","metadata":{"name":"{{{name}}}"{{{metadata}}}},"spec":{"secretName":"{{{name}}}-tls","dnsNames":["{{{name}}}.test"],"issuerRef":{"name":"ca"}{{{spec}}}}}""";

    /// <param name="output">Takes the answer while it is written; null collects it.</param>
    public async Task<Answer> SendAsync(
        string method, string url, string? body = null, string? type = "application/json", string? accept = null, Stream? output = null,
        Action<HttpRequest>? change = null, CancellationTokenSource? cut = null)
    {
        var cancellationToken = cut?.Token ?? TestContext.Current.CancellationToken;
        await using var scope = _services.CreateAsyncScope();
        var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider, RequestAborted = cancellationToken };
        var (path, query) = url.Split('?', 2) is [var before, var after] ? (before, "?" + after) : (url, "");
        (http.Request.Method, http.Request.Path, http.Request.QueryString) = (method, path, new QueryString(query));
        if (body is not null)
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            (http.Request.Body, http.Request.ContentLength, http.Request.ContentType) = (new MemoryStream(bytes), bytes.Length, type);
        }

        if (accept is not null) { http.Request.Headers.Accept = accept; }
        change?.Invoke(http.Request);
        using var collected = new MemoryStream();
        http.Response.Body = output ?? collected;
        await (await AnswerAsync(scope.ServiceProvider, http.Request, path, cancellationToken)).ExecuteAsync(http);
        await http.Response.CompleteAsync();
        return new Answer(http.Response.StatusCode, Encoding.UTF8.GetString(collected.ToArray()), http.Response.Headers);
    }

    public Task<Answer> PostAsync(string body, string path = Certificates) => SendAsync("POST", path, body);

    public Task<Answer> GetAsync(string path, string? accept = null) => SendAsync("GET", path, accept: accept);

    public void Dispose() => _services.Dispose();

    /// <summary>The route templates of the functions, by hand.</summary>
    private static Task<IResult> AnswerAsync(IServiceProvider services, HttpRequest request, string path, CancellationToken cancellationToken)
    {
        var (root, rest) = path.TrimStart('/').Split('/', 2) is [var first, var others] ? (first, others) : (path.Trim('/'), "");
        var core = ActivatorUtilities.CreateInstance<CoreApi>(services);
        var api = ActivatorUtilities.CreateInstance<ResourceApi>(services);
        var client = new SilentClient();
        return (root, request.Method) switch
        {
            ("apis", "GET") => api.GetAsync(request, rest, cancellationToken),
            ("apis", "PUT") => api.PutAsync(request, rest, client, cancellationToken),
            ("apis", "POST") => api.PostAsync(request, rest, client, cancellationToken),
            ("apis", "PATCH") => api.PatchAsync(request, rest, client, cancellationToken),
            ("apis", "DELETE") => api.DeleteAsync(request, rest, client, cancellationToken),
            ("api", "GET") => core.GetAsync(request, rest, cancellationToken),
            ("api", "PUT" or "POST" or "PATCH" or "DELETE") => core.WriteAsync(request, rest, cancellationToken),
            ("openapi", "GET") => Task.FromResult(ActivatorUtilities.CreateInstance<ClientFunctions>(services).GetOpenApi(request, rest)),
            _ => Task.FromResult(Statuses.MethodNotAllowed()),   // the host's part
        };
    }

    private sealed class HalfFakeTime() : FakeTimeProvider(InProcessApi.Start)
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, dueTime, period);
    }

    private sealed class CountedIds : IIds
    {
        private int _count;

        public string NewUid() => $"{Interlocked.Increment(ref _count):x8}-0000-4000-8000-000000000000";

        public byte[] NewSerialNumber() => [1];
    }

    /// <summary>Starts nothing: these tests are about what is stored and said.</summary>
    private sealed class SilentClient() : DurableTaskClient("silent")
    {
        public override Task<string> ScheduleNewOrchestrationInstanceAsync(
            TaskName orchestratorName, object? input = null, StartOrchestrationOptions? options = null, CancellationToken cancellation = default) => Task.FromResult("");

        public override Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default) => throw new NotSupportedException();

        public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) => throw new NotSupportedException();

        public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) => throw new NotSupportedException();

        public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) => throw new NotSupportedException();

        public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) => throw new NotSupportedException();

        public override Task<OrchestrationMetadata?> GetInstancesAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) => throw new NotSupportedException();

        public override Microsoft.DurableTask.AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null) => throw new NotSupportedException();

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
