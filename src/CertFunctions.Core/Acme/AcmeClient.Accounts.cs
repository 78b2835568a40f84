namespace CertFunctions.Core.Acme;

public sealed partial class AcmeClient
{
    /// <summary>§7.3.1 <c>onlyReturnExisting</c>; <c>accountDoesNotExist</c> is a problem.</summary>
    public Task<AcmeAnswer<AcmeAccount>> FindAccountAsync(AccountKey key, CancellationToken cancellationToken) => SendAsync(
        found => new SignedRequest(key, Account: null, found.NewAccount, Json(new NewAccountBody { OnlyReturnExisting = true }, AcmeJson.Default.NewAccountBody)),
        "an account",
        reply => AcmeReading.Account(reply),
        cancellationToken);

    /// <summary>§7.3, with §7.3.4 when <paramref name="binding"/> is given. Agrees to the terms. Repeatable: a key that is registered gets its account back, unchanged.</summary>
    /// <param name="contact">URLs, such as <c>mailto:a@b.test</c>; empty: none is sent.</param>
    public Task<AcmeAnswer<AcmeAccount>> NewAccountAsync(AccountKey key, IReadOnlyList<string> contact, ExternalAccountKey? binding, CancellationToken cancellationToken) => SendAsync(
        found => new SignedRequest(key, Account: null, found.NewAccount, Json(
            new NewAccountBody
            {
                TermsOfServiceAgreed = true,
                Contact = contact.Count > 0 ? contact : null,
                ExternalAccountBinding = binding is null ? null : Jws.Binding(binding, key, found.NewAccount),
            },
            AcmeJson.Default.NewAccountBody)),
        "an account",
        reply => AcmeReading.Account(reply),
        cancellationToken);

    /// <summary>§7.3.2. Empty: the contact is removed.</summary>
    public Task<AcmeAnswer<AcmeAccount>> UpdateContactAsync(AcmeIdentity identity, IReadOnlyList<string> contact, CancellationToken cancellationToken) =>
        UpdateAccountAsync(identity, new UpdateBody { Contact = contact }, cancellationToken);

    /// <summary>§7.3.5. After a lost answer only <see cref="FindAccountAsync"/> with either key tells which one counts.</summary>
    public Task<AcmeAnswer<AcmeDone>> ChangeKeyAsync(AcmeIdentity identity, AccountKey next, CancellationToken cancellationToken) => SendAsync(
        found => found.KeyChange is { } url
            ? new SignedRequest(identity.Key, identity.Account, url, Json(Jws.KeyChange(identity, next, url), AcmeJson.Default.JwsBody), IsRepeatable: false)
            : null,
        "a change of account keys",
        static _ => AcmeDone.Value,
        cancellationToken);

    /// <summary>§7.3.6. For good: the key cannot be registered again.</summary>
    public Task<AcmeAnswer<AcmeAccount>> DeactivateAccountAsync(AcmeIdentity identity, CancellationToken cancellationToken) =>
        UpdateAccountAsync(identity, new UpdateBody { Status = "deactivated" }, cancellationToken);

    private Task<AcmeAnswer<AcmeAccount>> UpdateAccountAsync(AcmeIdentity identity, UpdateBody body, CancellationToken cancellationToken) => SendAsync(
        _ => new SignedRequest(identity.Key, identity.Account, identity.Account, Json(body, AcmeJson.Default.UpdateBody)),
        "an account",
        reply => AcmeReading.Account(reply, identity.Account),
        cancellationToken);
}
