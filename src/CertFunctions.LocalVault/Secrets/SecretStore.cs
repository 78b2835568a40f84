using CertFunctions.LocalVault.Certificates;
using CertFunctions.LocalVault.Storage;

namespace CertFunctions.LocalVault.Secrets;

/// <summary>The operations under <c>/secrets</c> and <c>/deletedsecrets</c> of one vault.</summary>
internal sealed class SecretStore(VaultDatabase database, ValueCipher cipher, SoftDelete deletion, string vault, TimeProvider time)
{
    private const string LatestOf = "SELECT " + SecretRow.Columns + ", value FROM secret WHERE vault=$0 AND name=$1 ORDER BY seq DESC LIMIT 1";
    private const string VersionOf = "SELECT " + SecretRow.Columns + ", value FROM secret WHERE vault=$0 AND name=$1 AND version=$2";

    public Task<ItemBody> SetAsync(string name, WriteBody body, View view)
    {
        var value = body.Value ?? throw VaultException.BadParameter("The request body has no value.");
        Rules.CheckValue(value);
        Rules.CheckContentType(body.ContentType);
        Rules.CheckTimes(body.Attributes);
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var version = Rules.NewVersion();
        var row = new SecretRow(name, version, body.Attributes?.Enabled ?? true, body.Attributes?.NotBefore, body.Attributes?.Expires,
            now, now, Rules.CheckTags(body.Tags), body.ContentType, Managed: false, cipher.Encrypt(value, Place(vault, version)));
        return database.WriteAsync(db =>
        {
            deletion.RequireFree(db, ObjectKind.Secret, name);
            if (Latest(db, name)?.Managed is true || PendingRow.Find(db, vault, name) is not null) { throw VaultException.Managed("set"); }

            row.Insert(db, vault);
            return row.ToBody(view, value: value);
        });
    }

    public ItemBody Get(string name, string? version, View view) => database.Read(db =>
    {
        // While its certificate waits for a merge, the linked secret is there but disabled (security.md, fact 8).
        if (PendingRow.Find(db, vault, name) is { IsInProgress: true } pending && (version is null ? Latest(db, name) is null : version == pending.Version))
        {
            throw VaultException.Disabled("get");
        }

        var row = Find(db, name, version);
        return row.Enabled ? row.ToBody(view, value: cipher.Decrypt(row.Value!, Place(vault, row.Version))) : throw VaultException.Disabled("get");
    });

    public List<ItemBody> List(string after, int limit, View view) => database.Read(db => db.Query(
        $"SELECT {SecretRow.Columns} FROM secret s WHERE {SoftDelete.LiveSecrets} AND name > $2 AND seq = (SELECT MAX(seq) FROM secret l WHERE l.vault=s.vault AND l.name=s.name) ORDER BY name LIMIT $3",
        SecretRow.Read, vault, deletion.NowInMilliseconds, after, limit)).ConvertAll(row => row.ToBody(view, withVersion: false));

    public List<ItemBody> Versions(string name, string after, int limit, View view) => database.Read(db =>
    {
        Find(db, name, version: null);
        return db.Query($"SELECT {SecretRow.Columns} FROM secret WHERE vault=$0 AND name=$1 AND version > $2 ORDER BY version LIMIT $3",
            SecretRow.Read, vault, name, after, limit).ConvertAll(row => row.ToBody(view));
    });

    public Task<ItemBody> UpdateAsync(string name, string? version, WriteBody body, View view)
    {
        var tags = Rules.CheckTags(body.Tags);
        Rules.CheckContentType(body.ContentType);
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return database.WriteAsync(db =>
        {
            deletion.RefuseInBetween(db, ObjectKind.Secret, name);
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
            return changed.ToBody(view);
        });
    }

    public Task<ItemBody> DeleteAsync(string name, View view) => database.WriteAsync(db =>
    {
        deletion.RefuseInBetween(db, ObjectKind.Secret, name);
        var row = Find(db, name, version: null);
        if (row.Managed)
        {
            throw VaultException.Managed("delete");
        }

        return Deleted(row, deletion.Delete(db, ObjectKind.Secret, name), view);
    });

    public ItemBody GetDeleted(string name, View view) => database.Read(db => Deleted(FindDeleted(db, name, out var at), at, view));

    // What went with its certificate is recovered and purged with it, and listed there.
    public List<ItemBody> ListDeleted(string after, int limit, View view) => database.Read(db => deletion.Page(db, ObjectKind.Secret, after, limit)
        .ConvertAll(deleted => Deleted(Latest(db, deleted.Name)!, deleted.At, view)));

    public Task<ItemBody> RecoverAsync(string name, View view) => database.WriteAsync(db =>
    {
        deletion.RefuseInBetween(db, ObjectKind.Secret, name);
        var row = FindDeleted(db, name, out _);
        if (row.Managed)
        {
            throw VaultException.Managed("recover");
        }

        deletion.Recover(db, ObjectKind.Secret, name);
        return row.ToBody(view);
    });

    public Task<bool> PurgeAsync(string name) => database.WriteAsync(db =>
    {
        deletion.RefuseInBetween(db, ObjectKind.Secret, name);
        if (FindDeleted(db, name, out _).Managed)
        {
            throw VaultException.Managed("purge");
        }

        deletion.RequirePurgeable();
        deletion.Purge(db, ObjectKind.Secret, name);
        return true;
    });

    /// <summary>What a value's ciphertext is bound to. Versions are random, so vault and version name it.</summary>
    public static string Place(string vault, string version) => $"{vault}/secrets/{version}";

    private SecretRow? Latest(VaultConnection db, string name) => db.Query(LatestOf, SecretRow.Read, vault, name).FirstOrDefault();

    private SecretRow Find(VaultConnection db, string name, string? version)
    {
        var found = version is null ? Latest(db, name) : db.Query(VersionOf, SecretRow.Read, vault, name, version).FirstOrDefault();
        return found is not null && deletion.Shows(db, ObjectKind.Secret, name) ? found : throw VaultException.NotFound(ObjectKind.Secret, name, version);
    }

    private SecretRow FindDeleted(VaultConnection db, string name, out long at)
    {
        at = deletion.RequireDeleted(db, ObjectKind.Secret, name);
        return Latest(db, name)!;
    }

    private ItemBody Deleted(SecretRow row, long at, View view) => deletion.AsDeleted(row.ToBody(view), view, "deletedsecrets", row.Name, at);
}
