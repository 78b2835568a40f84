using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Certificates;

/// <summary>Where a keystore's password comes from. In process only.</summary>
/// <param name="Version">Pinned, so that what the digest says is what is used.</param>
internal sealed record PasswordSource(string? Inline, VaultObject? Place, string? Version, string? Key);

/// <summary>A look at the outputs, with what writing them takes. In process only.</summary>
/// <param name="Versions">By secret name, newest first.</param>
/// <param name="Passwords">By type of output.</param>
internal sealed record OutputLook(
    OutputFacts Facts,
    VaultObject Source,
    StoredPair Stored,
    IReadOnlyList<byte[]> Ca,
    IReadOnlyDictionary<string, IReadOnlyList<VaultSecretVersion>> Versions,
    IReadOnlyDictionary<string, PasswordSource> Passwords);

/// <summary>Compares the outputs a Certificate asks for with what its vault holds: one listing an output, side by side, and no value read.</summary>
public sealed class OutputGatherer(IVault vault, VaultPlaces places, IObjectStore objects)
{
    /// <returns>Null when no output is asked for and none is left over, or when there is no key pair of this Certificate to make them from.</returns>
    public async Task<OutputFacts?> GatherAsync(CertificateFacts facts, CancellationToken cancellationToken) =>
        (await LookAsync(facts.Certificate, facts.Stored, facts.Claim, cancellationToken))?.Facts;

    internal async Task<OutputLook?> LookAsync(Certificate certificate, StoredPair? stored, ClaimFacts? claim, CancellationToken cancellationToken)
    {
        var target = places.ForCertificate(certificate);
        var asked = OutputWishes.Types(certificate);
        var written = OutputNames.Types.Where(type => certificate.Status?.Outputs?.Any(each => IsAt(each, target.Vault, OutputNames.Secret(target.Name, type))) is true);
        var types = OutputNames.Types.Where(type => asked.Contains(type) || written.Contains(type)).ToList();
        if (types.Count == 0 || stored is not { IsEnabled: true, Leaf: { } leaf } || !stored.IsOf(certificate) || claim?.OwnerUid != certificate.Metadata.Uid) { return null; }

        var ca = await FindCaAsync(certificate, leaf, cancellationToken);
        var passwords = new Dictionary<string, PasswordSource>();
        var lists = new Dictionary<string, IReadOnlyList<VaultSecretVersion>>();
        try
        {
            var lookedUp = new Dictionary<SecretKeyRef, PasswordSource?>();
            var listed = types.ToDictionary(type => type, type => vault.ListSecretVersionsAsync(At(target, type), cancellationToken));
            await Task.WhenAll(listed.Values);

            var all = new List<OutputFact>();
            foreach (var type in types)
            {
                var secret = OutputNames.Secret(target.Name, type);
                lists[secret] = await listed[type];
                var isWanted = asked.Contains(type) && (!OutputWishes.NeedsCa(type) || ca.Count > 0);
                var problem = isWanted ? await PasswordAsync(certificate, type, passwords, lookedUp, cancellationToken) : null;
                var version = passwords.GetValueOrDefault(type)?.Version;
                var wanted = isWanted ? OutputWishes.Digest(certificate, type, stored.Version, ca, version) : null;
                all.Add(OutputPolicy.Compare(certificate, type, secret, wanted, lists[secret], problem));
            }

            return new OutputLook(new OutputFacts(target.Vault.ToString(), all.ToValueList()), target, stored, ca, lists, passwords);
        }
        catch (VaultException refused)
        {
            var facts = new OutputFacts(target.Vault.ToString(), [], new Reason("VaultRefused", $"The outputs cannot be looked at: {refused.Code}: {refused.Message}"));
            return new OutputLook(facts, target, stored, ca, lists, passwords);
        }
    }

    internal static VaultObject At(VaultObject source, string type) => source with { Name = OutputNames.Secret(source.Name, type) };

    /// <summary>What this issuance's issuer named as its CA: the published one if it belongs to this leaf's chain, else the root of that chain.</summary>
    private async Task<IReadOnlyList<byte[]>> FindCaAsync(Certificate certificate, CertFacts leaf, CancellationToken cancellationToken)
    {
        var place = $"ca/{certificate.Metadata.Namespace}/{certificate.Spec.SecretName}/";
        if (await objects.FindAsync(place + leaf.X5t.ToLowerInvariant(), cancellationToken) is not { } published) { return []; }

        var all = Pem.ReadCertificates(published.Content);
        if (await objects.FindAsync(place + "current", cancellationToken) is { } current)
        {
            var ca = Pem.ReadCertificates(current.Content);
            if (ca.All(each => all.Any(known => known.AsSpan().SequenceEqual(each)))) { return ca; }
        }

        return Chains.Build(all).Root is { } root ? [root] : [];
    }

    /// <summary>Finds the version of the password's secret, once a reference; null: there is a password, or none is needed.</summary>
    private async Task<Reason?> PasswordAsync(
        Certificate certificate,
        string type,
        Dictionary<string, PasswordSource> passwords,
        Dictionary<SecretKeyRef, PasswordSource?> lookedUp,
        CancellationToken cancellationToken)
    {
        if (OutputWishes.Password(certificate.Spec, type) is not var (inline, reference)) { return null; }
        if (inline is not null)
        {
            passwords[type] = new PasswordSource(inline, Place: null, Version: null, Key: null);
            return null;
        }

        var place = places.Referred(certificate.Metadata.Namespace!, reference!.Name!);
        if (!lookedUp.TryGetValue(reference, out var source))
        {
            var versions = await vault.ListSecretVersionsAsync(place, cancellationToken);
            source = versions is [{ IsEnabled: true } newest, ..] ? new PasswordSource(Inline: null, place, newest.Version, reference.Key) : null;
            lookedUp[reference] = source;
        }

        if (source is null) { return new Reason("KeystorePasswordSecretNotFound", $"The system vault holds no enabled secret {place.Name}, which spec.keystores refers to."); }

        passwords[type] = source;
        return null;
    }

    private static bool IsAt(OutputLocation location, Uri vault, string secret) =>
        location.Id == $"{vault}secrets/{secret}" || location.Id.StartsWith($"{vault}secrets/{secret}/", StringComparison.Ordinal);
}
