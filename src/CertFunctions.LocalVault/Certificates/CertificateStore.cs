using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using CertFunctions.LocalVault.Secrets;
using CertFunctions.LocalVault.Storage;

namespace CertFunctions.LocalVault.Certificates;

/// <summary>The operations under <c>/certificates</c> and <c>/deletedcertificates</c> of one vault. Each write carries the linked secret along.</summary>
internal sealed class CertificateStore(VaultDatabase database, ValueCipher cipher, string vault, TimeProvider time)
{
    private const string Live = "vault=$0 AND NOT EXISTS (SELECT 1 FROM deleted d WHERE d.vault=s.vault AND d.kind=1 AND d.name=s.name)";
    private const string LatestOf = "SELECT " + CertificateRow.Columns + " FROM certificate WHERE vault=$0 AND name=$1 ORDER BY seq DESC LIMIT 1";
    private const string VersionOf = "SELECT " + CertificateRow.Columns + " FROM certificate WHERE vault=$0 AND name=$1 AND version=$2";

    public async Task<ItemBody> ImportAsync(string name, WriteBody body, string authority)
    {
        Rules.CheckName(name);
        var tags = Rules.CheckTags(body.Tags);
        using var imported = ImportReader.Read(body);
        var policy = ImportPolicy.Decide(body.Policy, imported);
        var contentType = policy.Secret!.ContentType!;
        var value = contentType == ImportReader.Pem ? imported.ToPem() : Convert.ToBase64String(imported.ToPfx());

        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var leaf = imported.Leaf;
        var row = new CertificateRow(name, Rules.NewVersion(), body.Attributes?.Enabled ?? true,
            Unix(leaf.NotBefore), Unix(leaf.NotAfter), now, now, tags, leaf.RawData,
            Base64Url.EncodeToString(leaf.GetCertHash(HashAlgorithmName.SHA1)), body.PreserveCertOrder);
        var secret = new SecretRow(name, row.Version, row.Enabled, row.NotBefore, row.Expires, now, now, tags, contentType, Managed: true,
            cipher.Encrypt(value, SecretStore.Place(vault, row.Version)));
        var policyJson = JsonSerializer.Serialize(policy, WireJson.Default.CertificatePolicyBody);
        return await database.WriteAsync(db =>
        {
            Deletions.RefuseIfDeleted(db, vault, ObjectKind.Certificate, name);
            Deletions.RefuseIfDeleted(db, vault, ObjectKind.Secret, name);
            RefuseForeignSecret(db, name);
            row.Insert(db, vault);
            secret.Insert(db, vault);
            WritePolicy(db, name, policyJson);
            return row.ToBody(authority, policy);
        });
    }

    public ItemBody Get(string name, string? version, string authority) =>
        database.Read(db => Find(db, name, version).ToBody(authority, ReadPolicy(db, name)));

    public List<ItemBody> List(string after, int limit, string authority) => database.Read(db => db.Query(
        $"SELECT {CertificateRow.Columns} FROM certificate s WHERE {Live} AND name > $1 AND seq = (SELECT MAX(seq) FROM certificate l WHERE l.vault=s.vault AND l.name=s.name) ORDER BY name LIMIT $2",
        CertificateRow.Read, vault, after, limit)).ConvertAll(row => row.ToItem(authority, withVersion: false));

    public List<ItemBody> Versions(string name, string after, int limit, string authority) => database.Read(db =>
    {
        Find(db, name, version: null);
        return db.Query($"SELECT {CertificateRow.Columns} FROM certificate WHERE vault=$0 AND name=$1 AND version > $2 ORDER BY version LIMIT $3",
            CertificateRow.Read, vault, name, after, limit).ConvertAll(row => row.ToItem(authority, withVersion: true));
    });

    public Task<ItemBody> UpdateAsync(string name, string? version, WriteBody body, string authority)
    {
        var tags = Rules.CheckTags(body.Tags);
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return database.WriteAsync(db =>
        {
            var row = Find(db, name, version);
            var changed = row with { Enabled = body.Attributes?.Enabled ?? row.Enabled, Tags = tags ?? row.Tags, Updated = now };
            db.Execute("UPDATE certificate SET enabled=$3, updated=$4, tags=$5 WHERE vault=$0 AND name=$1 AND version=$2", vault, name, row.Version, changed.Enabled, now, changed.Tags);
            db.Execute("UPDATE secret SET enabled=$3, updated=$4, tags=$5 WHERE vault=$0 AND name=$1 AND version=$2", vault, name, row.Version, changed.Enabled, now, changed.Tags);
            return changed.ToBody(authority, ReadPolicy(db, name));
        });
    }

    public CertificatePolicyBody Policy(string name, string authority) => database.Read(db =>
    {
        Find(db, name, version: null);
        return ReadPolicy(db, name)! with { Id = $"https://{authority}/certificates/{name}/policy" };
    });

    public Task<CertificatePolicyBody> UpdatePolicyAsync(string name, CertificatePolicyBody given) => database.WriteAsync(db =>
    {
        Find(db, name, version: null);
        var old = ReadPolicy(db, name)!;
        var changed = old with
        {
            Key = given.Key ?? old.Key,
            Secret = given.Secret ?? old.Secret,
            X509 = given.X509 ?? old.X509,
            Issuer = given.Issuer ?? old.Issuer,
            LifetimeActions = given.LifetimeActions ?? old.LifetimeActions,
        };
        WritePolicy(db, name, JsonSerializer.Serialize(changed, WireJson.Default.CertificatePolicyBody));
        return changed;
    });

    public Task<ItemBody> DeleteAsync(string name, string authority)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return database.WriteAsync(db =>
        {
            var row = Find(db, name, version: null);
            Deletions.Mark(db, vault, ObjectKind.Certificate, name, now);
            Deletions.Mark(db, vault, ObjectKind.Secret, name, now);
            return Deleted(db, row, now, authority);
        });
    }

    public ItemBody GetDeleted(string name, string authority) => database.Read(db => Deleted(db, FindDeleted(db, name, out var at), at, authority));

    public List<ItemBody> ListDeleted(string authority) => database.Read(db => db.Query(
        "SELECT name, at FROM deleted WHERE vault=$0 AND kind=1 ORDER BY name", row => (Name: row.GetString(0), At: row.GetInt64(1)), vault)
        .ConvertAll(d => Deleted(db, db.Query(LatestOf, CertificateRow.Read, vault, d.Name)[0], d.At, authority)));

    public Task<ItemBody> RecoverAsync(string name, string authority) => database.WriteAsync(db =>
    {
        var row = FindDeleted(db, name, out _);
        Deletions.Unmark(db, vault, ObjectKind.Certificate, name);
        Deletions.Unmark(db, vault, ObjectKind.Secret, name);
        return row.ToBody(authority, ReadPolicy(db, name));
    });

    public Task<bool> PurgeAsync(string name) => database.WriteAsync(db =>
    {
        FindDeleted(db, name, out _);
        db.Execute("DELETE FROM certificate WHERE vault=$0 AND name=$1", vault, name);
        db.Execute("DELETE FROM secret WHERE vault=$0 AND name=$1", vault, name);
        db.Execute("DELETE FROM policy WHERE vault=$0 AND name=$1", vault, name);
        Deletions.Unmark(db, vault, ObjectKind.Certificate, name);
        Deletions.Unmark(db, vault, ObjectKind.Secret, name);
        return true;
    });

    private CertificateRow Find(VaultConnection db, string name, string? version)
    {
        var found = version is null ? db.Query(LatestOf, CertificateRow.Read, vault, name) : db.Query(VersionOf, CertificateRow.Read, vault, name, version);
        return found.Count > 0 && Deletions.At(db, vault, ObjectKind.Certificate, name) is null
            ? found[0]
            : throw VaultException.NotFound(ObjectKind.Certificate, name, version);
    }

    private CertificateRow FindDeleted(VaultConnection db, string name, out long at)
    {
        at = Deletions.At(db, vault, ObjectKind.Certificate, name) ?? throw VaultException.NotFound(ObjectKind.Certificate, name);
        return db.Query(LatestOf, CertificateRow.Read, vault, name)[0];
    }

    // A plain secret of that name is not the certificate's: Key Vault does not take it over.
    private void RefuseForeignSecret(VaultConnection db, string name)
    {
        if (db.Query("SELECT 1 FROM secret WHERE vault=$0 AND name=$1 AND managed=0 LIMIT 1", row => row.GetInt64(0), vault, name).Count > 0)
        {
            throw new VaultException(409, "Conflict", $"A secret named {name} exists that no certificate owns.");
        }
    }

    private CertificatePolicyBody? ReadPolicy(VaultConnection db, string name) =>
        db.Query("SELECT policy FROM policy WHERE vault=$0 AND name=$1", row => row.GetString(0), vault, name)
            .Select(json => JsonSerializer.Deserialize(json, WireJson.Default.CertificatePolicyBody)).FirstOrDefault();

    private void WritePolicy(VaultConnection db, string name, string json) =>
        db.Execute("INSERT INTO policy (vault, name, policy) VALUES ($0,$1,$2) ON CONFLICT (vault, name) DO UPDATE SET policy=excluded.policy", vault, name, json);

    private ItemBody Deleted(VaultConnection db, CertificateRow row, long at, string authority) => row.ToBody(authority, ReadPolicy(db, row.Name)) with
    {
        RecoveryId = $"https://{authority}/deletedcertificates/{row.Name}",
        DeletedDate = at,
        ScheduledPurgeDate = at + (Rules.RecoverableDays * 86400L),
    };

    private static long Unix(DateTime local) => new DateTimeOffset(local.ToUniversalTime()).ToUnixTimeSeconds();
}
