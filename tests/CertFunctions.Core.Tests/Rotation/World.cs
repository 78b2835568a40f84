using System.Globalization;
using CertFunctions.Core.Policy;

namespace CertFunctions.Core.Tests.Rotation;

/// <summary>Time, chance and everything that is stored. What happens is a queue of moments; two runs with one seed are the same.</summary>
internal sealed class World(int seed, Rule off, IMint mint, RotationPace pace)
{
    public static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<Action, (DateTimeOffset At, int Order)> _queue = new();
    private readonly List<string> _told = [];
    private int _order;
    private int _ids;

    public Random Random { get; } = new(seed);

    public RotationPace Pace => pace;

    /// <summary>Nobody has this clock.</summary>
    public DateTimeOffset Now { get; private set; } = Begin;

    public TimeSpan AppOffset { get; set; }

    public TimeSpan StoreOffset { get; set; }

    /// <summary>Whether things stall and crash.</summary>
    public bool IsRough { get; init; } = true;

    /// <summary>Whether they stall more often than not.</summary>
    public bool IsSlow { get; init; }

    public TimeSpan LeafLife { get; init; } = TimeSpan.FromDays(20);

    /// <summary>Pace of looking at everything again, whatever happened.</summary>
    public TimeSpan Sweep { get; init; } = TimeSpan.FromHours(30);

    public DateTimeOffset AppNow => Whole(Now + AppOffset);

    public DateTimeOffset StoreNow => Whole(Now + StoreOffset);

    public Dictionary<string, Ca> Cas { get; } = [];

    /// <summary>By object: versions, the newest last.</summary>
    public Dictionary<string, List<Ca>> Vault { get; } = [];

    public List<SimIssuer> Issuers { get; } = [];

    public List<SimBundle> Bundles { get; } = [];

    public List<SimCertificate> Certificates { get; } = [];

    public List<SimCaCertificate> CaCertificates { get; } = [];

    public List<LogEntry> Log { get; } = [];

    public List<Leaf> Leaves { get; } = [];

    public List<Version> Versions { get; } = [];

    public bool IsOff(Rule rule) => rule == off;

    public string NewId(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{++_ids}");

    public void In(TimeSpan delay, Action act) => _queue.Enqueue(act, (Now + delay, _order++));

    public void Run(DateTimeOffset until)
    {
        while (_queue.TryPeek(out _, out var moment) && moment.At <= until)
        {
            var act = _queue.Dequeue();
            Now = moment.At;
            act();
        }

        Now = until;
    }

    /// <summary>What a step takes.</summary>
    public TimeSpan Soon() => TimeSpan.FromSeconds(Random.Next(1, 120));

    /// <summary>What a step takes when its process may be halted meanwhile.</summary>
    public TimeSpan Stall(TimeSpan most)
    {
        if (!IsRough) { return Soon(); }

        var luck = Random.Next(100);
        return luck < (IsSlow ? 40 : 85) ? Soon() : TimeSpan.FromSeconds(Random.Next(1, (int)(luck < (IsSlow ? 70 : 97) ? most / 6 : most).TotalSeconds));
    }

    public bool Crashes() => IsRough && Random.Next(100) < 4;

    public Ca NewCa(string name, string key, string ski, Ca? parent, TimeSpan life, string? id = null)
    {
        var notAfter = AppNow + life;
        var made = mint.Ca(id ?? NewId(name), name, key, ski, parent, AppNow, parent is not null && parent.NotAfter < notAfter ? parent.NotAfter : notAfter);
        Cas.Add(made.Id, made);
        Vault.TryAdd(name, []);
        Vault[name].Add(made);
        Tell(() => $"{made.Id} made: key {key}, ski {ski}, under {parent?.Id ?? "itself"}, until {made.NotAfter:u}");
        return made;
    }

    public Leaf NewLeaf(string serial, Ca signer, string issuer, string? certificate, DateTimeOffset notAfter)
    {
        var leaf = mint.Leaf(serial, signer, issuer, certificate, AppNow, notAfter) with { From = Now };
        Leaves.Add(leaf);
        return leaf;
    }

    /// <summary>For whoever has to find out why; built only while somebody listens.</summary>
    public void Tell(Func<string> what)
    {
        if (IsListening) { _told.Add($"{Now:u} {what()}"); }
    }

    public bool IsListening { get; init; }

    public IReadOnlyList<string> Told => _told;

    private static DateTimeOffset Whole(DateTimeOffset moment) => moment.AddTicks(-(moment.Ticks % TimeSpan.TicksPerSecond));
}
