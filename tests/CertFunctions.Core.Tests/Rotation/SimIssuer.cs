using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Rotation;

/// <summary>An issuer of type <c>ca</c> and its run: gather, decide, write the status if nobody else has.</summary>
internal sealed class SimIssuer(World world, string name, string secret)
{
    private int _etag;

    public string Name => name;

    /// <summary><c>spec.ca.secretName</c>: may be edited at any time.</summary>
    public string Secret { get; set; } = secret;

    public IssuerStatus Status { get; private set; } = new();

    public List<(DateTimeOffset At, IssuerStatus Status)> History { get; } = [];

    public PinnedSigner Pinned => Status.Pinned!;

    public Ca Signer => world.Cas[Pinned.Thumbprint];

    public bool IsPaused => Status.RotationPaused is true;

    public void Start()
    {
        Write(new IssuerStatus { Pinned = world.Vault[Secret][^1].Pinned });
        world.In(world.Soon(), () => Look(again: true));
    }

    /// <summary>A verb or a hand; the store lets each write in turn.</summary>
    public void Write(IssuerStatus status)
    {
        (Status, _etag) = (status, _etag + 1);
        History.Add((world.Now, status));
        world.Tell(() => $"{name}: {Describe(status)}");
    }

    public void Rotate(RotationRequest request)
    {
        if (Status.Rotation is { Next: not null } or { Request: not null }) { return; }   // refused: one at a time (8)

        Write(Status with { Rotation = new RotationStatus { Stage = RotationPolicy.Requested, Request = request, StartedAt = world.AppNow } });
        Wake();
    }

    public void Abandon()
    {
        if (Status.Rotation is not { } rotation || rotation is { Next: null, Request: null }) { return; }

        Write(Status with { Rotation = new RotationStatus { Stage = "Abandoned", Abandoned = rotation.Next?.Thumbprint ?? Pinned.Thumbprint, StartedAt = world.AppNow } });
        world.Bundles.ForEach(bundle => bundle.Wake());
        Wake();
    }

    public void Pause(bool isPaused)
    {
        Write(Status with { RotationPaused = isPaused ? true : null });
        Wake();
    }

    public void Wake() => world.In(world.Soon(), () => Look(again: false));

    private void Look(bool again)
    {
        var etag = _etag;
        var gatherer = new SimGatherer(world, this);
        var facts = gatherer.Facts();
        var now = world.IsOff(Rule.R13_StoresClock) ? world.AppNow : world.StoreNow;
        if (gatherer.Shortcut(facts) is { } taken) { Write(taken); Woken(); }

        world.In(world.Stall(TimeSpan.FromHours(30)), () =>
        {
            var verdict = CaIssuerPolicy.Decide(facts, now);
            if (again) { world.In(verdict.LookAgain + TimeSpan.FromSeconds(1), () => Look(again: true)); }
            if (world.Crashes()) { return; }
            if (etag != _etag) { Wake(); return; }

            Settle(verdict);
        });
    }

    private void Settle(IssuerVerdict verdict)
    {
        var before = Pinned;
        var status = verdict.Status with { Conditions = null };
        if (world.IsOff(Rule.R8_EveryRetiringCA) && status.Retiring is { Count: > 1 } several) { status = status with { Retiring = [several[^1]] }; }
        if (status != Status) { Write(status); }
        if (verdict.WakesBundles) { world.Bundles.ForEach(bundle => bundle.Wake()); }
        if (verdict.MakesCa) { world.CaCertificates.Find(each => each.Secret == Secret)?.Renew(newKey: true); }
        if (before != Pinned) { Woken(); }
    }

    /// <summary>The pin moved: leaves are asked about, spread over time.</summary>
    private void Woken()
    {
        foreach (var certificate in world.Certificates.Where(each => each.Issuer == this)) { certificate.PinMoved(); }
        foreach (var certificate in world.CaCertificates.Where(each => each.Issuer == this)) { world.In(world.Soon(), certificate.Look); }
    }

    private static string Describe(IssuerStatus status) =>
        $"pinned {status.Pinned?.Thumbprint}, {status.Rotation?.Stage} next {status.Rotation?.Next?.Thumbprint}, abandoned {status.Rotation?.Abandoned}, retiring {string.Join(' ', (status.Retiring ?? []).Select(each => each.Signer.Thumbprint))}{(status.RotationPaused is true ? ", paused" : "")}";
}
