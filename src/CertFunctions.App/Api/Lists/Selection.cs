using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api.Lists;

/// <summary>Which resources of a kind a list or a watch is about.</summary>
/// <param name="Namespace">Null: all.</param>
/// <param name="Name">Null: all.</param>
public sealed record Selection(ResourceKind Kind, string? Namespace, string? Name, LabelSelector Labels)
{
    private IReadOnlyList<(bool IsName, string Value)> Not { get; init; } = [];

    /// <summary>What a listing must begin with. It may hold more than the selection does.</summary>
    public string Prefix => Namespace is null && Kind.IsNamespaced
        ? Kind.ObjectPrefix
        : $"{Kind.ObjectPrefix}{Namespace ?? "_"}/{Name}";

    /// <summary>At most one resource.</summary>
    public bool IsOne => Name is not null && (Namespace is not null || !Kind.IsNamespaced);

    /// <summary>Null, and the answer to give, when the query asks for what does not exist.</summary>
    public static Selection? TryParse(ResourceKind kind, string? ns, IQueryCollection query, out IResult? refusal)
    {
        var problems = new List<Violation>();
        var labels = LabelSelector.TryParse(query["labelSelector"]);
        if (labels is null) { problems.Add(Violation.Invalid("labelSelector", query["labelSelector"], "must be terms such as a=b, a!=b, a in (b,c), a, !a, separated by commas")); }

        var found = new Selection(kind, ns, Name: null, labels ?? LabelSelector.TryParse(null)!);
        foreach (var term in query["fieldSelector"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries)) { found = found.With(term.Trim(), problems); }

        refusal = problems.Count > 0 ? Statuses.BadRequest("The query cannot be read", problems) : null;
        return refusal is null ? found : null;
    }

    /// <summary>Whether an entry of a listing belongs to it, as far as its name tells.</summary>
    public bool MatchesName(string objectName)
    {
        var parts = objectName.Split('/');
        var (ns, name) = (parts[^2], parts[^1]);
        return (Namespace is null || ns == Namespace) && (Name is null || name == Name) && Not.All(each => (each.IsName ? name : ns) != each.Value);
    }

    /// <param name="readLabels">Called only when the listing does not tell.</param>
    public async ValueTask<bool> MatchesAsync(ObjectEntry entry, Func<ObjectEntry, Task<ValueMap>> readLabels) =>
        MatchesName(entry.Name) && (Labels.IsEmpty || Labels.Matches(ListedLabels.TryRead(entry.Metadata) ?? await readLabels(entry)));

    private Selection With(string term, List<Violation> problems)
    {
        var at = term.IndexOf('=', StringComparison.Ordinal);
        var isNot = at > 0 && term[at - 1] == '!';
        var (field, value) = at < 0 ? (term, "") : (term[..(isNot ? at - 1 : at)].Trim(), term[(at + 1)..].TrimStart('=').Trim());
        if (at < 0 || field is not ("metadata.name" or "metadata.namespace"))
        {
            problems.Add(Violation.NotSupported("fieldSelector", field, ["metadata.name", "metadata.namespace"]));
            return this;
        }

        var isName = field == "metadata.name";
        if (isNot) { return this with { Not = [.. Not, (isName, value)] }; }

        // A second, different value: nothing can match both.
        var mine = isName ? Name : Namespace;
        if (mine is not null && mine != value) { return this with { Not = [.. Not, (isName, mine)] }; }
        return isName ? this with { Name = value } : this with { Namespace = Kind.IsNamespaced ? value : Namespace };
    }
}
