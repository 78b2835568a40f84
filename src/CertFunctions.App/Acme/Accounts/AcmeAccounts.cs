using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using CertFunctions.App.Issuers;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Accounts;

/// <summary>What is known of one account at one CA, whoever asks: filed under directory and key thumbprint.</summary>
/// <param name="Email">What the CA was last told; empty: no contact.</param>
/// <param name="RefusedFor">What was refused: nothing is asked again before it differs.</param>
public sealed record AccountRecord(string? Url, string? Email, string? RefusedFor, string? Refusal);

/// <summary>An issuer's account, ready to be spoken for; or why not.</summary>
public sealed record AcmeSession(AcmeClient Client, AcmeIdentity? Identity, AccountView View);

/// <summary>Accounts at ACME servers: found by key, never by a local file; registered once (RFC 8555 §7.3; design §4).</summary>
public sealed class AcmeAccounts(AcmeClients clients, AccountKeys keys, AccountBindings bindings, IObjectStore objects)
{
    private const string CannotVerify = "ErrVerifyACMEAccount";
    private const string CannotRegister = "ErrRegisterACMEAccount";
    private const string CannotUpdate = "ErrUpdateACMEAccount";

    /// <summary>Where an account's record, its waits and its failures are filed.</summary>
    public static string Place(Uri directory, AccountKey key) => $"acme/{DirectoryHash(directory)}/{key.Thumbprint}/";

    /// <summary>The account, registered if need be. Asks the CA nothing when it is known and unchanged.</summary>
    public async Task<AcmeSession> OpenAsync(IssuerView issuer, CancellationToken cancellationToken)
    {
        var acme = issuer.Spec.Acme!;
        var client = clients.For(acme);
        var found = await keys.EnsureAsync(issuer, cancellationToken);
        if (found.Key is not { } key) { return new(client, null, new(null, null, null, CannotVerify, found.Problem, found.IsFinal, found.RetryAfter)); }

        var email = (acme.Email ?? "").Trim().ToLowerInvariant();
        var name = Place(client.Directory, key) + "account";
        var stored = await objects.FindAsync(name, cancellationToken);
        var record = stored is null ? null : JsonSerializer.Deserialize(stored.Content.Span, AccountJson.Default.AccountRecord);
        if (record is { Url: { } url } && record.Email == email) { return Open(client, key, url, email); }

        var binding = acme.ExternalAccountBinding is { } wanted ? await bindings.FindAsync(issuer, wanted, cancellationToken) : null;
        if (binding?.Problem is { } missing) { return new(client, null, new(record?.Url, null, key.Thumbprint, CannotRegister, missing, binding.IsFinal, binding.RetryAfter)); }

        var asked = string.Create(CultureInfo.InvariantCulture, $"{issuer.Uid} {issuer.Metadata.Generation} {binding?.Version}");
        if (record is { RefusedFor: { } refused } && refused == asked) { return new(client, null, new(null, null, key.Thumbprint, CannotRegister, record.Refusal, IsFinal: true)); }

        var (account, problem, code) = await RegisterAsync(client, key, email, binding?.Key, cancellationToken);
        var isFinal = problem?.IsVerdict is true;
        if (account is not null || isFinal) { await KeepAsync(name, stored, account is null ? new(null, null, asked, problem!.Describe()) : new(account.Url.OriginalString, email, null, null), cancellationToken); }

        return account is null
            ? new(client, null, new(null, null, key.Thumbprint, code, problem!.Describe(), isFinal, problem.RetryAfter))
            : Open(client, key, account.Url.OriginalString, email);
    }

    /// <summary>The CA does not know the account any more: the next <see cref="OpenAsync"/> looks for it, and registers the same key again.</summary>
    public async Task ForgetAsync(AcmeClient client, AcmeIdentity identity, CancellationToken cancellationToken)
    {
        var name = Place(client.Directory, identity.Key) + "account";
        if (await objects.FindAsync(name, cancellationToken) is not { } stored) { return; }

        var record = JsonSerializer.Deserialize(stored.Content.Span, AccountJson.Default.AccountRecord);
        if (record?.Url == identity.Account.OriginalString) { await objects.DeleteIfMatchAsync(name, stored.ETag, cancellationToken); }
    }

    private static AcmeSession Open(AcmeClient client, AccountKey key, string url, string email) =>
        new(client, new AcmeIdentity(key, new Uri(url)), new(url, email.Length == 0 ? null : email, key.Thumbprint));

    /// <summary><c>onlyReturnExisting</c> always comes first: it needs no binding, and makes no second account.</summary>
    private static async Task<(AcmeAccount? Account, AcmeProblem? Problem, string Code)> RegisterAsync(
        AcmeClient client, AccountKey key, string email, ExternalAccountKey? binding, CancellationToken cancellationToken)
    {
        string[] contact = email.Length == 0 ? [] : [$"mailto:{email}"];
        var existing = await client.FindAccountAsync(key, cancellationToken);
        if (existing.Problem is { Type: "accountDoesNotExist" })
        {
            var made = await client.NewAccountAsync(key, contact, binding, cancellationToken);
            return (made.Value, made.Problem, CannotRegister);
        }

        if (existing.Value is not { } account) { return (null, existing.Problem, CannotRegister); }
        if (account.Status != "valid") { return (null, new AcmeProblem("unauthorized", $"The account {account.Url} is {account.Status}: name another secret in privateKeySecretRef to begin a new one.", 403), CannotRegister); }

        var updated = await client.UpdateContactAsync(new AcmeIdentity(key, account.Url), contact, cancellationToken);
        return updated.Problem is { } refused ? (null, refused, CannotUpdate) : (account, null, "");
    }

    private async Task KeepAsync(string name, StoredObject? stored, AccountRecord record, CancellationToken cancellationToken)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(record, AccountJson.Default.AccountRecord);
        var _ = stored is null   // whoever was first knows the same
            ? await objects.PutIfAbsentAsync(name, content, cancellationToken)
            : await objects.PutIfMatchAsync(name, content, stored.ETag, cancellationToken);
    }

    private static string DirectoryHash(Uri directory) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(directory.ToString())))[..16];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AccountRecord))]
internal sealed partial class AccountJson : JsonSerializerContext;
