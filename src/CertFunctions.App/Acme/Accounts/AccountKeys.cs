using System.Collections.Concurrent;
using System.Text;
using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Issuers;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Accounts;

/// <summary>An account key as it is found; or why there is none.</summary>
/// <param name="IsFinal">Looking again makes no sense before the Issuer or the secret changes.</param>
public sealed record FoundKey(AccountKey? Key, string? Problem, bool IsFinal = false, TimeSpan? RetryAfter = null);

/// <summary>Account keys in the system vault. Which version of a secret is <em>the</em> key is claimed in the object store: an existing enabled key is used, never replaced (design §4).</summary>
public sealed class AccountKeys(IVault vault, VaultPlaces places, IObjectStore objects, TimeProvider time) : IDisposable
{
    private const string ContentType = "application/x-pem-file";

    private static readonly TimeSpan Keep = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(VaultObject Place, string? Member), (AccountKey Key, DateTimeOffset Until)> _loaded = new();

    /// <summary>The issuer's key, made and claimed if there is none and the issuer allows it.</summary>
    public async Task<FoundKey> EnsureAsync(IssuerView issuer, CancellationToken cancellationToken)
    {
        var reference = issuer.Spec.Acme!.PrivateKeySecretRef!;
        var place = places.Referred(issuer.SecretNamespace, reference.Name!);
        var now = time.GetUtcNow();
        if (_loaded.TryGetValue((place, reference.Key), out var loaded) && loaded.Until > now) { return new(loaded.Key, null); }

        try
        {
            var (value, problem) = await FindAsync(place, issuer.Spec.Acme.DisableAccountKeyGeneration is true, cancellationToken);
            if (value is null) { return new(null, problem); }

            var key = AccountKey.FromPem(SecretValues.Pick(value, reference.Key).Reveal());
            _loaded[(place, reference.Key)] = (key, now + Keep);
            return new(key, null);
        }
        catch (FormatException unreadable) { return new(null, $"The account key in secret {place.Name} of the system vault cannot be used: {unreadable.Message}", IsFinal: true); }
        catch (VaultException refused) { return new(null, $"The system vault did not give the account key {place.Name} ({refused.Code}).", RetryAfter: refused.RetryAfter); }
    }

    public void Dispose()
    {
        foreach (var (key, _) in _loaded.Values) { key.Dispose(); }
    }

    private async Task<(SecretText? Value, string? Problem)> FindAsync(VaultObject place, bool mustExist, CancellationToken cancellationToken)
    {
        var claim = $"claims/account/{place.Vault.Authority.Replace(':', '_')}/{place.Name}";
        while (true)
        {
            var claimed = await objects.FindAsync(claim, cancellationToken);
            if (claimed is not null && await vault.FindSecretAsync(place, Encoding.UTF8.GetString(claimed.Content.Span), cancellationToken) is { } value) { return (value, null); }
            if (await vault.FindDeletedSecretAsync(place, cancellationToken) is not null)
            {
                await vault.RecoverSecretAsync(place, cancellationToken);
                continue;
            }

            var version = (await vault.ListSecretVersionsAsync(place, cancellationToken)).FirstOrDefault(each => each.IsEnabled)?.Version;
            if (version is null && mustExist) { return (null, $"The system vault holds no enabled account key {place.Name}, and disableAccountKeyGeneration is set."); }
            if (version is null && claimed is not null)
            {
                return (null, $"Every version of the account key {place.Name} in the system vault is disabled: enable one, or name another secret in privateKeySecretRef to begin a new account.");
            }

            var isNew = version is null;
            version ??= await vault.SetSecretAsync(place, NewKey(), ContentType, ValueMap.Empty, cancellationToken);
            var content = Encoding.UTF8.GetBytes(version);
            var result = claimed is null
                ? await objects.PutIfAbsentAsync(claim, content, cancellationToken)
                : await objects.PutIfMatchAsync(claim, content, claimed.ETag, cancellationToken);
            if (result is PutResult.Conflict && isNew) { await vault.DisableSecretVersionAsync(place, version, cancellationToken); }   // another process was first
        }
    }

    private static SecretText NewKey()
    {
        using var key = AccountKey.Generate();
        return new SecretText(key.ToPem());
    }
}
