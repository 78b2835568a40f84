using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CertFunctions.LocalVault.Certificates;
using CertFunctions.LocalVault.Identity;
using CertFunctions.LocalVault.Secrets;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.LocalVault.Hosting;

/// <summary>One vault's answers: the protocol's paths onto the two stores. The token is checked before a body is read.</summary>
internal sealed class VaultEndpoints(SecretStore secrets, CertificateStore certificates, TokenIssuer tokens, ManagedIdentity? identity)
{
    private const int PageSize = 25;

    public async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        try
        {
            if (identity is not null && HttpMethods.IsGet(request.Method) && request.Path == ManagedIdentity.Path)
            {
                await AnswerAsync(context, identity.Answer(request), WireJson.Default.TokenBody);
                return;
            }

            if (!tokens.IsValid(request.Headers.Authorization))
            {
                context.Response.StatusCode = 401;
                context.Response.Headers.WWWAuthenticate = TokenIssuer.Challenge;
                return;
            }

            if (request.Query["api-version"].Count == 0)
            {
                throw VaultException.BadParameter("api-version must be specified.");
            }

            await RouteAsync(context, request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries));
        }
        catch (VaultException e)
        {
            await RefuseAsync(context, e);
        }
        catch (JsonException)
        {
            await RefuseAsync(context, VaultException.BadParameter("The request body is not valid JSON."));
        }
    }

    private Task RouteAsync(HttpContext context, string[] path)
    {
        var authority = context.Request.Host.Value!;
        return (context.Request.Method, path) switch
        {
            ("GET", ["secrets"]) => PageAsync(context, (after, limit) => secrets.List(after, limit, authority)),
            ("GET", ["secrets", var name, "versions"]) => PageAsync(context, (after, limit) => secrets.Versions(name, after, limit, authority)),
            ("GET", ["secrets", var name]) => ItemAsync(context, secrets.Get(name, null, authority)),
            ("GET", ["secrets", var name, var version]) => ItemAsync(context, secrets.Get(name, version, authority)),
            ("PUT", ["secrets", var name]) => ItemAsync(context, body => secrets.SetAsync(name, body, authority)),
            ("PATCH", ["secrets", var name]) => ItemAsync(context, body => secrets.UpdateAsync(name, null, body, authority)),
            ("PATCH", ["secrets", var name, var version]) => ItemAsync(context, body => secrets.UpdateAsync(name, version, body, authority)),
            ("DELETE", ["secrets", var name]) => ItemAsync(context, secrets.DeleteAsync(name, authority)),
            ("GET", ["deletedsecrets"]) => ListAsync(context, secrets.ListDeleted(authority)),
            ("GET", ["deletedsecrets", var name]) => ItemAsync(context, secrets.GetDeleted(name, authority)),
            ("POST", ["deletedsecrets", var name, "recover"]) => ItemAsync(context, secrets.RecoverAsync(name, authority)),
            ("DELETE", ["deletedsecrets", var name]) => GoneAsync(context, secrets.PurgeAsync(name)),

            ("GET", ["certificates", "issuers"]) => ListAsync(context, []),
            ("GET", ["certificates"]) => PageAsync(context, (after, limit) => certificates.List(after, limit, authority)),
            ("GET", ["certificates", var name, "versions"]) => PageAsync(context, (after, limit) => certificates.Versions(name, after, limit, authority)),
            ("GET", ["certificates", var name, "policy"]) => AnswerAsync(context, certificates.Policy(name, authority), WireJson.Default.CertificatePolicyBody),
            ("PATCH", ["certificates", var name, "policy"]) => UpdatePolicyAsync(context, name),
            ("POST", ["certificates", var name, "import"]) => ItemAsync(context, body => certificates.ImportAsync(name, body, authority)),
            ("GET", ["certificates", var name]) => ItemAsync(context, certificates.Get(name, null, authority)),
            ("GET", ["certificates", var name, var version]) => ItemAsync(context, certificates.Get(name, version, authority)),
            ("PATCH", ["certificates", var name]) => ItemAsync(context, body => certificates.UpdateAsync(name, null, body, authority)),
            ("PATCH", ["certificates", var name, var version]) => ItemAsync(context, body => certificates.UpdateAsync(name, version, body, authority)),
            ("DELETE", ["certificates", var name]) => ItemAsync(context, certificates.DeleteAsync(name, authority)),
            ("GET", ["deletedcertificates"]) => ListAsync(context, certificates.ListDeleted(authority)),
            ("GET", ["deletedcertificates", var name]) => ItemAsync(context, certificates.GetDeleted(name, authority)),
            ("POST", ["deletedcertificates", var name, "recover"]) => ItemAsync(context, certificates.RecoverAsync(name, authority)),
            ("DELETE", ["deletedcertificates", var name]) => GoneAsync(context, certificates.PurgeAsync(name)),
            _ => throw new VaultException(404, "NotFound", "The local vault does not have this operation."),
        };
    }

    private static Task ItemAsync(HttpContext context, ItemBody item) => AnswerAsync(context, item, WireJson.Default.ItemBody);

    private static async Task ItemAsync(HttpContext context, Task<ItemBody> item) => await ItemAsync(context, await item);

    private static async Task ItemAsync(HttpContext context, Func<WriteBody, Task<ItemBody>> write)
    {
        var body = await JsonSerializer.DeserializeAsync(context.Request.Body, WireJson.Default.WriteBody, context.RequestAborted);
        await ItemAsync(context, await write(body ?? throw new JsonException()));
    }

    private async Task UpdatePolicyAsync(HttpContext context, string name)
    {
        var body = await JsonSerializer.DeserializeAsync(context.Request.Body, WireJson.Default.CertificatePolicyBody, context.RequestAborted);
        await AnswerAsync(context, await certificates.UpdatePolicyAsync(name, body ?? throw new JsonException()), WireJson.Default.CertificatePolicyBody);
    }

    private static Task PageAsync(HttpContext context, Func<string, int, List<ItemBody>> list)
    {
        var request = context.Request;
        var limit = int.TryParse(request.Query["maxresults"], CultureInfo.InvariantCulture, out var asked) ? asked : PageSize;
        if (limit is < 1 or > PageSize)
        {
            throw VaultException.BadParameter($"maxresults must be between 1 and {PageSize}.");
        }

        var items = list(request.Query["$skiptoken"].ToString(), limit + 1);
        string? next = null;
        if (items.Count > limit)
        {
            items.RemoveAt(limit);
            var last = new Uri(items[^1].Id).Segments[^1];
            next = $"https://{request.Host}{request.Path}?api-version={Uri.EscapeDataString(request.Query["api-version"].ToString())}&$skiptoken={last}&maxresults={limit.ToString(CultureInfo.InvariantCulture)}";
        }

        return AnswerAsync(context, new PageBody(items, next), WireJson.Default.PageBody);
    }

    private static Task ListAsync(HttpContext context, List<ItemBody> items) => AnswerAsync(context, new PageBody(items, null), WireJson.Default.PageBody);

    private static async Task GoneAsync(HttpContext context, Task purge)
    {
        await purge;
        context.Response.StatusCode = 204;
    }

    private static Task RefuseAsync(HttpContext context, VaultException e)
    {
        context.Response.StatusCode = e.Status;
        var error = new ErrorBody(new ErrorDetail(e.Code, e.Message, e.Inner is null ? null : new InnerError(e.Inner)));
        return AnswerAsync(context, error, WireJson.Default.ErrorBody);
    }

    private static async Task AnswerAsync<T>(HttpContext context, T body, JsonTypeInfo<T> type)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, type);
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }
}
