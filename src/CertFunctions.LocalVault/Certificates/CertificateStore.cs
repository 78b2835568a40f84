using CertFunctions.LocalVault.Storage;

namespace CertFunctions.LocalVault.Certificates;

/// <summary>The operations under <c>/certificates</c> and <c>/deletedcertificates</c> of one vault. Each write carries the linked secret along.</summary>
internal sealed class CertificateStore(VaultDatabase database, ValueCipher cipher, SoftDelete deletion, string vault, TimeProvider time)
{
    private const string LatestOf = "SELECT " + CertificateRow.Columns + " FROM certificate WHERE vault=$0 AND name=$1 ORDER BY seq DESC LIMIT 1";
    private const string VersionOf = "SELECT " + CertificateRow.Columns + " FROM certificate WHERE vault=$0 AND name=$1 AND version=$2";

    public async Task<ItemBody> ImportAsync(string name, WriteBody body, View view)
    {
        var tags = Rules.CheckTags(body.Tags);
        using var imported = ImportReader.Read(body);
        var policy = ImportPolicy.Decide(body.Policy, imported);
        var stored = StoredVersion.Of(imported, policy, vault, name, Rules.NewVersion(), time.GetUtcNow().ToUnixTimeSeconds(),
            body.Attributes?.Enabled ?? true, tags, body.PreserveCertOrder, cipher);
        return await database.WriteAsync(db =>
        {
            RequireFree(db, name);
            PendingRow.Remove(db, vault, name);
            stored.Insert(db, vault);
            return stored.Certificate.ToBody(view, policy);
        });
    }

    /// <summary>Refuses a name that another version may not be put under now.</summary>
    public void RequireFree(VaultConnection db, string name)
    {
        deletion.RequireFree(db, ObjectKind.Certificate, name);
        deletion.RequireFree(db, ObjectKind.Secret, name);
        if (PendingRow.Find(db, vault, name) is { IsInProgress: true }) { throw VaultException.Pending(); }

        // A plain secret of that name is not the certificate's: Key Vault does not take it over.
        if (db.Query("SELECT 1 FROM secret WHERE vault=$0 AND name=$1 AND managed=0 LIMIT 1", row => row.GetInt64(0), vault, name).Count > 0)
        {
            throw new VaultException(409, "Conflict", $"A secret named {name} exists that no certificate owns.");
        }
    }

    public ItemBody Get(string name, string? version, View view) => database.Read(db =>
    {
        var pending = PendingRow.Find(db, vault, name);
        if (pending is { IsInProgress: true } && (version is null ? Latest(db, name) is null : version == pending.Version))
        {
            return pending.ToCertificate(view, PolicyRow.Find(db, vault, name));
        }

        return Find(db, name, version).ToBody(view, PolicyRow.Find(db, vault, name), pending is not null);
    });

    public List<ItemBody> List(string after, int limit, View view, bool includePending) => database.Read(db =>
    {
        var items = db.Query(
            $"SELECT {CertificateRow.Columns} FROM certificate s WHERE {SoftDelete.LiveCertificates} AND name > $2 AND seq = (SELECT MAX(seq) FROM certificate l WHERE l.vault=s.vault AND l.name=s.name) ORDER BY name LIMIT $3",
            CertificateRow.Read, vault, deletion.NowInMilliseconds, after, limit).ConvertAll(row => (row.Name, Item: row.ToItem(view, withVersion: false)));
        if (includePending)
        {
            items.AddRange(PendingRow.PageWithoutVersions(db, vault, after, limit).ConvertAll(row => (row.Name, Item: row.ToItem(view))));
        }

        return items.OrderBy(item => item.Name, StringComparer.OrdinalIgnoreCase).Take(limit).Select(item => item.Item).ToList();
    });

    public List<ItemBody> Versions(string name, string after, int limit, View view) => database.Read(db =>
    {
        Find(db, name, version: null);
        return db.Query($"SELECT {CertificateRow.Columns} FROM certificate WHERE vault=$0 AND name=$1 AND version > $2 ORDER BY version LIMIT $3",
            CertificateRow.Read, vault, name, after, limit).ConvertAll(row => row.ToItem(view, withVersion: true));
    });

    public Task<ItemBody> UpdateAsync(string name, string? version, WriteBody body, View view)
    {
        var tags = Rules.CheckTags(body.Tags);
        var given = body.Policy is null ? null : PolicyRules.Read(body.Policy);
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return database.WriteAsync(db =>
        {
            deletion.RefuseInBetween(db, ObjectKind.Certificate, name);
            var row = Find(db, name, version);
            var changed = row with { Enabled = body.Attributes?.Enabled ?? row.Enabled, Tags = tags ?? row.Tags, Updated = now };
            var policy = PolicyRow.Find(db, vault, name);
            if (given is not null)
            {
                policy = PolicyRules.Update(policy!, given);
                PolicyRow.Write(db, vault, name, policy);
            }

            db.Execute("UPDATE certificate SET enabled=$3, updated=$4, tags=$5 WHERE vault=$0 AND name=$1 AND version=$2", vault, name, row.Version, changed.Enabled, now, changed.Tags);
            db.Execute("UPDATE secret SET enabled=$3, updated=$4, tags=$5 WHERE vault=$0 AND name=$1 AND version=$2", vault, name, row.Version, changed.Enabled, now, changed.Tags);
            return changed.ToBody(view, policy);
        });
    }

    public CertificatePolicyBody Policy(string name, View view) => database.Read(db => FindPolicy(db, name) with { Id = $"https://{view.Authority}/certificates/{name}/policy" });

    public Task<CertificatePolicyBody> UpdatePolicyAsync(string name, CertificatePolicyBody body, View view)
    {
        var given = PolicyRules.Read(body);
        return database.WriteAsync(db =>
        {
            deletion.RefuseInBetween(db, ObjectKind.Certificate, name);
            var changed = PolicyRules.Update(FindPolicy(db, name), given);
            PolicyRow.Write(db, vault, name, changed);
            return changed with { Id = $"https://{view.Authority}/certificates/{name}/policy" };
        });
    }

    public Task<ItemBody> DeleteAsync(string name, View view) => database.WriteAsync(db =>
    {
        deletion.RefuseInBetween(db, ObjectKind.Certificate, name);
        var row = Find(db, name, version: null);
        PendingRow.Remove(db, vault, name);
        deletion.Delete(db, ObjectKind.Secret, name);
        return Deleted(db, row, deletion.Delete(db, ObjectKind.Certificate, name), view);
    });

    public ItemBody GetDeleted(string name, View view) => database.Read(db => Deleted(db, FindDeleted(db, name, out var at), at, view));

    public List<ItemBody> ListDeleted(string after, int limit, View view) => database.Read(db => deletion.Page(db, ObjectKind.Certificate, after, limit)
        .ConvertAll(deleted => deletion.AsDeleted(Latest(db, deleted.Name)!.ToItem(view, withVersion: false), view, "deletedcertificates", deleted.Name, deleted.At)));

    public Task<ItemBody> RecoverAsync(string name, View view) => database.WriteAsync(db =>
    {
        deletion.RefuseInBetween(db, ObjectKind.Certificate, name);
        var row = FindDeleted(db, name, out _);
        deletion.Recover(db, ObjectKind.Certificate, name);
        deletion.Recover(db, ObjectKind.Secret, name);
        return row.ToBody(view, PolicyRow.Find(db, vault, name));
    });

    public Task<bool> PurgeAsync(string name) => database.WriteAsync(db =>
    {
        deletion.RefuseInBetween(db, ObjectKind.Certificate, name);
        FindDeleted(db, name, out _);
        deletion.RequirePurgeable();
        deletion.Purge(db, ObjectKind.Certificate, name);
        deletion.Purge(db, ObjectKind.Secret, name);
        return true;
    });

    private CertificateRow? Latest(VaultConnection db, string name) => db.Query(LatestOf, CertificateRow.Read, vault, name).FirstOrDefault();

    private CertificateRow Find(VaultConnection db, string name, string? version)
    {
        var found = version is null ? Latest(db, name) : db.Query(VersionOf, CertificateRow.Read, vault, name, version).FirstOrDefault();
        return found is not null && deletion.Shows(db, ObjectKind.Certificate, name) ? found : throw VaultException.NotFound(ObjectKind.Certificate, name, version);
    }

    private CertificatePolicyBody FindPolicy(VaultConnection db, string name)
    {
        if (PendingRow.Find(db, vault, name) is null) { Find(db, name, version: null); }
        return PolicyRow.Find(db, vault, name)!;
    }

    private CertificateRow FindDeleted(VaultConnection db, string name, out long at)
    {
        at = deletion.RequireDeleted(db, ObjectKind.Certificate, name);
        return Latest(db, name)!;
    }

    private ItemBody Deleted(VaultConnection db, CertificateRow row, long at, View view) =>
        deletion.AsDeleted(row.ToBody(view, PolicyRow.Find(db, vault, row.Name)), view, "deletedcertificates", row.Name, at);
}
