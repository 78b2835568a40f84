namespace CertFunctions.LocalVault.Storage;

/// <summary>Soft deletion: a name is marked, its versions stay until it is purged. Full fidelity (delays, purge protection) is not simulated.</summary>
internal static class Deletions
{
    public static long? At(VaultConnection db, string vault, ObjectKind kind, string name) =>
        db.Query("SELECT at FROM deleted WHERE vault=$0 AND kind=$1 AND name=$2", row => (long?)row.GetInt64(0), vault, (int)kind, name).FirstOrDefault();

    public static void Mark(VaultConnection db, string vault, ObjectKind kind, string name, long now) =>
        db.Execute("INSERT OR REPLACE INTO deleted (vault, kind, name, at) VALUES ($0,$1,$2,$3)", vault, (int)kind, name, now);

    public static void Unmark(VaultConnection db, string vault, ObjectKind kind, string name) =>
        db.Execute("DELETE FROM deleted WHERE vault=$0 AND kind=$1 AND name=$2", vault, (int)kind, name);

    public static void RefuseIfDeleted(VaultConnection db, string vault, ObjectKind kind, string name)
    {
        if (At(db, vault, kind, name) is not null)
        {
            throw VaultException.Deleted(kind, name);
        }
    }
}
