using System.Security.Cryptography;
using System.Text;
using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Certificates;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Api;

/// <summary>The one write path: what it puts in which order, and what it refuses.</summary>
public sealed class ResourceWriterTests
{
    private readonly InMemoryObjectStore _objects = new();
    private readonly ResourceStore _store;
    private readonly ResourceWriter _writer;
    private readonly List<RunTicket> _started = [];

    public ResourceWriterTests()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var ids = new RandomIds();
        _store = new ResourceStore(_objects);
        _writer = new ResourceWriter(_store, _objects, new DueIndex(_objects, _store, ids, time, Options.Create(new ScheduleOptions())), ids, time);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_the_index_entries_before_it_starts_the_run()
    {
        List<string>? before = null;

        await _writer.PutAsync(CertificateKind.Kind, A.Certificate(), null, createOnly: true, async _ => before = await NamesAsync(), Cancel);

        Assert.Collection(
            before!,
            name => Assert.StartsWith("by-issuer/Issuer.ns.ca/certificates/ns/web/", name, StringComparison.Ordinal),
            name => Assert.StartsWith("due/20260101000200/certificates/ns/web/", name, StringComparison.Ordinal),
            name => Assert.Equal("resources/certificates/ns/web", name));
    }

    [Fact]
    public async Task Writes_nothing_for_an_unchanged_wish()
    {
        await PutAsync(A.Certificate());
        var before = await NamesAsync();

        var again = await PutAsync(A.Certificate());

        Assert.Equal("Unchanged", again.State);
        Assert.Equal(before, await NamesAsync());
        Assert.Single(_started);
    }

    [Fact]
    public async Task Counts_a_generation_for_a_changed_spec_and_none_for_a_label()
    {
        await PutAsync(A.Certificate());
        var labelled = A.Certificate() with { Metadata = A.Certificate().Metadata with { Labels = ValueMap.Empty.With("team", "a") } };

        var label = await PutAsync(labelled);
        var spec = await PutAsync(labelled with { Spec = labelled.Spec with { DnsNames = ["other.test"] } });

        Assert.Equal(1, label.Resource!.Metadata.Generation);
        Assert.Equal(2, spec.Resource!.Metadata.Generation);
    }

    [Fact]
    public async Task Refuses_a_write_on_a_version_that_was_overtaken()
    {
        var first = (await PutAsync(A.Certificate())).Resource!;
        await PutAsync(first with { Spec = first.Spec with { DnsNames = ["other.test"] } });

        var late = await _writer.PutAsync(CertificateKind.Kind, first, first.Metadata.ResourceVersion, createOnly: false, _ => Task.CompletedTask, Cancel);

        Assert.Equal("Conflict", late.State);
    }

    [Fact]
    public async Task Keeps_a_request_immutable_and_its_system_annotations_the_systems()
    {
        var request = Request("one.test");
        Assert.Equal("Created", (await PutAsync(request)).State);

        var changed = await PutAsync(Request("two.test"));
        var forged = await PutAsync(request with
        {
            Metadata = request.Metadata with { Annotations = ValueMap.Empty.With(Annotations.PrivateKeySecretName, "staged-x").With(Annotations.CertificateUid, "y") },
        });

        Assert.Equal(["spec"], changed.Violations!.Select(each => each.Field));
        Assert.Equal(
            [$"metadata.annotations[{Annotations.PrivateKeySecretName}]", $"metadata.annotations[{Annotations.CertificateUid}]"],
            forged.Violations!.Select(each => each.Field));
    }

    [Fact]
    public async Task Records_who_asked_whatever_the_body_says()
    {
        var request = Request("one.test");

        var written = await PutAsync(request with { Spec = request.Spec with { Username = "somebody else" } });

        Assert.Equal("certfunctions.dev:api", written.Resource!.Spec.Username);
    }

    private Task<WriteOutcome<Certificate>> PutAsync(Certificate wanted) => _writer.PutAsync(CertificateKind.Kind, wanted, null, createOnly: false, StartAsync, Cancel);

    private Task<WriteOutcome<CertificateRequest>> PutAsync(CertificateRequest wanted) =>
        _writer.PutAsync(CertificateRequestKind.Kind, wanted, null, createOnly: false, StartAsync, Cancel);

    private Task StartAsync(RunTicket ticket)
    {
        _started.Add(ticket);
        return Task.CompletedTask;
    }

    private async Task<List<string>> NamesAsync() =>
        [.. (await _objects.ListAsync("", from: null, continuation: null, pageSize: 100, Cancel)).Entries.Select(entry => entry.Name)];

    private static CertificateRequest Request(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var csr = new System.Security.Cryptography.X509Certificates.CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        return new Core.Resources.CertificateRequest
        {
            Metadata = new ObjectMeta { Namespace = "ns", Name = "mine" },
            Spec = new CertificateRequestSpec { Request = Encoding.ASCII.GetBytes(csr), IssuerRef = new IssuerRef { Name = "ca" } },
        };
    }
}
