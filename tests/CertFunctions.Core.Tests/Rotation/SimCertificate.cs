using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Rotation;

/// <summary>A Certificate that an issuer signs, with consumers that go on serving the old leaf for L.</summary>
internal sealed class SimCertificate(World world, string name, SimIssuer issuer)
{
    private bool _isSigning;
    private bool _isListed;

    public SimIssuer Issuer => issuer;

    public Leaf Current { get; private set; } = null!;

    public void Start()
    {
        Current = world.NewLeaf(world.NewId(name), issuer.Signer, issuer.Name, name, Min(world.AppNow + (world.LeafLife * (0.5 + (world.Random.NextDouble() / 2))), issuer.Pinned.NotAfter));
        world.Log.Add(new(Current.Id, Current.Signer, Current.NotAfter, name, IsCA: false));
        world.In(world.Sweep * world.Random.NextDouble(), Again);
    }

    /// <summary>Whether it still holds a leaf of a retiring CA.</summary>
    public bool Counts(PinnedSigner retiring) => world.IsOff(Rule.R12_AskedEachTime) ? _isListed : Current.Signer.IsSame(retiring);

    /// <summary>Whoever is not asked each time is listed now.</summary>
    public void PinMoved()
    {
        _isListed = IsForeign;
        world.In(world.Pace.Spread * world.Random.NextDouble(), Look);
    }

    private bool IsForeign => !Current.Signer.IsSame(issuer.Pinned);

    private void Again()
    {
        Look();
        world.In(world.Sweep, Again);
    }

    private void Look()
    {
        var isDue = (!issuer.IsPaused && (world.IsOff(Rule.R12_AskedEachTime) ? _isListed : IsForeign)) || world.AppNow >= Current.NotAfter - ((Current.NotAfter - Current.From) / 3);
        if (isDue) { Renew(); }
    }

    public void Renew()
    {
        if (_isSigning) { return; }

        _isSigning = true;
        var revision = Current.Id;
        if (world.Crashes()) { world.In(world.Soon(), () => _isSigning = false); }   // done again by another process, while this one may go on
        new SimSigning(world, issuer, name, world.LeafLife).Start((serial, signer, notAfter) =>
        {
            _isSigning = false;
            if (signer is null) { world.In(world.Soon(), Look); return; }
            if (revision != Current.Id) { return; }

            Current.To = world.Now + world.Pace.Lag;
            Current = world.NewLeaf(serial, signer, issuer.Name, name, notAfter);
            _isListed = false;
            if (IsForeign) { world.In(world.Soon(), Look); }
        });
    }

    private static DateTimeOffset Min(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}

/// <summary>How an issuer signs (rule 11): the log entry first, then the pin once more, then the signature; it may be halted between any two of these.</summary>
internal sealed class SimSigning(World world, SimIssuer issuer, string? owner, TimeSpan life, bool isCA = false)
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(8);

    /// <param name="done">Serial, signer (null: not signed, ask again) and end.</param>
    public void Start(Action<string, Ca?, DateTimeOffset> done)
    {
        var (pinned, serial) = (issuer.Pinned, world.NewId(owner ?? "csr"));
        world.In(world.Stall(Longest), () =>
        {
            var signer = world.Cas[pinned.Thumbprint];
            var notAfter = world.AppNow + life < signer.NotAfter ? world.AppNow + life : signer.NotAfter;
            var entry = new LogEntry(serial, signer, notAfter, owner, isCA);
            var isLate = world.IsOff(Rule.R11_LogBeforeSigning);
            if (!isLate) { world.Log.Add(entry); }
            world.In(world.Soon(), () =>
            {
                if (issuer.Pinned != pinned && !world.IsOff(Rule.R11_RereadPin)) { done(serial, null, notAfter); return; }

                world.In(world.Stall(Longest), () =>
                {
                    done(serial, signer, notAfter);
                    if (isLate) { world.In(world.Stall(Longest), () => world.Log.Add(entry)); }
                });
            });
        });
    }
}
