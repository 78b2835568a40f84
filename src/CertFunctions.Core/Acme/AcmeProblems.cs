using System.Diagnostics.CodeAnalysis;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Acme;

/// <summary>Makes problems of refusals, with a document or without one (RFC 8555 §6.7), and of answers that make no sense.</summary>
internal static class AcmeProblems
{
    public const string BadNonce = "badNonce";

    private const string Namespace = "urn:ietf:params:acme:error:";
    private const int MostSubproblems = 100;   // what an order may have names, at most
    private const int LongestType = 256;
    private const int LongestDetail = 4096;    // holds the longest link that a CA puts into its words
    private const int LongestSubdetail = 512;

    /// <summary>Of any answer that is not 2xx.</summary>
    public static AcmeProblem Of(AcmeReply reply)
    {
        var document = Document(reply);
        var problem = Of(document) ?? new AcmeProblem(
            reply.Status >= 500 ? AcmeProblem.Unavailable : AcmeProblem.InvalidResponse,
            document?.Detail is { Length: > 0 } words ? Cut(words, LongestDetail) : $"{reply.Url.Host} answered {reply.Status} without a problem document.",
            reply.Status);
        return problem with { Status = reply.Status, RetryAfter = reply.RetryAfter };
    }

    /// <summary>Null when there is none, or it does not say what it is.</summary>
    public static AcmeProblem? Of(WireProblem? wire) => Of(wire, LongestDetail, isWhole: true);

    public static AcmeProblem Invalid(AcmeReply reply, string expected) =>
        new(AcmeProblem.InvalidResponse, $"{reply.Url.Host} answered {reply.Status} with something that is not {expected}.", reply.Status) { RetryAfter = reply.RetryAfter };

    private static AcmeProblem? Of(WireProblem? wire, int longest, bool isWhole)
    {
        if (wire is not { Type: { Length: > 0 } type } || type == "about:blank") { return null; }

        return new AcmeProblem(Cut(type.StartsWith(Namespace, StringComparison.Ordinal) ? type[Namespace.Length..] : type, LongestType), Cut(wire.Detail ?? wire.Title, longest), wire.Status ?? 0)
        {
            Identifier = AcmeReading.Identifier(wire.Identifier),
            Subproblems = isWhole
                ? (wire.Subproblems ?? []).Take(MostSubproblems).Select(sub => Of(sub, LongestSubdetail, isWhole: false)).OfType<AcmeProblem>().ToValueList()
                : [],   // §6.7.1: they have none of their own
        };
    }

    /// <summary>Some servers send their documents as plain JSON.</summary>
    private static WireProblem? Document(AcmeReply reply) =>
        reply.MediaType is "application/problem+json" or "application/json" ? reply.Parse(AcmeJson.Default.WireProblem) : null;

    [return: NotNullIfNotNull(nameof(text))]
    private static string? Cut(string? text, int length) => text?.Length > length ? text[..(length - 1)] + "…" : text;

}
