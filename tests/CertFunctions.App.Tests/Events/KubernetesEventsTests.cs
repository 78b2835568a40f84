using System.Text.Json.Nodes;
using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Certificates;
using CertFunctions.App.Events;
using CertFunctions.App.Issuers;
using CertFunctions.Core.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Events;

/// <summary>Events as tools ask for them.</summary>
public sealed class KubernetesEventsTests
{
    private const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly InMemoryObjectStore _objects = new();
    private readonly KubernetesEvents _events;

    public KubernetesEventsTests() =>
        _events = new KubernetesEvents(new ResourceKinds([CertificateKind.Kind, CertificateRequestKind.Kind, IssuerKind.Kind, ClusterIssuerKind.Kind]), _objects, _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_kubectl_describe_the_events_of_one_resource()
    {
        await RecordAsync(EventSubject.Of(CertificateKind.Kind, "ns", "web", "u1"), "Issuing");
        await RecordAsync(EventSubject.Of(CertificateRequestKind.Kind, "ns", "web", "u2"), "CertificateIssued");

        var (_, list) = await GetAsync("ns", name: null, "fieldSelector=involvedObject.kind%3DCertificate,involvedObject.uid%3Du1,involvedObject.name%3Dweb,involvedObject.namespace%3Dns&limit=500");

        Assert.Equal("EventList", (string?)list["kind"]);
        var it = Assert.Single(list["items"]!.AsArray())!;
        Assert.Equal(("Issuing", "Normal", 1, "2026-01-01T00:00:00Z"), ((string?)it["reason"], (string?)it["type"], (int?)it["count"], (string?)it["lastTimestamp"]));
        Assert.Equal("cert-manager.io/v1", (string?)it["involvedObject"]!["apiVersion"]);
    }

    [Fact]
    public async Task Shows_those_of_cluster_scoped_resources_in_the_default_namespace()
    {
        await RecordAsync(EventSubject.Of(ClusterIssuerKind.Kind, ns: null, "root", "u1"), "KeyPairVerified");

        Assert.Equal(["KeyPairVerified"], await ReasonsAsync("default", ""));
        Assert.Equal(["KeyPairVerified"], await ReasonsAsync(ns: null, ""));
        Assert.Equal(["KeyPairVerified"], await ReasonsAsync(ns: null, "fieldSelector=involvedObject.kind%3DClusterIssuer,involvedObject.name%3Droot,involvedObject.namespace%3D"));
        Assert.Equal(["KeyPairVerified"], await ReasonsAsync("default", "fieldSelector=involvedObject.kind%3DClusterIssuer,involvedObject.name%3Droot"));
        Assert.Empty(await ReasonsAsync("ns", ""));
    }

    [Fact]
    public async Task Lists_a_namespace_in_the_order_things_happened()
    {
        await RecordAsync(EventSubject.Of(CertificateKind.Kind, "ns", "a", "u1"), "First");
        _time.Advance(TimeSpan.FromSeconds(1));
        await RecordAsync(EventSubject.Of(CertificateRequestKind.Kind, "ns", "b", "u2"), "Second");
        _time.Advance(TimeSpan.FromSeconds(1));
        await RecordAsync(EventSubject.Of(CertificateKind.Kind, "ns", "a", "u1"), "Third");
        await RecordAsync(EventSubject.Of(CertificateKind.Kind, "other", "c", "u3"), "Elsewhere");

        Assert.Equal(["First", "Second", "Third"], await ReasonsAsync("ns", ""));
    }

    [Fact]
    public async Task Prints_a_table()
    {
        await RecordAsync(EventSubject.Of(CertificateKind.Kind, "ns", "web", "u1"), "Issuing");
        _time.Advance(TimeSpan.FromSeconds(7));

        var (_, table) = await GetAsync("ns", name: null, "limit=500", Table);

        Assert.Equal(["Last Seen", "Type", "Reason", "Object", "Message"], table["columnDefinitions"]!.AsArray().Where(each => (int?)each!["priority"] == 0).Select(each => (string?)each!["name"]));
        Assert.Equal(["7s", "Normal", "Issuing", "certificate/web"], table["rows"]![0]!["cells"]!.AsArray().Take(4).Select(each => (string?)each));
    }

    [Fact]
    public async Task Finds_one_by_name_and_answers_the_rest_as_Kubernetes_would()
    {
        await RecordAsync(EventSubject.Of(CertificateKind.Kind, "ns", "web.test", "u1"), "Issuing");
        var (_, list) = await GetAsync("ns", name: null, "");
        var name = (string)list["items"]![0]!["metadata"]!["name"]!;

        Assert.StartsWith("web.test.", name, StringComparison.Ordinal);
        Assert.Equal((200, "Event"), await CodeAndKindAsync("ns", name));
        Assert.Equal((404, "Status"), await CodeAndKindAsync("ns", "web.test.0123456789abcdef"));
        Assert.Equal((404, "Status"), await CodeAndKindAsync("ns", "..%2F"));
        Assert.Equal(400, (await GetAsync("ns", name: null, "fieldSelector=message%3Dx")).Code);
        Assert.Equal(405, (await GetAsync("ns", name: null, "watch=true")).Code);
    }

    private async Task<(int Code, string? Kind)> CodeAndKindAsync(string ns, string name) => await GetAsync(ns, name, "") is var (code, body) ? (code, (string?)body["kind"]) : default;

    private async Task<IEnumerable<string?>> ReasonsAsync(string? ns, string query) => (await GetAsync(ns, name: null, query)).Body["items"]!.AsArray().Select(each => (string?)each!["reason"]);

    private async Task<(int Code, JsonNode Body)> GetAsync(string? ns, string? name, string query, string accept = "application/vnd.kubernetes.protobuf,application/json")
    {
        var http = new DefaultHttpContext();
        http.Request.Method = "GET";
        http.Request.QueryString = new QueryString("?" + query);
        http.Request.Headers.Accept = accept;
        var result = Assert.IsType<ContentHttpResult>(await _events.AnswerAsync(http.Request, ns, name, Cancel));
        return (result.StatusCode!.Value, JsonNode.Parse(result.ResponseContent!)!);
    }

    private Task RecordAsync(EventSubject subject, string reason) =>
        new EventRecorder(_objects, _time, NullLogger<EventRecorder>.Instance).RecordAsync(Occurrence.Normal(subject, reason, "text", reason), Cancel);
}
