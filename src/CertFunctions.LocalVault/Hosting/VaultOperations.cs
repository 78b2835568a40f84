using CertFunctions.LocalVault.Certificates;
using CertFunctions.LocalVault.Secrets;

namespace CertFunctions.LocalVault.Hosting;

/// <summary>What Key Vault's REST API offers for secrets and certificates: path, data action (of the role that allows it), and what is done.</summary>
internal static class VaultOperations
{
    private const string ReadSecret = "secrets/readMetadata/action";
    private const string ReadCertificate = "certificates/read";
    private const string UpdateCertificate = "certificates/update/action";

    public static IReadOnlyList<Operation> Of(SecretStore secrets, CertificateStore certificates, PendingStore pending, Paging pages) =>
    [
        new("GET", "secrets", ReadSecret, call => pages.AnswerAsync(call, (after, limit) => secrets.List(after, limit, call.View))),
        new("POST", "secrets/restore", "secrets/restore/action", NoBackup),
        new("PUT", "secrets/{name}", "secrets/setSecret/action", async call => await call.ItemAsync(await secrets.SetAsync(call.Name, await call.BodyAsync(), call.View))),
        new("GET", "secrets/{name}", "secrets/getSecret/action", call => call.ItemAsync(secrets.Get(call.Name, call.Version, call.View))),
        new("PATCH", "secrets/{name}", "secrets/update/action", async call => await call.ItemAsync(await secrets.UpdateAsync(call.Name, call.Version, await call.BodyAsync(), call.View))),
        new("DELETE", "secrets/{name}", "secrets/delete", async call => await call.ItemAsync(await secrets.DeleteAsync(call.Name, call.View))),
        new("GET", "secrets/{name}/versions", ReadSecret, call => pages.AnswerAsync(call, (after, limit) => secrets.Versions(call.Name, after, limit, call.View))),
        new("POST", "secrets/{name}/backup", "secrets/backup/action", NoBackup),
        new("GET", "secrets/{name}/{version}", "secrets/getSecret/action", call => call.ItemAsync(secrets.Get(call.Name, call.Version, call.View))),
        new("PATCH", "secrets/{name}/{version}", "secrets/update/action", async call => await call.ItemAsync(await secrets.UpdateAsync(call.Name, call.Version, await call.BodyAsync(), call.View))),
        new("GET", "deletedsecrets", ReadSecret, call => pages.AnswerAsync(call, (after, limit) => secrets.ListDeleted(after, limit, call.View))),
        new("GET", "deletedsecrets/{name}", ReadSecret, call => call.ItemAsync(secrets.GetDeleted(call.Name, call.View))),
        new("DELETE", "deletedsecrets/{name}", "secrets/purge/action", async call =>
        {
            await secrets.PurgeAsync(call.Name);
            await call.NothingAsync();
        }),
        new("POST", "deletedsecrets/{name}/recover", "secrets/recover/action", async call => await call.ItemAsync(await secrets.RecoverAsync(call.Name, call.View))),

        new("GET", "certificates", ReadCertificate, call => pages.AnswerAsync(
            call, (after, limit) => certificates.List(after, limit, call.View, call.Context.Request.Query["includePending"].ToString().Equals("true", StringComparison.OrdinalIgnoreCase)))),
        new("GET", "certificates/issuers", "certificatecas/read", call => call.PageAsync(new PageBody([], NextLink: null))),
        new("GET", "certificates/contacts", ReadCertificate, _ => throw new VaultException(404, "ContactsNotFound", "Contacts not found")),
        .. Unsupported("certificatecas/write", "certificates/issuers/{name}", "GET", "PUT", "PATCH", "DELETE"),
        .. Unsupported("certificatecontacts/write", "certificates/contacts", "PUT", "DELETE"),
        new("POST", "certificates/restore", "certificates/restore/action", NoBackup),
        new("GET", "certificates/{name}", ReadCertificate, call => call.ItemAsync(certificates.Get(call.Name, call.Version, call.View))),
        new("PATCH", "certificates/{name}", UpdateCertificate, async call => await call.ItemAsync(await certificates.UpdateAsync(call.Name, call.Version, await call.BodyAsync(), call.View))),
        new("DELETE", "certificates/{name}", "certificates/delete", async call => await call.ItemAsync(await certificates.DeleteAsync(call.Name, call.View))),
        new("POST", "certificates/{name}/import", "certificates/import/action", async call => await call.ItemAsync(await certificates.ImportAsync(call.Name, await call.BodyAsync(), call.View))),
        new("POST", "certificates/{name}/create", "certificates/create/action", async call => await call.OperationAsync(await pending.CreateAsync(call.Name, await call.BodyAsync(), call.View), 202)),
        new("GET", "certificates/{name}/pending", ReadCertificate, call => call.OperationAsync(pending.Get(call.Name, RequestId(call), call.View))),
        new("PATCH", "certificates/{name}/pending", UpdateCertificate, async call => await call.OperationAsync(await pending.UpdateAsync(call.Name, RequestId(call), await call.BodyAsync(), call.View))),
        new("DELETE", "certificates/{name}/pending", UpdateCertificate, async call => await call.OperationAsync(await pending.DeleteAsync(call.Name, RequestId(call), call.View))),
        new("POST", "certificates/{name}/pending/merge", "certificates/create/action", async call => await call.ItemAsync(await pending.MergeAsync(call.Name, await call.BodyAsync(), call.View), 201)),
        new("GET", "certificates/{name}/policy", ReadCertificate, call => call.PolicyAsync(certificates.Policy(call.Name, call.View))),
        new("PATCH", "certificates/{name}/policy", UpdateCertificate, async call =>
            await call.PolicyAsync(await certificates.UpdatePolicyAsync(call.Name, await call.BodyAsync(WireJson.Default.CertificatePolicyBody), call.View))),
        new("GET", "certificates/{name}/versions", ReadCertificate, call => pages.AnswerAsync(call, (after, limit) => certificates.Versions(call.Name, after, limit, call.View))),
        new("POST", "certificates/{name}/backup", "certificates/backup/action", NoBackup),
        new("GET", "certificates/{name}/{version}", ReadCertificate, call => call.ItemAsync(certificates.Get(call.Name, call.Version, call.View))),
        new("PATCH", "certificates/{name}/{version}", UpdateCertificate, async call => await call.ItemAsync(await certificates.UpdateAsync(call.Name, call.Version, await call.BodyAsync(), call.View))),
        new("GET", "deletedcertificates", ReadCertificate, call => pages.AnswerAsync(call, (after, limit) => certificates.ListDeleted(after, limit, call.View))),
        new("GET", "deletedcertificates/{name}", ReadCertificate, call => call.ItemAsync(certificates.GetDeleted(call.Name, call.View))),
        new("DELETE", "deletedcertificates/{name}", "certificates/purge/action", async call =>
        {
            await certificates.PurgeAsync(call.Name);
            await call.NothingAsync();
        }),
        new("POST", "deletedcertificates/{name}/recover", "certificates/recover/action", async call => await call.ItemAsync(await certificates.RecoverAsync(call.Name, call.View))),

        .. Unsupported("keys/read", "keys", "GET"),
        .. Unsupported("keys/read", "keys/{name}", "GET"),
        .. Unsupported("keys/read", "keys/{name}/{version}", "GET"),
    ];

    private static string RequestId(Call call) => call.Context.Request.Query["request_id"].ToString();

    private static Task NoBackup(Call call) => throw VaultException.NotSupported("The local vault makes no backups: copy the data directory.");

    private static IEnumerable<Operation> Unsupported(string action, string path, params string[] methods) =>
        methods.Select(method => new Operation(method, path, action, _ => throw VaultException.NotSupported($"The local vault does not have {method} /{path}.")));
}
