using System.Text;
using System.Text.RegularExpressions;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Http01;

/// <summary>Live tokens, one object for each challenge that needs one: two orders may share a token.</summary>
public sealed partial class HttpTokens(IObjectStore objects)
{
    /// <param name="host">The identifier.</param>
    public Task PutAsync(string token, string challengeUid, string host, string keyAuthorization, CancellationToken cancellationToken) => IsToken(token)
        ? objects.PutIfAbsentAsync($"http01/{token}/{challengeUid}", Encoding.ASCII.GetBytes(keyAuthorization), ValueMap.Empty.With("host", host), cancellationToken)
        : Task.CompletedTask;

    public Task RemoveAsync(string token, string challengeUid, CancellationToken cancellationToken) =>
        IsToken(token) ? objects.DeleteAsync($"http01/{token}/{challengeUid}", cancellationToken) : Task.CompletedTask;

    /// <summary>The key authorization of a live token, if it may be told to who asks for this host.</summary>
    /// <param name="mayTell">Given the identifier.</param>
    public async Task<byte[]?> FindAsync(string token, Func<string, bool> mayTell, CancellationToken cancellationToken)
    {
        if (!IsToken(token)) { return null; }

        var page = await objects.ListAsync($"http01/{token}/", from: null, continuation: null, pageSize: 10, cancellationToken);
        return page.Entries.FirstOrDefault(entry => mayTell(entry.Metadata.Find("host") ?? "")) is { } live ? (await objects.FindAsync(live.Name, cancellationToken))?.Content.ToArray() : null;
    }

    /// <summary>Long enough to be random (RFC 8555 §8.3), short enough to be a name.</summary>
    public static bool IsToken(string? token) => token is not null && Shape().IsMatch(token);

    [GeneratedRegex("^[A-Za-z0-9_-]{16,128}\\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Shape();
}
