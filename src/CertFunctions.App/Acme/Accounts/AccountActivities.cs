using CertFunctions.App.Issuers;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Policy;
using Microsoft.Azure.Functions.Worker;

namespace CertFunctions.App.Acme.Accounts;

/// <summary>The account behind an <c>acme</c> issuer.</summary>
public sealed class AccountActivities(IssuerStore issuers, AcmeAccounts accounts)
{
    /// <summary>Finds or registers the account; safe to repeat, for the CA knows one account a key. Null when the issuer is gone.</summary>
    [Function(nameof(EnsureAcmeAccount))]
    public async Task<AccountView?> EnsureAcmeAccount([ActivityTrigger] RunTicket ticket, CancellationToken cancellationToken) =>
        await issuers.FindAsync(ticket, cancellationToken) is { Spec.Acme: not null } issuer ? (await accounts.OpenAsync(issuer, cancellationToken)).View : null;
}
