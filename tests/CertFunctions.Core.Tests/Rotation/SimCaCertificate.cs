namespace CertFunctions.Core.Tests.Rotation;

/// <summary>A Certificate with <c>isCA</c>: self-signed, or under an issuer, which re-issues it like any leaf.</summary>
/// <param name="issuer">Null: self-signed.</param>
internal sealed class SimCaCertificate(World world, string secret, SimIssuer? issuer, TimeSpan life, TimeSpan renewBefore)
{
    private bool _isMaking;
    private DateTimeOffset _made;

    public string Secret => secret;

    public SimIssuer? Issuer => issuer;

    public Ca Current => world.Vault[secret][^1];

    /// <summary>Whether a renewal makes another key (rotationPolicy Always).</summary>
    public bool RotatesKey { get; set; }

    public void Start(Ca? parent)
    {
        world.NewCa(secret, world.NewId("key"), "ski-1", parent, life);
        _made = world.AppNow;
        world.In(world.Sweep * world.Random.NextDouble(), Again);
    }

    public void Look()
    {
        var isForeign = issuer is { IsPaused: false } && !Current.Parent!.IsSame(issuer.Pinned);
        if (isForeign || world.AppNow >= Current.NotAfter - LeadTime) { Renew(RotatesKey); }
    }

    public void Renew(bool newKey, string? ski = null)
    {
        if (_isMaking) { return; }

        _isMaking = true;
        var key = newKey ? world.NewId("key") : Current.Key;
        var octets = ski ?? (newKey ? "ski-" + key : Current.Pinned.SubjectKeyId!);
        if (issuer is null)
        {
            world.In(world.Soon(), () => Made(() => world.NewCa(secret, key, octets, null, life)));
            return;
        }

        new SimSigning(world, issuer, secret, life, isCA: true).Start((serial, signer, notAfter) =>
        {
            if (signer is null) { _isMaking = false; world.In(world.Soon(), Look); return; }

            Made(() => world.NewCa(secret, key, octets, signer, notAfter - world.AppNow, serial));
        });
    }

    private TimeSpan LeadTime => renewBefore < (Current.NotAfter - _made) / 3 ? renewBefore : (Current.NotAfter - _made) / 3;

    private void Made(Action make)
    {
        _isMaking = false;
        make();
        _made = world.AppNow;
        foreach (var user in world.Issuers.Where(each => each.Secret == secret)) { user.Wake(); }
    }

    private void Again()
    {
        Look();
        world.In(world.Sweep, Again);
    }
}
