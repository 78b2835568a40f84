using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api.Lists;

/// <summary>An answer that is written while it is made, and so must be finished before its caller's place is given to another.</summary>
public abstract class Streamed : IResult
{
    public abstract Task ExecuteAsync(HttpContext httpContext);
}

/// <summary>A list or a Table, item by item: ten thousand items are never in memory together.</summary>
/// <param name="member"><c>items</c> or <c>rows</c>.</param>
public sealed class StreamedList(JsonObject head, string member, IAsyncEnumerable<JsonNode> items) : Streamed
{
    private const int Chunk = 64 * 1024;

    public override async Task ExecuteAsync(HttpContext httpContext)
    {
        var stop = httpContext.RequestAborted;
        httpContext.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(httpContext.Response.Body);
        writer.WriteStartObject();
        foreach (var (name, value) in head)
        {
            writer.WritePropertyName(name);
            if (value is null) { writer.WriteNullValue(); }
            else { value.WriteTo(writer); }
        }

        writer.WriteStartArray(member);
        await foreach (var item in items.WithCancellation(stop))
        {
            item.WriteTo(writer);
            if (writer.BytesPending > Chunk) { await writer.FlushAsync(stop); }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        await writer.FlushAsync(stop);
    }
}
