using System.Text;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.App.Api.Lists;

/// <summary>One page of a selection, from listings alone.</summary>
/// <param name="Continue">What the client sends to go on; null at the end.</param>
public sealed record Listing(IReadOnlyList<ObjectEntry> Entries, string? Continue)
{
    private const int PageSize = 5000;

    /// <param name="limit">Null: everything.</param>
    /// <param name="continuation">From <see cref="TryDecode"/>; null starts at the beginning.</param>
    public static async Task<Listing> ReadAsync(
        IObjectStore objects, Selection selection, Func<ObjectEntry, Task<ValueMap>> readLabels, int? limit, string? continuation, CancellationToken cancellationToken)
    {
        // A selection of one resource cannot exist under a name that breaks the rules: do not offend the store with it.
        if (!IsWellFormed(selection)) { return new([], null); }

        var found = new List<ObjectEntry>();
        string? next = null;
        do
        {
            var size = selection.IsOne ? 1 : Math.Min(PageSize, limit + 1 ?? PageSize);
            var page = await objects.ListAsync(selection.Prefix, next is null ? continuation : null, next, size, cancellationToken);
            foreach (var entry in page.Entries)
            {
                if (!await selection.MatchesAsync(entry, readLabels)) { continue; }
                if (found.Count == limit) { return new(found, Encode(entry.Name)); }

                found.Add(entry);
            }

            next = selection.IsOne ? null : page.Continuation;
        }
        while (next is not null);

        return new(found, null);
    }

    /// <summary>The name to go on from (inclusive); null when the text is not one of ours for this selection.</summary>
    public static string? TryDecode(string text, Selection selection)
    {
        var buffer = new byte[text.Length];
        return Convert.TryFromBase64String(text, buffer, out var length)
            && Encoding.ASCII.GetString(buffer, 0, length) is var name
            && name.StartsWith(selection.Kind.ObjectPrefix, StringComparison.Ordinal)
            && name.Split('/') is ["resources", _, var ns, var last] && (ns == "_" || MetadataRules.IsLabel(ns)) && MetadataRules.IsSubdomain(last)
                ? name
                : null;
    }

    private static string Encode(string name) => Convert.ToBase64String(Encoding.ASCII.GetBytes(name));

    private static bool IsWellFormed(Selection selection) =>
        (selection.Namespace is null || MetadataRules.IsLabel(selection.Namespace)) && (selection.Name is null || MetadataRules.IsSubdomain(selection.Name));
}
