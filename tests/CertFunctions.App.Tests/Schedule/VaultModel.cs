using CertFunctions.App.Api;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Certificates;
using CertFunctions.App.Issuers;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Schedule;

/// <summary>
/// Claims and the import lease as a model: the real orchestrators and activities over stores whose calls interleave at random. Two Certificates want the same
/// vault object, wishes change, runs die with their history or run twice at once, activities repeat, starts get lost, and somebody deletes the object.
/// </summary>
public sealed class VaultModel
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_two_own_an_object_and_status_and_vault_agree_at_rest()
    {
        for (var seed = 0; seed < Interleaving.Schedules(all: 250); seed++)
        {
            try { await new Schedule(seed).RunAsync(); }
            catch (Exception failure) { throw new InvalidOperationException($"Seed {seed}: {failure.Message}", failure); }
        }
    }

    private sealed class Schedule
    {
        private static readonly ResourceName[] Names = [new("one", "web"), new("two", "web")];
        private static readonly VaultObject Shared = new(AppServices.DefaultVault, "shared");

        private readonly Random _random;
        private readonly Interleaving _steps;
        private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        private readonly InMemoryVault _vault = new();
        private readonly ServiceProvider _services;
        private int _ids;
        private int _wishes;

        public Schedule(int seed)
        {
#pragma warning disable CA5394 // a schedule must be repeatable from its seed
            _random = new Random(seed);
#pragma warning restore CA5394
            _steps = new Interleaving(_random);
            _services = AppServices.Over(_steps.Stepped, _steps.Step<IVault>(_vault), _time, new Ids(this));
        }

        public async Task RunAsync()
        {
            await using var services = _services;
            await AddIssuerAsync();
            for (var step = 0; step < 600; step++)
            {
                Disturb();
                if (!_steps.IsIdle) { _steps.Step(deathRate: 0.005); }
            }

            for (var round = 0; round < 200; round++)
            {
                while (!_steps.IsIdle) { _steps.Step(deathRate: 0); }
                _time.Advance(TimeSpan.FromMinutes(1));
                Tick(loses: false);
                if (round % 30 == 0) { _steps.Start(_ => ActivatorUtilities.CreateInstance<VaultCheck>(_services).CheckVaults(new TimerInfo(), client: null!, Cancel)); }   // its starts get lost, too
            }

            for (var sweep = 0; sweep < 2; sweep++)
            {
                _steps.Start(_ => _services.GetRequiredService<IndexSweep>().RunAsync(Cancel));
                while (!_steps.IsIdle) { _steps.Step(deathRate: 0); }
                Tick(loses: false);
                while (!_steps.IsIdle) { _steps.Step(deathRate: 0); }
            }

            await AssertAtRest();
            await AssertNothingNamesTheDead();
        }

        private void Disturb()
        {
            switch (_random.Next(60))
            {
                case 0 or 1: Write(Names[_random.Next(Names.Length)]); break;
                case 2: Delete(Names[_random.Next(Names.Length)]); break;
                case 3 or 4: Tick(loses: true); break;
                case 7 when _vault.CertificateVersions(Shared).Count > 0 && _random.Next(4) == 0: _vault.SoftDelete(Shared); break;
                case 5 or 6 when !_steps.IsWaitingFor(nameof(IVault.ImportAsync)): _time.Advance(TimeSpan.FromSeconds(_random.Next(400))); break;
                default: break;
            }
        }

        /// <summary>A new wish: other names, and most of the time the object that both want.</summary>
        private void Write(ResourceName name) => _steps.Start(_ =>
        {
            var wish = new Certificate
            {
                Metadata = new ObjectMeta
                {
                    Namespace = name.Namespace, Name = name.Name,
                    Annotations = ValueMap.From([new(Annotations.VaultObject, _random.Next(4) == 0 ? $"of-{name.Namespace}" : "shared")]),
                },
                Spec = new CertificateSpec
                {
                    SecretName = "web", DnsNames = [$"{_wishes++}.test"], IssuerRef = new IssuerRef { Name = "self", Kind = "ClusterIssuer" },
                    PrivateKey = new PrivateKeySpec { Algorithm = "ECDSA", Size = 256 },
                },
            };
            return _services.GetRequiredService<ResourceWriter>().PutAsync(CertificateKind.Kind, wish, expectedVersion: null, createOnly: false, ticket => StartAsync(ticket, loses: true), Cancel);
        });

        private void Delete(ResourceName name) => _steps.Start(_ =>
            _services.GetRequiredService<ResourceWriter>().DeleteAsync(CertificateKind.Kind, name, uid: null, expectedVersion: null, ticket => StartAsync(ticket, loses: true), Cancel));

        private void Tick(bool loses) => _steps.Start(async objects =>
        {
            var until = DueEntry.DueUntil(_time.GetUtcNow());
            await foreach (var listed in objects.ListAllAsync(DueEntry.Prefix, Cancel))
            {
                if (string.CompareOrdinal(listed.Name, until) < 0 && DueEntry.TryParse(listed.Name) is { } entry) { await StartAsync(entry.Ticket, loses); }
            }
        });

        private Task StartAsync(RunTicket ticket, bool loses)
        {
            var fate = loses ? _random.Next(6) : 2;
            if (fate > 1) { Run(ticket); }
            if (fate == 5) { Run(ticket); }
            return Task.CompletedTask;
        }

        private void Run(RunTicket ticket) => _steps.Start(async _ =>
        {
            var context = new DirectContext(_services, NewGuid, () => _random.Next(25) == 0);
            do
            {
                context.StartsOver = false;
                await (ticket.Plural == "certificates" ? ReconcileCertificate.Run(context, ticket) : ReconcileCertificateRequest.Run(context, ticket));
            }
            while (context.StartsOver);
        });

        private async Task AssertAtRest()
        {
            var store = new ResourceStore(_steps.Store);
            var living = new List<Certificate>();
            foreach (var name in Names)
            {
                if (await store.FindAsync(CertificateKind.Kind, name, Cancel) is { } found) { living.Add(found.Resource); }
            }

            foreach (var group in living.GroupBy(each => each.Metadata.Annotations!.Find(Annotations.VaultObject)!))
            {
                var versions = _vault.CertificateVersions(new VaultObject(AppServices.DefaultVault, group.Key));
                AssertNoRevisionTwice(versions);
                var ready = group.Where(each => each.Status?.Conditions.IsTrue("Ready") is true).ToList();
                Assert.True(ready.Count == 1, $"{ready.Count} are Ready of {group.Key} at {_time.GetUtcNow():u}:\n{string.Join('\n', living.Select(Describe))}\nversions {string.Join(" | ", versions.Select(version => string.Join(' ', version.Tags)))}");
                var owner = ready[0];
                var leaf = X509Facts.Read(versions[0].Leaf);
                Assert.Equal(owner.Metadata.Uid, versions[0].Tags.Find(Annotations.CertificateUid));
                Assert.Equal(owner.Spec.DnsNames, leaf.DnsNames);
                Assert.Equal(versions[0].Version, owner.Status!.Vault!.Version);
                Assert.Equal($"{owner.Status.Revision}", versions[0].Tags.Find(Annotations.CertificateRevision));
                var left = await store.FindAsync(CertificateRequestKind.Kind, new ResourceName(owner.Metadata.Namespace, RequestNames.For(owner.Metadata.Name, owner.Status.Revision!.Value + 1)), Cancel);
                Assert.True(left is null, $"{left?.Resource.Metadata.Name} is under way, and nothing wants it.");
                Assert.All(group.Where(each => each != owner), other => Assert.Equal("SecretNameTaken", other.Status!.Conditions.Find("Ready")!.Reason));
            }
        }

        private async Task AssertNothingNamesTheDead()
        {
            var names = new List<ObjectEntry>();
            await foreach (var entry in _steps.Store.ListAllAsync("", Cancel)) { names.Add(entry); }
            var living = names.Where(entry => entry.Name.StartsWith("resources/", StringComparison.Ordinal)).Select(entry => entry.Metadata.Find("uid")!).ToHashSet(StringComparer.Ordinal);

            var indexed = names.Select(entry => entry.Name.Split('/')).Where(parts => parts[0] is "by-issuer").Select(parts => parts[^1])
                .Concat(names.Select(entry => DueEntry.TryParse(entry.Name)).OfType<DueEntry>().Select(entry => entry.Uid));
            Assert.All(indexed, uid => Assert.Contains(uid, living));

            var store = new ResourceStore(_steps.Store);
            foreach (var entry in names.Where(entry => entry.Name.StartsWith("resources/certificaterequests/", StringComparison.Ordinal)))
            {
                var parts = entry.Name.Split('/');
                var request = await store.FindAsync(CertificateRequestKind.Kind, new ResourceName(parts[2], parts[3]), Cancel);
                Assert.Contains(request!.Resource.Metadata.Annotations!.Find(Annotations.CertificateUid)!, living);
            }
        }

        private static void AssertNoRevisionTwice(IReadOnlyList<VaultCertificate> versions) => Assert.All(
            versions.GroupBy(version => (version.Tags.Find(Annotations.CertificateUid), version.Tags.Find(Annotations.CertificateRevision))), revision => Assert.Single(revision));

        private static string Describe(Certificate certificate) => System.Text.Json.JsonSerializer.Serialize(certificate, ResourceJson.Default.Certificate);

        private async Task AddIssuerAsync()
        {
            var ready = new Condition { Type = "Ready", Status = "True", Reason = "IsReady" };
            var issuer = new ClusterIssuer
            {
                Metadata = new ObjectMeta { Name = "self", Uid = "issuer", Generation = 1 }, Spec = new IssuerSpec { SelfSigned = new SelfSignedIssuer() }, Status = new IssuerStatus { Conditions = [ready] },
            };
            await new ResourceStore(_steps.Store).CreateAsync(ClusterIssuerKind.Kind, issuer, due: null, Cancel);
        }

        private Guid NewGuid() => new(++_ids, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

        private sealed class Ids(Schedule schedule) : IIds
        {
            public string NewUid() => schedule.NewGuid().ToString("D");

            public byte[] NewSerialNumber() => [1, .. schedule.NewGuid().ToByteArray()];
        }
    }
}
