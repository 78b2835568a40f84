using CertFunctions.App.Acme;
using CertFunctions.App.Acme.Orders;
using CertFunctions.App.Api;
using CertFunctions.App.Certificates;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Schedule;

/// <summary>The due index as a model: the real writer, index and removal over a store whose calls interleave at random, with crashes, lost starts, stalls and repeats.</summary>
public sealed class DueIndexModel
{
    private static readonly string[] Names = ["a", "b"];
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Never_forgets_a_changed_resource_and_rests_with_one_entry_each()
    {
        for (var seed = 0; seed < Interleaving.Schedules(all: 2000); seed++)
        {
            try { await new Schedule(seed).RunAsync(); }
            catch (Exception failure) { throw new InvalidOperationException($"Seed {seed}: {failure.Message}", failure); }
        }
    }

    private sealed class Schedule
    {
        private readonly Random _random;
        private readonly Interleaving _steps;
        private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        private readonly IOptions<ScheduleOptions> _options = Options.Create(new ScheduleOptions());
        private readonly Ids _ids = new();
        private int _wishes;

        public Schedule(int seed)
        {
#pragma warning disable CA5394 // a schedule must be repeatable from its seed
            _random = new Random(seed);
#pragma warning restore CA5394
            _steps = new Interleaving(_random);
        }

        public async Task RunAsync()
        {
            for (var step = 0; step < 200; step++)
            {
                Disturb();
                if (!_steps.IsIdle) { _steps.Step(deathRate: 0.03); }
                await AssertNothingForgotten();
            }

            await CalmDown();
            await AssertAtRest();
        }

        private void Disturb()
        {
            switch (_random.Next(40))
            {
                case 0 or 1 or 2: Write(Names[_random.Next(Names.Length)]); break;
                case 3: Delete(Names[_random.Next(Names.Length)]); break;
                case 4 or 5: Tick(); break;
                case 6: _time.Advance(TimeSpan.FromSeconds(_random.Next(200))); break;
                default: break;
            }
        }

        private async Task CalmDown()
        {
            for (var round = 0; round < 80; round++)
            {
                while (!_steps.IsIdle) { _steps.Step(deathRate: 0); await AssertNothingForgotten(); }
                _time.Advance(TimeSpan.FromMinutes(1));
                Tick();
            }

            Sweep();
            while (!_steps.IsIdle) { _steps.Step(deathRate: 0); }
        }

        private void Sweep() => _steps.Start(objects =>
        {
            var kinds = new ResourceKinds([CertificateKind.Kind]);
            return new IndexSweep(objects, kinds, Over(objects).Due, _time, _options, NullLogger<IndexSweep>.Instance).RunAsync(Cancel);
        });

        private void Write(string name) => _steps.Start(async objects =>
        {
            var (store, due) = Over(objects);
            var wish = A.Certificate(name) with { Spec = A.Certificate(name).Spec with { DnsNames = [$"{_wishes++}.test"] } };
            await new ResourceWriter(store, objects, due, _ids, _time).PutAsync(CertificateKind.Kind, wish, null, createOnly: false, Start, Cancel);
        });

        private void Delete(string name) => _steps.Start(objects =>
        {
            var (store, due) = Over(objects);
            return new ResourceWriter(store, objects, due, _ids, _time).DeleteAsync(CertificateKind.Kind, new ResourceName("ns", name), null, null, Start, Cancel);
        });

        /// <summary>The timer: writes nothing, starts a run for every entry that is due.</summary>
        private void Tick() => _steps.Start(async objects =>
        {
            var until = DueEntry.DueUntil(_time.GetUtcNow());
            await foreach (var listed in objects.ListAllAsync(DueEntry.Prefix, Cancel))
            {
                if (string.CompareOrdinal(listed.Name, until) < 0) { await Start(DueEntry.TryParse(listed.Name)!.Ticket); }
            }
        });

        /// <summary>A third of the starts is lost; otherwise one run, or two at once.</summary>
        private Task Start(RunTicket ticket)
        {
            var fate = _random.Next(6);
            if (fate > 1) { Run(ticket); }
            if (fate == 5) { Run(ticket); }
            return Task.CompletedTask;
        }

        private void Run(RunTicket ticket) => _steps.Start(async objects =>
        {
            var (store, due) = Over(objects);
            var remove = new CertificateActivities(store, null!, null!, null!, new RequestHistory(store, objects, due, new OrderTidying(store, cleaning: null!, due, claims: null!, new ChallengeSlots(_time, Options.Create(new AcmeOptions())))), due, _time, _options, events: null!, NullLogger<CertificateActivities>.Instance);
            while (true)
            {
                var read = await store.FindAsync(CertificateKind.Kind, new ResourceName("ns", ticket.Name), Cancel);
                if (read?.Resource.Metadata.Uid != ticket.Uid || read.Resource.Metadata.DeletionTimestamp is not null)
                {
                    await remove.RemoveCertificate(ticket, Cancel);
                    return;
                }

                var seen = read.Resource with { Status = new CertificateStatus { Revision = (int)read.Resource.Metadata.Generation } };
                var now = _time.GetUtcNow();
                var next = DueIndex.NameFor(ticket, now + TimeSpan.FromDays(30), now, _ids.NewUid().Replace("-", "", StringComparison.Ordinal));
                if (!await due.SettleAsync(CertificateKind.Kind, ticket, read, seen, next, Cancel)) { continue; }
                if (_random.Next(5) == 0) { await due.SettleAsync(CertificateKind.Kind, ticket, read, seen, next, Cancel); }   // an activity repeated
                return;
            }
        });

        private (ResourceStore Store, DueIndex Due) Over(IObjectStore objects)
        {
            var store = new ResourceStore(objects);
            return (store, new DueIndex(objects, store, _ids, _time, _options));
        }

        private async Task<(List<Stored<Certificate>> Living, List<DueEntry> Entries)> State()
        {
            var store = new ResourceStore(_steps.Store);
            var living = new List<Stored<Certificate>>();
            foreach (var name in Names)
            {
                if (await store.FindAsync(CertificateKind.Kind, new ResourceName("ns", name), Cancel) is { } found) { living.Add(found); }
            }

            var page = await _steps.Store.ListAsync(DueEntry.Prefix, null, null, 5000, Cancel);
            return (living, page.Entries.Select(entry => DueEntry.TryParse(entry.Name)!).ToList());
        }

        private async Task AssertNothingForgotten()
        {
            var (living, entries) = await State();
            foreach (var each in living.Where(each => each.Resource.Metadata.DeletionTimestamp is not null || each.Resource.Status?.Revision != each.Resource.Metadata.Generation))
            {
                Assert.True(entries.Exists(entry => entry.Uid == each.Resource.Metadata.Uid), $"{each.Resource.Metadata.Name} changed and has no entry");
            }
        }

        private async Task AssertAtRest()
        {
            var (living, entries) = await State();
            Assert.All(living, each => Assert.Equal((int)each.Resource.Metadata.Generation, each.Resource.Status?.Revision));
            Assert.All(living, each => Assert.Equal(each.Due, Assert.Single(entries, entry => entry.Uid == each.Resource.Metadata.Uid).ObjectName));
            Assert.Equal(living.Count, entries.Count);
        }
    }

    private sealed class Ids : IIds
    {
        private int _last;

        public string NewUid() => $"00000000-0000-0000-0000-{++_last:d12}";

        public byte[] NewSerialNumber() => [1];
    }
}
