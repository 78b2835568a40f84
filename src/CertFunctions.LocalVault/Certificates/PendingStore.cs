using System.Security.Cryptography;
using CertFunctions.LocalVault.Storage;

namespace CertFunctions.LocalVault.Certificates;

/// <summary>Certificates whose key is born in the vault: create gives a CSR, merge takes what somebody signed for it.</summary>
internal sealed class PendingStore(VaultDatabase database, ValueCipher cipher, CertificateStore certificates, string vault, TimeProvider time)
{
    private const int LongestChain = 10;

    public async Task<OperationBody> CreateAsync(string name, WriteBody body, View view)
    {
        var tags = Rules.CheckTags(body.Tags);
        var policy = PolicyRules.ToCreate(body.Policy);
        var (pkcs8, csr) = SigningRequest.Make(policy);
        var row = PendingRow.New(name, csr, requestId => cipher.Encrypt(Convert.ToBase64String(pkcs8), Place(requestId)),
            body.Attributes?.Enabled ?? true, time.GetUtcNow().ToUnixTimeSeconds(), tags, body.PreserveCertOrder);
        CryptographicOperations.ZeroMemory(pkcs8);
        return await database.WriteAsync(db =>
        {
            certificates.RequireFree(db, name);
            row.Write(db, vault);
            PolicyRow.Write(db, vault, name, policy);
            return row.ToBody(view);
        });
    }

    /// <param name="requestId">A filter: another operation of that name does not exist for the caller.</param>
    public OperationBody Get(string name, string requestId, View view) => database.Read(db => Find(db, name, requestId).ToBody(view));

    public Task<OperationBody> UpdateAsync(string name, string requestId, WriteBody body, View view) => database.WriteAsync(db =>
    {
        var row = Find(db, name, requestId);
        if (!row.IsInProgress) { throw VaultException.BadParameter("Only an operation that is inProgress can be cancelled."); }

        // A request: nobody is at work who could stop, so that the operation goes on until it is merged or deleted.
        var changed = row with { IsCancelled = body.CancellationRequested ?? row.IsCancelled };
        changed.Write(db, vault);
        return changed.ToBody(view);
    });

    public Task<OperationBody> DeleteAsync(string name, string requestId, View view) => database.WriteAsync(db =>
    {
        var row = Find(db, name, requestId);
        PendingRow.Remove(db, vault, name);
        db.Execute("DELETE FROM policy WHERE vault=$0 AND name=$1 AND NOT EXISTS (SELECT 1 FROM certificate WHERE vault=$0 AND name=$1)", vault, name);
        return row.ToBody(view);
    });

    public async Task<ItemBody> MergeAsync(string name, WriteBody body, View view)
    {
        var tags = Rules.CheckTags(body.Tags);
        var chain = Chain(body.Chain);
        var (pending, policy) = database.Read(db => (Find(db, name, requestId: ""), PolicyRow.Find(db, vault, name)!));
        RequireInProgress(pending);

        using var brought = Join(pending, chain, body.PreserveCertOrder ?? pending.PreserveOrder ?? false);
        var stored = StoredVersion.Of(brought, policy, vault, name, pending.Version, time.GetUtcNow().ToUnixTimeSeconds(),
            body.Attributes?.Enabled ?? pending.Enabled, tags ?? pending.Tags, body.PreserveCertOrder ?? pending.PreserveOrder, cipher);
        return await database.WriteAsync(db =>
        {
            RequireInProgress(Find(db, name, pending.RequestId));
            stored.Insert(db, vault);
            pending.AsCompleted().Write(db, vault);
            return stored.Certificate.ToBody(view, policy, isPending: true);
        });
    }

    private string Place(string requestId) => $"{vault}/pending/{requestId}";

    private static void RequireInProgress(PendingRow row)
    {
        if (!row.IsInProgress) { throw new VaultException(409, "Conflict", $"The pending certificate {row.Name} is {row.Status}."); }
    }

    private PendingRow Find(VaultConnection db, string name, string requestId) =>
        PendingRow.Find(db, vault, name) is { } row && (requestId.Length == 0 || requestId == row.RequestId) ? row : throw VaultException.NotPending(name);

    private ImportedCertificate Join(PendingRow pending, List<ReadOnlyMemory<byte>> chain, bool keepOrder)
    {
        var pkcs8 = Convert.FromBase64String(cipher.Decrypt(pending.Key, Place(pending.RequestId)));
        try
        {
            return ImportedCertificate.From(pkcs8, chain, keepOrder);
        }
        catch (CryptographicException)
        {
            throw VaultException.BadParameter("An element of x5c is no certificate.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    private static List<ReadOnlyMemory<byte>> Chain(List<string>? x5c)
    {
        if (x5c is not { Count: > 0 and <= LongestChain }) { throw VaultException.BadParameter($"x5c must hold 1 to {LongestChain} certificates."); }

        try
        {
            return x5c.ConvertAll(certificate => (ReadOnlyMemory<byte>)Convert.FromBase64String(certificate));
        }
        catch (Exception e) when (e is FormatException or ArgumentNullException)
        {
            throw VaultException.BadParameter("An element of x5c is not base64.");
        }
    }
}
