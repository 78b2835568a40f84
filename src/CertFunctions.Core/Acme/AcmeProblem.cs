using System.Text;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Acme;

/// <summary>What went wrong, as a value: a problem document (RFC 8555 §6.7, RFC 9457), or why there was none. Public data: it goes into history and conditions.</summary>
/// <param name="Type">The wire token behind <c>urn:ietf:params:acme:error:</c>, such as <c>rateLimited</c>; another type as it is; or one of this class's own.</param>
/// <param name="Detail">The CA's words, as they came.</param>
/// <param name="Status">HTTP status; 0: no answer.</param>
public sealed record AcmeProblem(string Type, string? Detail, int Status)
{
    /// <summary>Ours: no answer (DNS, TCP, TLS, time-out), or a 5xx without a problem document.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>Ours: an answer that is not what was asked for: no JSON, no PEM, too long, a redirect elsewhere.</summary>
    public const string InvalidResponse = "invalidResponse";

    /// <summary>Ours: the directory names no such resource. Nothing was sent.</summary>
    public const string NotOffered = "notOffered";

    private const int LongestDescription = 1024;

    /// <summary>When to ask again, as the server said (<c>Retry-After</c>); null: it did not, or it made no sense.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The name that a sub-problem is about.</summary>
    public AcmeIdentifier? Identifier { get; init; }

    /// <summary>One for each identifier at fault (§6.7.1).</summary>
    public ValueList<AcmeProblem> Subproblems { get; init; } = [];

    /// <summary>Whether the CA itself refused: asking again just so will not help.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsVerdict => Status is >= 400 and < 500 and not (408 or 429) && Type is not (Unavailable or InvalidResponse or "badNonce" or "rateLimited");

    /// <summary>One line for people: type and words, each sub-problem by its name; at most 1 kB, without control characters.</summary>
    public string Describe()
    {
        var text = new StringBuilder(string.IsNullOrEmpty(Detail) ? Type : $"{Type}: {Detail}");
        foreach (var sub in Subproblems) { text.Append(System.Globalization.CultureInfo.InvariantCulture, $"; {sub.Identifier?.Value ?? "?"}: {sub.Type}: {sub.Detail}"); }

        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i])) { text[i] = ' '; }
        }

        return text.Length <= LongestDescription ? text.ToString() : text.ToString(0, LongestDescription - 1) + "…";
    }
}

/// <summary>What a request came to: a value or a problem, never both.</summary>
/// <param name="RetryAfter">When to ask for this resource again; null: the server left it to us.</param>
/// <param name="Location">The resource's URL, where the answer names it.</param>
public sealed record AcmeAnswer<T>(T? Value, AcmeProblem? Problem, TimeSpan? RetryAfter = null, Uri? Location = null)
    where T : class;
