using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CertFunctions.LocalVault.Storage;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.LocalVault.Hosting;

/// <summary>One authorized request: what its path named, its body, and its answer.</summary>
/// <param name="Name">Empty where the path names no object.</param>
internal sealed record Call(HttpContext Context, string Name, string? Version, View View)
{
    public async Task<T> BodyAsync<T>(JsonTypeInfo<T> type)
    {
        var request = Context.Request;
        if (!MediaTypes.IsJson(request.ContentType))
        {
            throw new VaultException(415, "UnsupportedMediaType", $"A body must be {MediaTypeNames.Application.Json}.");
        }

        return await JsonSerializer.DeserializeAsync(request.Body, type, Context.RequestAborted) ?? throw new JsonException();
    }

    public Task<WriteBody> BodyAsync() => BodyAsync(WireJson.Default.WriteBody);

    public Task ItemAsync(ItemBody item, int status = 200) => AnswerAsync(Context, item, WireJson.Default.ItemBody, status);

    public Task OperationAsync(OperationBody operation, int status = 200)
    {
        if (status == 202) { Context.Response.Headers.Location = $"{operation.Id}?api-version={Context.Request.Query["api-version"]}&request_id={operation.RequestId}"; }
        return AnswerAsync(Context, operation, WireJson.Default.OperationBody, status);
    }

    public Task PolicyAsync(CertificatePolicyBody policy) => AnswerAsync(Context, policy, WireJson.Default.CertificatePolicyBody);

    public Task PageAsync(PageBody page) => AnswerAsync(Context, page, WireJson.Default.PageBody);

    public Task NothingAsync()
    {
        Context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    public static Task RefuseAsync(HttpContext context, VaultException e) => AnswerAsync(
        context, new ErrorBody(new ErrorDetail(e.Code, e.Message, e.Inner is null ? null : new InnerError(e.Inner))), WireJson.Default.ErrorBody, e.Status);

    public static async Task AnswerAsync<T>(HttpContext context, T body, JsonTypeInfo<T> type, int status = 200)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, type);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }
}

internal static class MediaTypes
{
    public static bool IsJson(string? contentType) =>
        contentType is not null && contentType.Split(';')[0].Trim().Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase);
}
