using System.Data;
using CertFunctions.LocalVault.Storage;

namespace CertFunctions.LocalVault.Secrets;

/// <summary>One stored version of a secret; the value stays encrypted until it is asked for.</summary>
internal sealed record SecretRow(
    string Name, string Version, bool Enabled, long? NotBefore, long? Expires, long Created, long Updated,
    string? Tags, string? ContentType, bool Managed, byte[]? Value)
{
    public const string Columns = "name, version, enabled, nbf, exp, created, updated, tags, content_type, managed";

    public static SecretRow Read(IDataRecord row) => new(
        row.GetString(0), row.GetString(1), row.GetBoolean(2), Number(row, 3), Number(row, 4), row.GetInt64(5), row.GetInt64(6),
        Text(row, 7), Text(row, 8), row.GetBoolean(9), row.FieldCount > 10 ? (byte[])row.GetValue(10) : null);

    public static long? Number(IDataRecord row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    public static string? Text(IDataRecord row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public void Insert(VaultConnection db, string vault) => db.Execute(
        "INSERT INTO secret (vault, name, version, enabled, nbf, exp, created, updated, tags, content_type, managed, value) VALUES ($0,$1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)",
        vault, Name, Version, Enabled, NotBefore, Expires, Created, Updated, Tags, ContentType, Managed, Value);

    public ItemBody ToBody(View view, bool withVersion = true, string? value = null) => new()
    {
        Value = value,
        Id = withVersion ? $"https://{view.Authority}/secrets/{Name}/{Version}" : $"https://{view.Authority}/secrets/{Name}",
        ContentType = ContentType,
        KeyId = Managed && withVersion ? $"https://{view.Authority}/keys/{Name}/{Version}" : null,
        Managed = Managed ? true : null,
        Attributes = ToAttributes(view),
        Tags = Rules.ReadTags(Tags),
    };

    public override string ToString() => $"{Name}/{Version}";

    private Attributes ToAttributes(View view) => new()
    {
        Enabled = Enabled,
        NotBefore = NotBefore,
        Expires = Expires,
        Created = Created,
        Updated = Updated,
        RecoveryLevel = view.RecoveryLevel,
        RecoverableDays = view.RecoverableDays,
    };
}
