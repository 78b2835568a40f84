using System.Data;
using CertFunctions.LocalVault.Secrets;
using CertFunctions.LocalVault.Storage;

namespace CertFunctions.LocalVault.Certificates;

/// <summary>The one operation of a name: its CSR waits for the signed certificate. Finished ones stay until the next takes their place.</summary>
internal sealed record PendingRow(
    string Name, string Version, string RequestId, string Status, bool IsCancelled, byte[] Csr, byte[] Key, bool Enabled, long Created, string? Tags, bool? PreserveOrder)
{
    private const string InProgress = "inProgress";
    private const string Completed = "completed";
    private const string Columns = "name, version, request_id, status, cancel, csr, key, enabled, created, tags, preserve_order";

    public bool IsInProgress => Status == InProgress;

    public static PendingRow New(string name, byte[] csr, Func<string, byte[]> encryptedKey, bool enabled, long created, string? tags, bool? preserveOrder)
    {
        var requestId = Rules.NewVersion();
        return new PendingRow(name, Rules.NewVersion(), requestId, InProgress, IsCancelled: false, csr, encryptedKey(requestId), enabled, created, tags, preserveOrder);
    }

    public static PendingRow? Find(VaultConnection db, string vault, string name) =>
        db.Query($"SELECT {Columns} FROM pending WHERE vault=$0 AND name=$1", Read, vault, name).FirstOrDefault();

    /// <summary>Those in progress whose certificate has no version yet.</summary>
    public static List<PendingRow> PageWithoutVersions(VaultConnection db, string vault, string after, int limit) => db.Query(
        $"SELECT {Columns} FROM pending p WHERE vault=$0 AND status='{InProgress}' AND name > $1 AND NOT EXISTS (SELECT 1 FROM certificate c WHERE c.vault=p.vault AND c.name=p.name) ORDER BY name LIMIT $2",
        Read, vault, after, limit);

    public static void Remove(VaultConnection db, string vault, string name) => db.Execute("DELETE FROM pending WHERE vault=$0 AND name=$1", vault, name);

    public void Write(VaultConnection db, string vault) => db.Execute(
        $"INSERT OR REPLACE INTO pending (vault, {Columns}) VALUES ($0,$1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)",
        vault, Name, Version, RequestId, Status, IsCancelled, Csr, Key, Enabled, Created, Tags, PreserveOrder);

    /// <summary>The key is no longer needed here: the secret has it.</summary>
    public PendingRow AsCompleted() => this with { Status = Completed, Key = [] };

    public OperationBody ToBody(View view) => new()
    {
        Id = $"https://{view.Authority}/certificates/{Name}/pending",
        Issuer = new IssuerName("Unknown"),
        Csr = Csr,
        CancellationRequested = IsCancelled,
        Status = Status,
        StatusDetails = IsInProgress ? "The CSR waits for a merge of the certificate signed for it." : null,
        Target = Status == Completed ? $"https://{view.Authority}/certificates/{Name}" : null,
        RequestId = RequestId,
    };

    /// <summary>The certificate that is to be: disabled, without an X.509 certificate.</summary>
    public ItemBody ToCertificate(View view, CertificatePolicyBody? policy) => ToItem(view) with
    {
        Id = $"https://{view.Authority}/certificates/{Name}/{Version}",
        KeyId = $"https://{view.Authority}/keys/{Name}/{Version}",
        SecretId = $"https://{view.Authority}/secrets/{Name}/{Version}",
        Policy = policy is null ? null : policy with { Id = $"https://{view.Authority}/certificates/{Name}/policy" },
        Pending = new PendingLink($"https://{view.Authority}/certificates/{Name}/pending"),
    };

    public ItemBody ToItem(View view) => new()
    {
        Id = $"https://{view.Authority}/certificates/{Name}",
        Attributes = new Attributes { Enabled = false, Created = Created, Updated = Created, RecoveryLevel = view.RecoveryLevel, RecoverableDays = view.RecoverableDays },
        Tags = Rules.ReadTags(Tags),
    };

    public override string ToString() => $"{Name} {RequestId} {Status}";

    private static PendingRow Read(IDataRecord row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetBoolean(4), (byte[])row.GetValue(5), (byte[])row.GetValue(6),
        row.GetBoolean(7), row.GetInt64(8), SecretRow.Text(row, 9), row.IsDBNull(10) ? null : row.GetBoolean(10));
}
