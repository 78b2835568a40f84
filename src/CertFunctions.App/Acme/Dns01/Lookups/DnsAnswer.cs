using System.Net;
using CertFunctions.App.Acme.Dns01.Rfc2136;

namespace CertFunctions.App.Acme.Dns01.Lookups;

/// <summary>A record as far as we look at it.</summary>
/// <param name="Target">Of CNAME and NS.</param>
internal sealed record SeenRecord(string Name, int Type, string? Target = null, string? Text = null, IPAddress? Address = null);

/// <summary>What a server said.</summary>
/// <param name="Code">Response code (RFC 6895 §2.3).</param>
/// <param name="IsAuthoritative">The server serves that zone itself.</param>
internal sealed record DnsAnswer(int Code, bool IsAuthoritative, IReadOnlyList<SeenRecord> Records)
{
    private const int NameDoesNotExist = 3;

    /// <summary>Whether it tells what is there and what not. A refusal or a failure of the server's tells neither.</summary>
    public bool IsKnowledge => Code is 0 or NameDoesNotExist;

    public IEnumerable<SeenRecord> Of(int type, string name) => Records.Where(record => record.Type == type && record.Name == name);

    public IEnumerable<SeenRecord> Of(int type) => Records.Where(record => record.Type == type);

    /// <summary>The name that <paramref name="name"/> is an alias of.</summary>
    public string? Alias(string name) => Of(DnsMessage.Alias, name).FirstOrDefault()?.Target;
}
