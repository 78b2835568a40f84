using System.Text;
using System.Text.Json.Nodes;
using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Certificates;
using CertFunctions.App.Events;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Api;

/// <summary>What verbs, and cmctl's PUTs to a status, change, and what they leave alone.</summary>
public sealed class VerbTests
{
    private readonly InMemoryObjectStore _objects = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ResourceStore _store;
    private readonly VerbWriter _writer;
    private readonly RequestDecisions _decisions;
    private readonly List<RunTicket> _started = [];

    public VerbTests()
    {
        var ids = new RandomIds();
        _store = new ResourceStore(_objects);
        var due = new DueIndex(_objects, _store, ids, _time, Options.Create(new ScheduleOptions()));
        _writer = new VerbWriter(_store, due, new EventRecorder(_objects, _time, NullLogger<EventRecorder>.Instance));
        _decisions = new RequestDecisions(ids, _time);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Approves_with_the_reason_given_and_draws_the_serial_number()
    {
        await CreateRequestAsync();

        var (code, answer) = await PostAsync(Approve, """{"reason": "PkiTeam", "message": "known host"}""");

        Assert.Equal(200, code);
        var approved = answer["status"]!["conditions"]![0]!;
        Assert.Equal(("Approved", "True", "PkiTeam", "known host"), ((string?)approved["type"], (string?)approved["status"], (string?)approved["reason"], (string?)approved["message"]));
        Assert.NotNull(answer["metadata"]!["annotations"]![Annotations.SerialNumber]);
        Assert.Equal((await FindRequestAsync()).Metadata.ResourceVersion, (string?)answer["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public async Task Names_the_caller_when_no_reason_is_given()
    {
        await CreateRequestAsync();

        await PostAsync(Deny, body: null);

        var denied = (await FindRequestAsync()).Status!.Conditions.Find("Denied");
        Assert.Equal(("ManuallyDenied", "manually denied by certfunctions.dev:api"), (denied!.Reason, denied.Message));
    }

    [Fact]
    public async Task Files_an_entry_writes_tells_and_starts()
    {
        await CreateRequestAsync();

        await PostAsync(Approve, body: null);

        var names = (await _objects.ListAsync("", from: null, continuation: null, pageSize: 100, Cancel)).Entries.Select(entry => entry.Name).ToList();
        Assert.Contains(names, name => name.StartsWith("due/20260101000200/certificaterequests/ns/mine/uid-1/", StringComparison.Ordinal));
        Assert.Contains("events/ns/certificaterequests/mine", names);
        Assert.Equal("uid-1", Assert.Single(_started).Uid);
    }

    [Fact]
    public async Task Never_changes_a_decision()
    {
        await CreateRequestAsync();
        await PostAsync(Deny, """{"message": "no"}""");
        var before = await FindRequestAsync();

        var (again, _) = await PostAsync(Deny, """{"message": "no, again"}""");
        var (approve, answer) = await PostAsync(Approve, body: null);

        Assert.Equal((200, 422), (again, approve));
        Assert.Equal("status.conditions", (string?)answer["details"]!["causes"]![0]!["field"]);
        Assert.Equal(before, await FindRequestAsync());
        Assert.Single(_started);
    }

    [Theory]
    [InlineData("""{"reasons": "x"}""", 400)]
    [InlineData("""{"reason": 1}""", 400)]
    [InlineData("""["x"]""", 400)]
    [InlineData("""{"reason": ""}""", 422)]
    [InlineData("""{"message": "a\nb"}""", 422)]
    public async Task Refuses_a_body_that_says_something_else(string body, int expected)
    {
        await CreateRequestAsync();

        var (code, _) = await PostAsync(Approve, body);

        Assert.Equal(expected, code);
        Assert.Null((await FindRequestAsync()).Status);
    }

    [Fact]
    public async Task Takes_from_cmctls_status_the_approval_alone()
    {
        await CreateRequestAsync();
        var body = CmctlBody(
            await FindRequestAsync(), CertificateRequestKind.Kind,
            """{"conditions": [{"type": "Ready", "status": "True", "reason": "Issued"}, {"type": "Approved", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z", "reason": "KubectlCertManager", "message": "manually approved by \"cmctl\""}], "certificate": "Zm9yZ2Vk", "failureTime": "2026-01-01T00:00:00Z"}""");

        var (code, _) = await PutAsync(new RequestStatusVerb(_writer, _decisions), "mine", body);

        Assert.Equal(200, code);
        var status = (await FindRequestAsync()).Status!;
        Assert.Equal(["Approved"], status.Conditions!.Select(each => each.Type));
        Assert.Null(status.Certificate);
        Assert.Null(status.FailureTime);
    }

    [Fact]
    public async Task Refuses_cmctl_on_a_stale_read_and_on_a_decision_taken()
    {
        await CreateRequestAsync();
        var stale = CmctlBody(await FindRequestAsync(), CertificateRequestKind.Kind, """{"conditions": [{"type": "Approved", "status": "True", "reason": "r", "message": "m"}]}""");
        await PostAsync(Deny, body: null);
        var fresh = JsonNode.Parse(stale)!.AsObject();
        fresh["metadata"]!["resourceVersion"] = (await FindRequestAsync()).Metadata.ResourceVersion;

        var (onStale, _) = await PutAsync(new RequestStatusVerb(_writer, _decisions), "mine", stale);
        var (onDenied, _) = await PutAsync(new RequestStatusVerb(_writer, _decisions), "mine", fresh.ToJsonString());

        Assert.Equal((409, 422), (onStale, onDenied));
    }

    [Theory]
    [InlineData("renew")]
    [InlineData("cmctl")]
    public async Task Triggers_a_renewal(string how)
    {
        await CreateCertificateAsync();
        const string Status = """{"notAfter": "2099-01-01T00:00:00Z", "conditions": [{"type": "Ready", "status": "True"}, {"type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "Certificate re-issuance manually triggered", "observedGeneration": 1}]}""";

        var (code, _) = how == "renew"
            ? await PostAsync(new RenewCertificate(_writer, _time), body: null, "web")
            : await PutAsync(new CertificateStatusVerb(_writer, _time), "web", CmctlBody(await FindCertificateAsync(), CertificateKind.Kind, Status));

        Assert.Equal(200, code);
        var status = (await FindCertificateAsync()).Status!;
        Assert.Equal([("Issuing", "True", "ManuallyTriggered")], status.Conditions!.Select(each => (each.Type, each.Status, each.Reason)));
        Assert.Null(status.NotAfter);
        Assert.Single(_started);
    }

    [Fact]
    public async Task Leaves_a_certificate_alone_when_its_status_asks_for_nothing()
    {
        await CreateCertificateAsync();
        var before = await FindCertificateAsync();

        var (code, _) = await PutAsync(
            new CertificateStatusVerb(_writer, _time), "web", CmctlBody(before, CertificateKind.Kind, """{"revision": 9, "conditions": [{"type": "Issuing", "status": "True", "reason": "Other"}]}"""));

        Assert.Equal(200, code);
        Assert.Equal(before, await FindCertificateAsync());
        Assert.Empty(_started);
    }

    [Fact]
    public async Task Pauses_and_resumes_each_a_generation_and_a_run()
    {
        await CreateCertificateAsync();

        await PostAsync(new PauseCertificate("pause", pause: true, _writer), body: null, "web");
        await PostAsync(new PauseCertificate("pause", pause: true, _writer), body: null, "web");
        var paused = await FindCertificateAsync();
        await PostAsync(new PauseCertificate("resume", pause: false, _writer), body: null, "web");
        var resumed = await FindCertificateAsync();

        Assert.Equal((true, 2L), (PausePolicy.IsPaused(paused), paused.Metadata.Generation));
        Assert.Equal((false, 3L), (PausePolicy.IsPaused(resumed), resumed.Metadata.Generation));
        Assert.Equal(2, _started.Count);
    }

    [Fact]
    public async Task Stores_nothing_on_a_dry_run()
    {
        await CreateRequestAsync();
        var before = await FindRequestAsync();

        var (code, answer) = await PostAsync(Approve, body: null, query: "?dryRun=All");

        Assert.Equal((200, "Approved"), (code, (string?)answer["status"]!["conditions"]![0]!["type"]));
        Assert.Equal(before, await FindRequestAsync());
    }

    [Fact]
    public async Task Refuses_what_is_absent_or_going_away()
    {
        var (absent, _) = await PostAsync(Approve, body: null);
        await CreateRequestAsync(deleted: true);
        var (going, _) = await PostAsync(Approve, body: null);
        var (wrong, _) = await AnswerAsync(Approve, "DELETE", "mine", body: null);

        Assert.Equal((404, 409, 405), (absent, going, wrong));
    }

    private DecideRequest Approve => new("approve", ApprovalPolicy.Approved, _writer, _decisions);

    private DecideRequest Deny => new("deny", ApprovalPolicy.Denied, _writer, _decisions);

    private Task<(int Code, JsonNode Answer)> PostAsync(Subresource verb, string? body, string name = "mine", string query = "") => AnswerAsync(verb, "POST", name, body, query);

    private Task<(int Code, JsonNode Answer)> PutAsync(Subresource verb, string name, string body) => AnswerAsync(verb, "PUT", name, body);

    private async Task<(int Code, JsonNode Answer)> AnswerAsync(Subresource verb, string method, string name, string? body, string query = "")
    {
        var http = new DefaultHttpContext();
        http.Request.Method = method;
        http.Request.QueryString = new QueryString(query);
        if (body is not null)
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            http.Request.Body = new MemoryStream(bytes);
            http.Request.ContentLength = bytes.Length;
            http.Request.ContentType = "application/json";
        }

        ResourceKind kind = verb.IsFor(CertificateKind.Kind) ? CertificateKind.Kind : CertificateRequestKind.Kind;
        var result = Assert.IsType<ContentHttpResult>(await verb.AnswerAsync(
            new SubresourceCall(http.Request, kind, new ResourceName("ns", name), ticket => { _started.Add(ticket); return Task.CompletedTask; }), Cancel));
        return (result.StatusCode!.Value, JsonNode.Parse(result.ResponseContent!)!);
    }

    /// <summary>The whole resource as a client read it, with another status: Go's encoder knows none of our own fields.</summary>
    private static string CmctlBody<T>(T resource, ResourceKind<T> kind, string status)
        where T : class, IResource<T>
    {
        var body = System.Text.Json.JsonSerializer.SerializeToNode(resource, kind.Json)!.AsObject();
        body["status"] = JsonNode.Parse(status);
        return body.ToJsonString();
    }

    private Task CreateRequestAsync(bool deleted = false) => _store.CreateAsync(
        CertificateRequestKind.Kind,
        new CertificateRequest
        {
            Metadata = new ObjectMeta { Namespace = "ns", Name = "mine", Uid = "uid-1", Generation = 1, DeletionTimestamp = deleted ? _time.GetUtcNow() : null },
            Spec = new CertificateRequestSpec { Request = "csr"u8.ToArray(), IssuerRef = new IssuerRef { Name = "ca" } },
        },
        due: null, Cancel);

    private Task CreateCertificateAsync() => _store.CreateAsync(
        CertificateKind.Kind, A.Certificate() with { Metadata = A.Certificate().Metadata with { Uid = "uid-2", Generation = 1 } }, due: null, Cancel);

    private async Task<CertificateRequest> FindRequestAsync() => (await _store.FindAsync(CertificateRequestKind.Kind, new ResourceName("ns", "mine"), Cancel))!.Resource;

    private async Task<Certificate> FindCertificateAsync() => (await _store.FindAsync(CertificateKind.Kind, new ResourceName("ns", "web"), Cancel))!.Resource;
}
