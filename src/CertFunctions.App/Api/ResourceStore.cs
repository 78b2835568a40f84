using System.Globalization;
using System.Text.Json;
using CertFunctions.App.Api.Lists;
using CertFunctions.App.Events;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Api;

/// <summary>A resource as it was read.</summary>
/// <param name="Due">The name of its one scheduled due entry.</param>
public sealed record Stored<T>(T Resource, ETag Version, string? Due);

/// <summary>Resources in the object store: one object each, with the metadata that listings show.</summary>
public sealed class ResourceStore(IObjectStore objects)
{
    private const int LongestShown = 300;

    public async Task<Stored<T>?> FindAsync<T>(ResourceKind<T> kind, ResourceName name, CancellationToken cancellationToken)
        where T : class, IResource<T>
    {
        if (await objects.FindAsync(kind.ObjectName(name), cancellationToken) is not { } found) { return null; }

        var resource = JsonSerializer.Deserialize(found.Content.Span, kind.Json)!;
        return new Stored<T>(
            resource.WithMetadata(resource.Metadata with { ResourceVersion = found.ETag.Value }), found.ETag, Unescape(found.Metadata.Find("due")));
    }

    /// <summary>The resource of this uid; null when it is gone, also when another one has its name by now.</summary>
    public async Task<Stored<T>?> FindAsync<T>(ResourceKind<T> kind, ResourceName name, string uid, CancellationToken cancellationToken)
        where T : class, IResource<T> =>
        await FindAsync(kind, name, cancellationToken) is { } found && found.Resource.Metadata.Uid == uid ? found : null;

    /// <summary>The resource that a run is about, under the same rule.</summary>
    public Task<Stored<T>?> FindAsync<T>(ResourceKind<T> kind, RunTicket ticket, CancellationToken cancellationToken)
        where T : class, IResource<T> =>
        FindAsync(kind, new ResourceName(ticket.Namespace, ticket.Name), ticket.Uid, cancellationToken);

    /// <returns>Null when a resource of this name exists.</returns>
    public async Task<ETag?> CreateAsync<T>(ResourceKind<T> kind, T resource, string? due, CancellationToken cancellationToken)
        where T : class, IResource<T>
    {
        var result = await objects.PutIfAbsentAsync(kind.ObjectName(NameOf(resource)), Bytes(kind, resource), Metadata(kind, resource, due), cancellationToken);
        return (result as PutResult.Written)?.ETag;
    }

    /// <returns>Null when the resource has another version by now, or is gone.</returns>
    public async Task<ETag?> ReplaceAsync<T>(ResourceKind<T> kind, T resource, ETag expected, string? due, CancellationToken cancellationToken)
        where T : class, IResource<T>
    {
        var result = await objects.PutIfMatchAsync(
            kind.ObjectName(NameOf(resource)), Bytes(kind, resource), Metadata(kind, resource, due), expected, cancellationToken);
        return (result as PutResult.Written)?.ETag;
    }

    /// <returns>False when the resource has another version by now.</returns>
    /// <remarks>Its events go with it; what a crash in between leaves of them, the sweep removes.</remarks>
    public async Task<bool> DeleteAsync(ResourceKind kind, ResourceName name, ETag expected, CancellationToken cancellationToken)
    {
        if (!await objects.DeleteIfMatchAsync(kind.ObjectName(name), expected, cancellationToken)) { return false; }

        var events = EventSubject.ObjectNameOf(kind.Plural, name);
        if (await objects.FindAsync(events, cancellationToken) is { } kept) { await objects.DeleteIfMatchAsync(events, kept.ETag, cancellationToken); }

        return true;
    }

    public static ResourceName NameOf<T>(T resource)
        where T : class, IResource<T> => new(resource.Metadata.Namespace, resource.Metadata.Name);

    /// <summary>A listing value as it was before it was made ASCII.</summary>
    public static string? Unescape(string? value) => value is null ? null : Uri.UnescapeDataString(value);

    private static byte[] Bytes<T>(ResourceKind<T> kind, T resource)
        where T : class, IResource<T> =>
        JsonSerializer.SerializeToUtf8Bytes(resource.WithMetadata(resource.Metadata with { ResourceVersion = null }), kind.Json);

    private static ValueMap Metadata<T>(ResourceKind<T> kind, T resource, string? due)
        where T : class, IResource<T>
    {
        var meta = resource.Metadata;
        var items = kind.Index(resource).Select(pair => new KeyValuePair<string, string>(pair.Key, Shown(pair.Value))).ToList();
        items.Add(new("uid", meta.Uid ?? ""));
        items.Add(new("generation", meta.Generation.ToString(CultureInfo.InvariantCulture)));
        if (meta.CreationTimestamp is { } created) { items.Add(new("created", created.UtcDateTime.ToString("o", CultureInfo.InvariantCulture))); }
        if (meta.DeletionTimestamp is { } deleted) { items.Add(new("deleted", deleted.UtcDateTime.ToString("o", CultureInfo.InvariantCulture))); }
        items.Add(new(ListedLabels.Key, ListedLabels.Write(meta.Labels)));
        if (due is not null) { items.Add(new("due", Escape(due))); }
        return ValueMap.From(items);
    }

    /// <summary>A listing value, cut: with the longest names and a message in any script, metadata stays below <see cref="ObjectRules.MostMetadata"/>.</summary>
    private static string Shown(string value)
    {
        var escaped = Escape(value);
        if (escaped.Length <= LongestShown) { return escaped; }

        var end = escaped.LastIndexOf('%', LongestShown) is var percent && percent > LongestShown - 3 ? percent : LongestShown;
        return escaped[..end];
    }

    /// <summary>Percent-encodes what is not printable ASCII.</summary>
    private static string Escape(string value)
    {
        var escaped = Uri.EscapeDataString(value);
        return escaped.Replace("%20", " ", StringComparison.Ordinal).Replace("%2F", "/", StringComparison.Ordinal);
    }
}
