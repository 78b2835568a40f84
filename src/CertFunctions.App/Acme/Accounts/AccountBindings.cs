using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Issuers;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Accounts;

/// <param name="Version">Of the secret that it was read from: another version may be accepted where this one was refused.</param>
public sealed record FoundBinding(ExternalAccountKey? Key, string? Version, string? Problem = null, bool IsFinal = false, TimeSpan? RetryAfter = null);

/// <summary>External account keys in the system vault (RFC 8555 §7.3.4; the value is unpadded base64url).</summary>
public sealed class AccountBindings(IVault vault, VaultPlaces places)
{
    public async Task<FoundBinding> FindAsync(IssuerView issuer, ExternalAccountBinding wanted, CancellationToken cancellationToken)
    {
        var place = places.Referred(issuer.SecretNamespace, wanted.KeySecretRef!.Name!);
        try
        {
            var version = (await vault.ListSecretVersionsAsync(place, cancellationToken)).FirstOrDefault(each => each.IsEnabled)?.Version;
            if (version is null || await vault.FindSecretAsync(place, version, cancellationToken) is not { } value)
            {
                return new(null, null, $"The system vault holds no enabled secret {place.Name} with the external account's MAC key.");
            }

            var algorithm = string.IsNullOrEmpty(wanted.KeyAlgorithm) ? "HS256" : wanted.KeyAlgorithm;
            return new(ExternalAccountKey.Parse(wanted.KeyID!, SecretValues.Pick(value, wanted.KeySecretRef.Key).Reveal(), algorithm), version);
        }
        catch (FormatException unreadable) { return new(null, null, $"The secret {place.Name} of the system vault: {unreadable.Message}"); }
        catch (VaultException refused) { return new(null, null, $"The system vault did not give the secret {place.Name} ({refused.Code}).", RetryAfter: refused.RetryAfter); }
    }
}
