using System.Security.Cryptography;
using Azure.Security.KeyVault.Certificates;
using Azure.Security.KeyVault.Secrets;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Adapters.KeyVault;

/// <summary>The vault port over the Azure SDK: Key Vault, or LocalVault, which speaks its protocol.</summary>
internal sealed class KeyVaultAdapter(VaultClients clients, TimeProvider time) : IVault
{
    // About ten seconds in Azure.
    private static readonly TimeSpan LongestRecovery = TimeSpan.FromMinutes(1);

    private const int LongestCommonName = 64;

    public async Task<VaultCertificate?> FindCertificateAsync(VaultObject target, string? version, CancellationToken cancellationToken)
    {
        var client = clients.Certificates(target.Vault);
        var found = await OrNullWhenAbsent(
            async () => version is null
                ? (await client.GetCertificateAsync(target.Name, cancellationToken)).Value
                : (await client.GetCertificateVersionAsync(target.Name, version, cancellationToken)).Value,
            cancellationToken);

        return found is null
            ? null
            : new VaultCertificate(found.Properties.Version, found.Cer, found.Properties.Enabled is not false, ValueMap.From(found.Properties.Tags));
    }

    public async IAsyncEnumerable<VaultCertificateEntry> ListCertificatesAsync(
        Uri vault, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var pages = clients.Certificates(vault).GetPropertiesOfCertificatesAsync(includePending: false, cancellationToken).AsPages().GetAsyncEnumerator(cancellationToken);
        while (await VaultErrors.Translate(async () => await pages.MoveNextAsync(), cancellationToken))
        {
            foreach (var found in pages.Current.Values)
            {
                yield return new VaultCertificateEntry(found.Name, Convert.ToHexString(found.X509Thumbprint ?? []), found.Enabled is not false, ValueMap.From(found.Tags));
            }
        }
    }

    public async Task<ImportResult> ImportAsync(VaultObject target, CertificateImport import, CancellationToken cancellationToken)
    {
        var octets = Convert.FromBase64String(import.PfxBase64.Reveal());
        try
        {
            var options = new ImportCertificateOptions(target.Name, octets)
            {
                Password = import.Password.Reveal(),
                Policy = Policy(target, import),
                PreserveCertificateOrder = true,
                Enabled = true,
            };
            foreach (var (key, value) in import.Tags) { options.Tags[key] = value; }

            var imported = await VaultErrors.Translate(
                async () => (await clients.Certificates(target.Vault).ImportCertificateAsync(options, cancellationToken)).Value, cancellationToken);
            return new ImportResult.Imported(imported.Properties.Version);
        }
        catch (VaultException refused) when (refused is { Status: 409, Code: "ObjectIsDeletedButRecoverable" or "ObjectIsBeingDeleted" })
        {
            return new ImportResult.SoftDeleted();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }

    public Task UpdateCertificateTagsAsync(VaultObject target, string version, ValueMap tags, CancellationToken cancellationToken) =>
        VaultErrors.Translate(
            async () =>
            {
                // Made from its address, so that the PATCH carries tags only.
                var properties = new CertificateProperties(new Uri(target.Vault, $"certificates/{target.Name}/{version}"));
                foreach (var (key, value) in tags) { properties.Tags[key] = value; }

                return (await clients.Certificates(target.Vault).UpdateCertificatePropertiesAsync(properties, cancellationToken)).Value;
            },
            cancellationToken);

    public async Task<ValueMap?> FindDeletedCertificateAsync(VaultObject target, CancellationToken cancellationToken)
    {
        var found = await OrNullWhenAbsent(
            async () => (await clients.Certificates(target.Vault).GetDeletedCertificateAsync(target.Name, cancellationToken)).Value, cancellationToken);
        return found is null ? null : ValueMap.From(found.Properties.Tags);
    }

    public Task RecoverCertificateAsync(VaultObject target, CancellationToken cancellationToken) => Recover(
        async limit => await (await clients.Certificates(target.Vault).StartRecoverDeletedCertificateAsync(target.Name, limit)).WaitForCompletionAsync(limit),
        async () => await FindCertificateAsync(target, version: null, cancellationToken) is not null,
        cancellationToken);

    public async Task<SecretText?> FindSecretAsync(VaultObject target, string? version, CancellationToken cancellationToken)
    {
        try
        {
            var found = await OrNullWhenAbsent(
                async () => (await clients.Secrets(target.Vault).GetSecretAsync(target.Name, version, cancellationToken: cancellationToken)).Value,
                cancellationToken);
            return found is null || found.Properties.Enabled is false ? null : new SecretText(found.Value);
        }
        catch (VaultException disabled) when (disabled is { Status: 403, Code: "SecretDisabled" })
        {
            return null;
        }
    }

    public async Task<string> SetSecretAsync(
        VaultObject target, SecretText value, string contentType, ValueMap tags, CancellationToken cancellationToken)
    {
        var secret = new KeyVaultSecret(target.Name, value.Reveal()) { Properties = { ContentType = contentType } };
        foreach (var (key, tag) in tags) { secret.Properties.Tags[key] = tag; }

        var stored = await VaultErrors.Translate(
            async () => (await clients.Secrets(target.Vault).SetSecretAsync(secret, cancellationToken)).Value, cancellationToken);
        return stored.Properties.Version;
    }

    public async Task<IReadOnlyList<VaultSecretVersion>> ListSecretVersionsAsync(VaultObject target, CancellationToken cancellationToken)
    {
        var versions = await OrNullWhenAbsent(
            async () =>
            {
                var all = new List<SecretProperties>();
                await foreach (var version in clients.Secrets(target.Vault).GetPropertiesOfSecretVersionsAsync(target.Name, cancellationToken))
                {
                    all.Add(version);
                }

                return all;
            },
            cancellationToken);

        // Key Vault lists in an order of its own, and dates in whole seconds.
        return
        [
            .. (versions ?? []).OrderByDescending(version => version.CreatedOn)
                .Select(version => new VaultSecretVersion(version.Version, version.Enabled is not false, ValueMap.From(version.Tags), version.CreatedOn)),
        ];
    }

    public async Task DisableSecretVersionAsync(VaultObject target, string version, CancellationToken cancellationToken) =>
        await VaultErrors.Translate(
            async () =>
            {
                // Made from its address, so that the PATCH carries no tags: they stay as they are.
                var properties = new SecretProperties(new Uri(target.Vault, $"secrets/{target.Name}/{version}")) { Enabled = false };
                return (await clients.Secrets(target.Vault).UpdateSecretPropertiesAsync(properties, cancellationToken)).Value;
            },
            cancellationToken);

    public async Task<ValueMap?> FindDeletedSecretAsync(VaultObject target, CancellationToken cancellationToken)
    {
        var found = await OrNullWhenAbsent(
            async () => (await clients.Secrets(target.Vault).GetDeletedSecretAsync(target.Name, cancellationToken)).Value, cancellationToken);
        return found is null ? null : ValueMap.From(found.Properties.Tags);
    }

    public Task RecoverSecretAsync(VaultObject target, CancellationToken cancellationToken) => Recover(
        async limit => await (await clients.Secrets(target.Vault).StartRecoverDeletedSecretAsync(target.Name, limit)).WaitForCompletionAsync(limit),
        async () => (await ListSecretVersionsAsync(target, cancellationToken)).Count > 0,
        cancellationToken);

    /// <summary>Says what the PFX holds; without it the service assumes RSA and refuses an EC key. The subject is the service's to read from the certificate.</summary>
    private static CertificatePolicy Policy(VaultObject target, CertificateImport import)
    {
        var commonName = target.Name.Length <= LongestCommonName ? target.Name : target.Name[..LongestCommonName];
        var policy = new CertificatePolicy(WellKnownIssuerNames.Unknown, $"CN={commonName}") { ContentType = CertificateContentType.Pkcs12, Exportable = true };
        if (import.KeyAlgorithm == "RSA")
        {
            policy.KeyType = CertificateKeyType.Rsa;
            policy.KeySize = import.KeySizeInBits;
            return policy;
        }

        policy.KeyType = CertificateKeyType.Ec;
        policy.KeyCurveName = import.KeySizeInBits switch
        {
            256 => CertificateKeyCurveName.P256,
            384 => CertificateKeyCurveName.P384,
            521 => CertificateKeyCurveName.P521,
            var other => throw new ArgumentException($"Key Vault has no curve of {other} bits.", nameof(import)),
        };
        policy.KeyUsage.Add(CertificateKeyUsage.DigitalSignature);     // the service's default asks for keyEncipherment, which EC cannot do
        return policy;
    }

    /// <summary>Waits no longer than it should take: were it deleted again meanwhile, the SDK would look for it for ever.</summary>
    private async Task Recover<T>(Func<CancellationToken, Task<T>> recover, Func<Task<bool>> isBack, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(LongestRecovery, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await VaultErrors.Translate(async () => await recover(either.Token), cancellationToken);
        }
        catch (VaultException gone) when (gone.Status == 404)
        {
            // A repeated call: an earlier one has brought it back.
            if (!await isBack()) { throw; }
        }
    }

    private static async Task<T?> OrNullWhenAbsent<T>(Func<Task<T>> call, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await VaultErrors.Translate(call, cancellationToken);
        }
        catch (VaultException absent) when (absent.Status == 404)
        {
            return null;
        }
    }
}
