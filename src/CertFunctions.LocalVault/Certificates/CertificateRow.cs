using System.Data;
using CertFunctions.LocalVault.Secrets;
using CertFunctions.LocalVault.Storage;

namespace CertFunctions.LocalVault.Certificates;

/// <summary>One stored version of a certificate: public facts only, the key is in the linked secret.</summary>
internal sealed record CertificateRow(
    string Name, string Version, bool Enabled, long? NotBefore, long? Expires, long Created, long Updated,
    string? Tags, byte[] Cer, string Thumbprint, bool? PreserveOrder)
{
    public const string Columns = "name, version, enabled, nbf, exp, created, updated, tags, cer, x5t, preserve_order";

    public static CertificateRow Read(IDataRecord row) => new(
        row.GetString(0), row.GetString(1), row.GetBoolean(2), SecretRow.Number(row, 3), SecretRow.Number(row, 4), row.GetInt64(5), row.GetInt64(6),
        SecretRow.Text(row, 7), (byte[])row.GetValue(8), row.GetString(9), row.IsDBNull(10) ? null : row.GetBoolean(10));

    public void Insert(VaultConnection db, string vault) => db.Execute(
        "INSERT INTO certificate (vault, name, version, enabled, nbf, exp, created, updated, tags, cer, x5t, preserve_order) VALUES ($0,$1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)",
        vault, Name, Version, Enabled, NotBefore, Expires, Created, Updated, Tags, Cer, Thumbprint, PreserveOrder);

    public ItemBody ToItem(View view, bool withVersion) => new()
    {
        Id = withVersion ? $"https://{view.Authority}/certificates/{Name}/{Version}" : $"https://{view.Authority}/certificates/{Name}",
        Thumbprint = Thumbprint,
        Attributes = new Attributes
        {
            Enabled = Enabled,
            NotBefore = NotBefore,
            Expires = Expires,
            Created = Created,
            Updated = Updated,
            RecoveryLevel = view.RecoveryLevel,
            RecoverableDays = view.RecoverableDays,
        },
        Tags = Rules.ReadTags(Tags),
    };

    public ItemBody ToBody(View view, CertificatePolicyBody? policy, bool isPending = false) => ToItem(view, withVersion: true) with
    {
        KeyId = $"https://{view.Authority}/keys/{Name}/{Version}",
        SecretId = $"https://{view.Authority}/secrets/{Name}/{Version}",
        Cer = Cer,
        Policy = policy is null ? null : policy with { Id = $"https://{view.Authority}/certificates/{Name}/policy" },
        PreserveCertOrder = PreserveOrder,
        Pending = isPending ? new PendingLink($"https://{view.Authority}/certificates/{Name}/pending") : null,
    };
}
