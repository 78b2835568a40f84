namespace CertFunctions.Core.Acme;

/// <summary>Speaks to one ACME server: a method a section of RFC 8555. Safe for many callers at once; remembers nonces and the directory, nothing else.</summary>
public sealed class AcmeClient(HttpClient http, Uri directory, TimeProvider time) : IDisposable
{
    public Uri Directory => directory;

    internal TimeProvider Time => time;

    /// <summary>§7.1.1; kept for an hour.</summary>
    public Task<AcmeAnswer<AcmeDirectory>> GetDirectoryAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>§7.3.1 <c>onlyReturnExisting</c>; <c>accountDoesNotExist</c> is a problem.</summary>
    public Task<AcmeAnswer<AcmeAccount>> FindAccountAsync(AccountKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>§7.3, with §7.3.4 when <paramref name="binding"/> is given. Agrees to the terms.</summary>
    public Task<AcmeAnswer<AcmeAccount>> NewAccountAsync(AccountKey key, IReadOnlyList<string> contact, ExternalAccountKey? binding, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>§7.3.2.</summary>
    public Task<AcmeAnswer<AcmeAccount>> UpdateContactAsync(AcmeIdentity identity, IReadOnlyList<string> contact, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>§7.3.5.</summary>
    public Task<AcmeAnswer<AcmeDone>> ChangeKeyAsync(AcmeIdentity identity, AccountKey next, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>§7.3.6.</summary>
    public Task<AcmeAnswer<AcmeAccount>> DeactivateAccountAsync(AcmeIdentity identity, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>§7.4.</summary>
    public Task<AcmeAnswer<AcmeOrder>> NewOrderAsync(AcmeIdentity identity, AcmeNewOrder order, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<AcmeAnswer<AcmeOrder>> GetOrderAsync(AcmeIdentity identity, Uri order, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>§7.5.</summary>
    public Task<AcmeAnswer<AcmeAuthorization>> GetAuthorizationAsync(AcmeIdentity identity, Uri authorization, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>§7.5.2.</summary>
    public Task<AcmeAnswer<AcmeAuthorization>> DeactivateAuthorizationAsync(AcmeIdentity identity, Uri authorization, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>§7.5.1: tells the CA that the proof is in place.</summary>
    public Task<AcmeAnswer<AcmeChallenge>> AcceptChallengeAsync(AcmeIdentity identity, Uri challenge, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>§7.4, end.</summary>
    /// <param name="csr">DER.</param>
    public Task<AcmeAnswer<AcmeOrder>> FinalizeAsync(AcmeIdentity identity, Uri finalize, ReadOnlyMemory<byte> csr, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>§7.4.2; also for an alternate.</summary>
    public Task<AcmeAnswer<AcmeChain>> DownloadAsync(AcmeIdentity identity, Uri certificate, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>§7.6, by the account.</summary>
    /// <param name="leaf">DER.</param>
    /// <param name="reason">RFC 5280 §5.3.1; null: none given.</param>
    public Task<AcmeAnswer<AcmeDone>> RevokeAsync(AcmeIdentity identity, ReadOnlyMemory<byte> leaf, int? reason, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>RFC 9773 §4; unauthenticated.</summary>
    /// <param name="id">From <see cref="RenewalId"/>.</param>
    public Task<AcmeAnswer<AcmeRenewalInfo>> GetRenewalInfoAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public void Dispose() => http.Dispose();
}
