using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Rotation;

/// <summary>Collects what an issuer is decided by, the status first; leaves out a rule when it is told to.</summary>
internal sealed class SimGatherer(World world, SimIssuer issuer)
{
    private readonly IssuerStatus _status = issuer.Status;

    public IssuerFacts Facts()
    {
        var pinned = _status.Pinned!;
        var candidate = Candidate(pinned);
        var target = _status.Rotation?.Next ?? candidate;
        var retiring = _status.Retiring ?? [];
        var ca = new CaFacts(_status.Rotation, retiring, Holds(pinned, target), retiring.Select(Left).ToValueList(), Pace(), null, _status.RotationPaused is true);
        return new(1, "ca", [], pinned, new(candidate, null, null), TimeSpan.FromMinutes(5), world.Sweep) { Ca = ca };
    }

    /// <summary>What an app without rule 9 or 10 would take at once.</summary>
    public IssuerStatus? Shortcut(IssuerFacts facts)
    {
        var (pinned, candidate) = (facts.Pinned!, facts.Candidate!.Signer!);
        var taken = candidate.Thumbprint != pinned.Thumbprint
            && ((world.IsOff(Rule.R9_SecretName) && candidate.Object != pinned.Object) || (world.IsOff(Rule.R10_RenewalsWait) && SignerPolicy.IsSame(pinned, candidate)));
        return taken ? _status with { Pinned = candidate, Rotation = null } : null;
    }

    private PinnedSigner Candidate(PinnedSigner pinned)
    {
        var found = _status.Rotation is { Request.Version: { } version, Next: null } ? world.Cas[version].Pinned : world.Vault[issuer.Secret][^1].Pinned;
        return found with
        {
            RootKeyHash = world.IsOff(Rule.R9_OtherRoot) && found.KeyHash == pinned.KeyHash ? pinned.RootKeyHash : found.RootKeyHash,
            SubjectKeyId = world.IsOff(Rule.R10_SubjectKeyId) && found.KeyHash == pinned.KeyHash ? pinned.SubjectKeyId : found.SubjectKeyId,
        };
    }

    private ValueList<BundleHold> Holds(PinnedSigner pinned, PinnedSigner target)
    {
        var token = SimBundle.Token(issuer);
        var files = world.Bundles.SelectMany(bundle => bundle.Files).Where(file => file.Current!.Anchors.Any(id => world.Cas[id].Pinned.KeyHash == pinned.RootKeyHash)).ToList();
        if (world.IsOff(Rule.R7_EveryBundle)) { files = [.. files.Take(1)]; }
        if (world.IsOff(Rule.R7_EveryFormat)) { files = [.. files.Where(file => file.Name.EndsWith("pem", StringComparison.Ordinal))]; }

        var holds = files.Select(file => file.Hold(target.RootThumbprint!, token)).ToList();
        if (world.IsOff(Rule.R7_Propagation)) { holds = [.. holds.Select(hold => hold with { NewSince = hold.NewSince is null ? null : DateTimeOffset.MinValue })]; }
        if (world.IsOff(Rule.R4_RefusedFilesBlock)) { holds = [.. holds.Where(hold => hold.Problem is null)]; }

        return [.. holds];
    }

    private RetiringLeaves Left(RetiringSigner retiring)
    {
        var now = world.IsOff(Rule.R13_StoresClock) ? world.AppNow : world.StoreNow;
        world.Log.RemoveAll(each => each.NotAfter < now.AddDays(-30));
        var valid = world.Log.Where(each => each.NotAfter > now && !each.IsRevoked).ToList();
        var left = valid.Where(each => each.Signer.IsSame(retiring.Signer)).ToList();
        left.RemoveAll(each => each.IsCA && (world.IsOff(Rule.R13_ChildrenCount) || !IsInUse(each.Serial, valid)));
        if (world.IsOff(Rule.R13_EveryLeafCounts)) { left.RemoveAll(each => each.Owner is null); }

        var certificates = world.Certificates.Count(each => each.Counts(retiring.Signer)) + world.CaCertificates.Count(each => each.Current.Parent?.IsSame(retiring.Signer) is true && !world.IsOff(Rule.R13_ChildrenCount));
        return new(retiring.Signer.Thumbprint, left.Count, left.Count(each => (each.Owner is null || each.IsCA) && !world.IsOff(Rule.R13_QuickNeedsManagedLeaves)), certificates);
    }

    private bool IsInUse(string serial, List<LogEntry> valid) =>
        world.Issuers.Any(each => IssuerCas.Of("", each.Status)!.All.Any(signer => signer.SerialNumber == serial)) || valid.Any(each => each.Signer.Pinned.SerialNumber == serial);

    private RotationPace Pace() => world.IsOff(Rule.R13_OverlapCoversLag) ? world.Pace with { Overlap = world.Pace.Lag / 3 } : world.Pace;
}
