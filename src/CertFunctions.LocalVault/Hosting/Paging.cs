using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace CertFunctions.LocalVault.Hosting;

/// <summary>Cuts lists into pages with an opaque <c>$skiptoken</c>; may put two empty pages before each real one, as Key Vault now and then does.</summary>
internal sealed class Paging(bool emptyPages)
{
    private const int LargestPage = 25;
    private const int EmptiesInARow = 2;

    /// <param name="list">The items after a name or version, at most so many.</param>
    public Task AnswerAsync(Call call, Func<string, int, List<ItemBody>> list)
    {
        var query = call.Context.Request.Query;
        var limit = !query.ContainsKey("maxresults") ? LargestPage
            : int.TryParse(query["maxresults"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : 0;
        if (limit is < 1 or > LargestPage) { throw VaultException.BadParameter($"maxresults must be between 1 and {LargestPage}."); }

        var (empties, after) = Read(query["$skiptoken"].ToString());
        if (emptyPages && empties < EmptiesInARow) { return call.PageAsync(new PageBody([], Next(call, limit, empties + 1, after))); }

        var items = list(after, limit + 1);
        if (items.Count <= limit) { return call.PageAsync(new PageBody(items, NextLink: null)); }

        items.RemoveAt(limit);
        return call.PageAsync(new PageBody(items, Next(call, limit, 0, new Uri(items[^1].RecoveryId ?? items[^1].Id).Segments[^1])));
    }

    private static string Next(Call call, int limit, int empties, string after)
    {
        var request = call.Context.Request;
        var token = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{empties}!{after}"));
        var kept = request.Query.Where(pair => pair.Key is not ("$skiptoken" or "maxresults"))
            .Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value.ToString())}");
        return $"https://{request.Host}{request.Path}?{string.Join('&', kept)}&$skiptoken={token}&maxresults={limit.ToString(CultureInfo.InvariantCulture)}";
    }

    private static (int Empties, string After) Read(string token)
    {
        if (token.Length == 0) { return (0, ""); }

        try
        {
            var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)).Split('!');
            return (int.Parse(parts[0], CultureInfo.InvariantCulture), parts[1]);
        }
        catch (Exception e) when (e is FormatException or IndexOutOfRangeException or OverflowException)
        {
            throw VaultException.BadParameter("The $skiptoken is not one of this vault.");
        }
    }
}
