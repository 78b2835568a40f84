namespace CertFunctions.LocalVault.Storage;

/// <summary>Where a name stands between being there and being gone.</summary>
internal enum Presence
{
    /// <summary>There, or never was: no deletion concerns the name.</summary>
    Live,

    /// <summary>Deletion was answered but is not done: neither there nor among the deleted.</summary>
    BeingDeleted,

    /// <summary>Among the deleted, until recovered, purged or past its retention.</summary>
    Deleted,

    BeingRecovered,

    /// <summary>Its versions are gone, its name is not free yet. Key Vault calls it being deleted, too.</summary>
    BeingPurged,
}

/// <summary>
/// Soft deletion in one vault. A name is marked with the moment its change is done; what time does to it (done, past its retention)
/// is read from the clock, and the rows follow at the next write.
/// </summary>
internal sealed class SoftDelete(string vault, TimeProvider time, TimeSpan delay, int retentionDays, bool purgeProtection)
{
    /// <summary>For a query with <c>$0</c> the vault, <c>$1</c> now in milliseconds and a table <c>s</c>: names that no deletion hides.</summary>
    public const string LiveSecrets = "s.vault=$0 AND NOT EXISTS (SELECT 1 FROM deleted d WHERE d.vault=s.vault AND d.kind=0 AND d.name=s.name AND NOT (d.state=1 AND d.until<=$1))";
    public const string LiveCertificates = "s.vault=$0 AND NOT EXISTS (SELECT 1 FROM deleted d WHERE d.vault=s.vault AND d.kind=1 AND d.name=s.name AND NOT (d.state=1 AND d.until<=$1))";

    private const int IsDeleted = 0;
    private const int IsRecovered = 1;
    private const int IsPurged = 2;

    public string RecoveryLevel => (retentionDays < 90 ? "CustomizedRecoverable" : "Recoverable") + (purgeProtection ? "" : "+Purgeable");

    public int RetentionDays => retentionDays;

    public long NowInMilliseconds => time.GetUtcNow().ToUnixTimeMilliseconds();

    private long NowInSeconds => time.GetUtcNow().ToUnixTimeSeconds();

    private long RetentionInSeconds => retentionDays * 86400L;

    public Presence Of(VaultConnection db, ObjectKind kind, string name) => Find(db, kind, name) switch
    {
        null => Presence.Live,
        { State: IsDeleted } row when row.Until > NowInMilliseconds => Presence.BeingDeleted,
        { State: IsDeleted } row when row.At + RetentionInSeconds > NowInSeconds => Presence.Deleted,
        { State: IsRecovered } row => row.Until > NowInMilliseconds ? Presence.BeingRecovered : Presence.Live,
        { State: IsPurged } row when row.Until > NowInMilliseconds => Presence.BeingPurged,
        _ => Presence.Live,     // purged, or past its retention: its rows go at the next write
    };

    /// <summary>Whether versions of the name that are still stored count as there.</summary>
    public bool Shows(VaultConnection db, ObjectKind kind, string name) =>
        Find(db, kind, name) is not { } row || (row.State == IsRecovered && row.Until <= NowInMilliseconds);

    /// <summary>Refuses to write under a name that a deletion holds; afterwards nothing old is left under it.</summary>
    public void RequireFree(VaultConnection db, ObjectKind kind, string name)
    {
        RefuseInBetween(db, kind, name);
        if (Of(db, kind, name) is Presence.Deleted) { throw VaultException.Deleted(kind, name); }
        Settle(db, kind, name);
    }

    /// <summary>409 while a change of the name is under way.</summary>
    public void RefuseInBetween(VaultConnection db, ObjectKind kind, string name)
    {
        switch (Of(db, kind, name))
        {
            case Presence.BeingDeleted or Presence.BeingPurged: throw VaultException.BeingDeleted(kind);
            case Presence.BeingRecovered: throw VaultException.BeingRecovered(kind, name);
        }
    }

    /// <summary>When the name was deleted; 404 unless it is among the deleted.</summary>
    public long RequireDeleted(VaultConnection db, ObjectKind kind, string name) =>
        Of(db, kind, name) is Presence.Deleted ? Find(db, kind, name)!.At : throw VaultException.NotDeleted(kind, name);

    public void RequirePurgeable()
    {
        if (purgeProtection) { throw VaultException.PurgeProtected(); }
    }

    /// <summary>The deleted names after one, with the moments they were deleted.</summary>
    public List<(string Name, long At)> Page(VaultConnection db, ObjectKind kind, string after, int limit) => db.Query(
        "SELECT name, at FROM deleted WHERE vault=$0 AND kind=$1 AND state=0 AND until<=$2 AND at>$3 AND name>$4 ORDER BY name LIMIT $5",
        row => (row.GetString(0), row.GetInt64(1)), vault, (int)kind, NowInMilliseconds, NowInSeconds - RetentionInSeconds, after, limit);

    public ItemBody AsDeleted(ItemBody item, View view, string collection, string name, long at) => item with
    {
        RecoveryId = $"https://{view.Authority}/{collection}/{name}",
        DeletedDate = at,
        ScheduledPurgeDate = at + RetentionInSeconds,
    };

    public long Delete(VaultConnection db, ObjectKind kind, string name) => Mark(db, kind, name, IsDeleted, NowInSeconds);

    public void Recover(VaultConnection db, ObjectKind kind, string name) => Mark(db, kind, name, IsRecovered, NowInSeconds);

    public void Purge(VaultConnection db, ObjectKind kind, string name)
    {
        RemoveVersions(db, kind, name);
        Mark(db, kind, name, IsPurged, NowInSeconds);
    }

    private long Mark(VaultConnection db, ObjectKind kind, string name, int state, long at)
    {
        db.Execute("INSERT OR REPLACE INTO deleted (vault, kind, name, at, state, until) VALUES ($0,$1,$2,$3,$4,$5)",
            vault, (int)kind, name, at, state, NowInMilliseconds + (long)delay.TotalMilliseconds);
        return at;
    }

    private void Settle(VaultConnection db, ObjectKind kind, string name)
    {
        if (Find(db, kind, name) is not { } row) { return; }
        if (row.State == IsDeleted) { RemoveVersions(db, kind, name); }
        db.Execute("DELETE FROM deleted WHERE vault=$0 AND kind=$1 AND name=$2", vault, (int)kind, name);
    }

    private void RemoveVersions(VaultConnection db, ObjectKind kind, string name)
    {
        foreach (var table in kind == ObjectKind.Secret ? SecretTables : CertificateTables) { db.Execute($"DELETE FROM {table} WHERE vault=$0 AND name=$1", vault, name); }
    }

    private Row? Find(VaultConnection db, ObjectKind kind, string name) => db.Query(
        "SELECT at, state, until FROM deleted WHERE vault=$0 AND kind=$1 AND name=$2",
        row => new Row(row.GetInt64(0), row.GetInt32(1), row.GetInt64(2)), vault, (int)kind, name).FirstOrDefault();

    private static readonly string[] SecretTables = ["secret"];
    private static readonly string[] CertificateTables = ["certificate", "policy", "pending"];

    private sealed record Row(long At, int State, long Until);
}

/// <summary>What answers name: the address the client used, and the vault's recovery terms.</summary>
internal sealed record View(string Authority, string RecoveryLevel, int RecoverableDays);
