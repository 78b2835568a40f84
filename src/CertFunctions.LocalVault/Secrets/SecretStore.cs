using CertFunctions.LocalVault.Storage;

namespace CertFunctions.LocalVault.Secrets;

/// <summary>The operations under <c>/secrets</c> and <c>/deletedsecrets</c> of one vault.</summary>
internal sealed class SecretStore(VaultDatabase database, ValueCipher cipher, string vault, TimeProvider time)
{
    private const string Live = "vault=$0 AND NOT EXISTS (SELECT 1 FROM deleted d WHERE d.vault=s.vault AND d.kind=0 AND d.name=s.name)";
    private const string LatestOf = "SELECT " + SecretRow.Columns + ", value FROM secret WHERE vault=$0 AND name=$1 ORDER BY seq DESC LIMIT 1";
    private const string VersionOf = "SELECT " + SecretRow.Columns + ", value FROM secret WHERE vault=$0 AND name=$1 AND version=$2";

    public Task<ItemBody> SetAsync(string name, WriteBody body, string authority)
    {
        Rules.CheckName(name);
        var value = body.Value ?? throw VaultException.BadParameter("The request body has no value.");
        Rules.CheckValue(value);
        Rules.CheckTimes(body.Attributes);
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var version = Rules.NewVersion();
        var row = new SecretRow(name, version, body.Attributes?.Enabled ?? true, body.Attributes?.NotBefore, body.Attributes?.Expires,
            now, now, Rules.CheckTags(body.Tags), body.ContentType, Managed: false, cipher.Encrypt(value, Place(vault, version)));
        return database.WriteAsync(db =>
        {
            Deletions.RefuseIfDeleted(db, vault, ObjectKind.Secret, name);
            RefuseIfManaged(db, name, "set");
            row.Insert(db, vault);
            return row.ToBody(authority, value: value);
        });
    }

    public ItemBody Get(string name, string? version, string authority) => database.Read(db =>
    {
        var row = Find(db, name, version);
        return row.Enabled ? row.ToBody(authority, value: cipher.Decrypt(row.Value!, Place(vault, row.Version))) : throw VaultException.Disabled("get");
    });

    public List<ItemBody> List(string after, int limit, string authority) => database.Read(db => db.Query(
        $"SELECT {SecretRow.Columns} FROM secret s WHERE {Live} AND name > $1 AND seq = (SELECT MAX(seq) FROM secret l WHERE l.vault=s.vault AND l.name=s.name) ORDER BY name LIMIT $2",
        SecretRow.Read, vault, after, limit)).ConvertAll(row => row.ToBody(authority, withVersion: false));

    public List<ItemBody> Versions(string name, string after, int limit, string authority) => database.Read(db =>
    {
        Find(db, name, version: null);
        return db.Query($"SELECT {SecretRow.Columns} FROM secret WHERE vault=$0 AND name=$1 AND version > $2 ORDER BY version LIMIT $3",
            SecretRow.Read, vault, name, after, limit).ConvertAll(row => row.ToBody(authority));
    });

    public Task<ItemBody> UpdateAsync(string name, string? version, WriteBody body, string authority)
    {
        var tags = Rules.CheckTags(body.Tags);
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return database.WriteAsync(db =>
        {
            var row = Find(db, name, version);
            if (row.Managed)
            {
                throw VaultException.Managed("update");
            }

            var changed = row with
            {
                Enabled = body.Attributes?.Enabled ?? row.Enabled,
                NotBefore = body.Attributes?.NotBefore ?? row.NotBefore,
                Expires = body.Attributes?.Expires ?? row.Expires,
                ContentType = body.ContentType ?? row.ContentType,
                Tags = tags ?? row.Tags,
                Updated = now,
            };
            Rules.CheckTimes(new Attributes { NotBefore = changed.NotBefore, Expires = changed.Expires });
            db.Execute("UPDATE secret SET enabled=$3, nbf=$4, exp=$5, updated=$6, tags=$7, content_type=$8 WHERE vault=$0 AND name=$1 AND version=$2",
                vault, name, row.Version, changed.Enabled, changed.NotBefore, changed.Expires, now, changed.Tags, changed.ContentType);
            return changed.ToBody(authority);
        });
    }

    public Task<ItemBody> DeleteAsync(string name, string authority)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return database.WriteAsync(db =>
        {
            var row = Find(db, name, version: null);
            if (row.Managed)
            {
                throw VaultException.Managed("delete");
            }

            Deletions.Mark(db, vault, ObjectKind.Secret, name, now);
            return Deleted(row, now, authority);
        });
    }

    public ItemBody GetDeleted(string name, string authority) => database.Read(db => Deleted(FindDeleted(db, name, out var at), at, authority));

    public List<ItemBody> ListDeleted(string authority) => database.Read(db => db.Query(
        "SELECT name, at FROM deleted WHERE vault=$0 AND kind=0 ORDER BY name", row => (Name: row.GetString(0), At: row.GetInt64(1)), vault)
        .ConvertAll(d => Deleted(db.Query(LatestOf, SecretRow.Read, vault, d.Name)[0], d.At, authority)));

    public Task<ItemBody> RecoverAsync(string name, string authority) => database.WriteAsync(db =>
    {
        var row = FindDeleted(db, name, out _);
        if (row.Managed)
        {
            throw VaultException.Managed("recover");
        }

        Deletions.Unmark(db, vault, ObjectKind.Secret, name);
        return row.ToBody(authority);
    });

    public Task<bool> PurgeAsync(string name) => database.WriteAsync(db =>
    {
        if (FindDeleted(db, name, out _).Managed)
        {
            throw VaultException.Managed("purge");
        }

        db.Execute("DELETE FROM secret WHERE vault=$0 AND name=$1", vault, name);
        Deletions.Unmark(db, vault, ObjectKind.Secret, name);
        return true;
    });

    /// <summary>What a value's ciphertext is bound to. Versions are random, so vault and version name it.</summary>
    public static string Place(string vault, string version) => $"{vault}/secrets/{version}";

    private SecretRow Find(VaultConnection db, string name, string? version)
    {
        var found = version is null ? db.Query(LatestOf, SecretRow.Read, vault, name) : db.Query(VersionOf, SecretRow.Read, vault, name, version);
        return found.Count > 0 && Deletions.At(db, vault, ObjectKind.Secret, name) is null
            ? found[0]
            : throw VaultException.NotFound(ObjectKind.Secret, name, version);
    }

    private SecretRow FindDeleted(VaultConnection db, string name, out long at)
    {
        at = Deletions.At(db, vault, ObjectKind.Secret, name) ?? throw VaultException.NotFound(ObjectKind.Secret, name);
        return db.Query(LatestOf, SecretRow.Read, vault, name)[0];
    }

    private void RefuseIfManaged(VaultConnection db, string name, string operation)
    {
        if (db.Query("SELECT managed FROM secret WHERE vault=$0 AND name=$1 ORDER BY seq DESC LIMIT 1", row => row.GetBoolean(0), vault, name).FirstOrDefault())
        {
            throw VaultException.Managed(operation);
        }
    }

    private static ItemBody Deleted(SecretRow row, long at, string authority) => row.ToBody(authority) with
    {
        RecoveryId = $"https://{authority}/deletedsecrets/{row.Name}",
        DeletedDate = at,
        ScheduledPurgeDate = at + (Rules.RecoverableDays * 86400L),
    };
}
