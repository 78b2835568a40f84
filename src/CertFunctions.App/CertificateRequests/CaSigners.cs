using System.Collections.Concurrent;
using System.Security.Cryptography;
using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.CertificateRequests;

/// <summary>One pinned CA, ready to sign for a while; one signature at a time.</summary>
/// <param name="certificates">DER: the CA, then what is known above it, root included.</param>
public sealed class LoadedCa(CaSigner signer, IReadOnlyList<byte[]> certificates, DateTimeOffset until)
{
    private readonly Lock _gate = new();

    public IReadOnlyList<byte[]> Certificates => certificates;

    public DateTimeOffset Until => until;

    public ValueList<string> AboveThumbprints { get; } = [.. certificates.Skip(1).Select(der => Convert.ToHexStringLower(SHA256.HashData(der)))];

    public DateTimeOffset NotAfter(SigningTerms terms) => signer.NotAfter(terms);

    public byte[] Sign(CsrFacts csr, SigningTerms terms)
    {
        lock (_gate) { return signer.Sign(csr, terms); }
    }
}

/// <summary>The pinned CAs in memory, at most 10 minutes each: opening a PFX costs more than a signature. CA keys are nowhere else outside the vault.</summary>
public sealed class CaSigners(IVault vault, VaultPlaces places, IObjectStore objects, TimeProvider time)
{
    private static readonly TimeSpan Keep = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(string Object, string Version), LoadedCa> _loaded = new();

    /// <returns>Null when the vault has no such version, or it is disabled. Throws <see cref="SigningRefusedException"/> when it is not what was pinned.</returns>
    public async Task<LoadedCa?> FindAsync(PinnedSigner pinned, string ns, string secretName, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var (old, ca) in _loaded)
        {
            if (ca.Until <= now) { _loaded.TryRemove(old, out _); }   // a signature may be under way: its key goes with the last reference
        }

        var key = (pinned.Object, pinned.Version);
        if (_loaded.TryGetValue(key, out var loaded)) { return loaded; }

        var place = places.CaSecret(ns, secretName) with { Name = pinned.Object };
        if (await vault.FindSecretAsync(place, pinned.Version, cancellationToken) is not { } pfx) { return null; }

        return _loaded.GetOrAdd(key, await OpenAsync(pfx, pinned, $"ca/{ns}/{secretName}/", now + Keep, cancellationToken));
    }

    private async Task<LoadedCa> OpenAsync(SecretText pfx, PinnedSigner pinned, string chains, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var (key, certificates) = Pfx.Read(pfx, password: "");
        try
        {
            var leaf = certificates.Count > 0 ? certificates[0] : [];
            if (certificates.Count == 0 || X509Facts.Read(leaf) is not { } facts || facts.Thumbprint != pinned.Thumbprint)
            {
                throw new SigningRefusedException("ErrInvalidKeyPair", $"{pinned.Object}/{pinned.Version} does not hold the CA certificate that was pinned.");
            }

            var known = await FindChainAsync(chains + facts.X5t.ToLowerInvariant(), cancellationToken);
            var all = Chains.Build([.. certificates, .. known]);
            var path = all.Problem is not null ? [leaf] : all.Root is { } root && !root.AsSpan().SequenceEqual(leaf) ? [.. all.Chain, root] : all.Chain;
            return new LoadedCa(new CaSigner(leaf, key, [.. path.Skip(1)]), path, until);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>The chain and root published when the CA was stored; empty when they are not known.</summary>
    private async Task<IReadOnlyList<byte[]>> FindChainAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await objects.FindAsync(name, cancellationToken) is { } chain ? Pem.ReadCertificates(chain.Content) : [];
        }
        catch (FormatException)
        {
            return [];
        }
    }
}
