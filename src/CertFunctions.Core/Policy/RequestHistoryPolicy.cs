using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>A CertificateRequest that was made for a Certificate's revision.</summary>
public sealed record RequestRevision(string Name, int Revision);

/// <summary>Picks the requests that <c>spec.revisionHistoryLimit</c> no longer keeps (semantics §3.6).</summary>
public static class RequestHistoryPolicy
{
    /// <summary>Names to delete, oldest first. What is newer than the current revision is an attempt under way and counts for nothing.</summary>
    /// <param name="current">Revision of the last success; null: nothing was issued yet.</param>
    public static ValueList<string> Surplus(IEnumerable<RequestRevision> requests, int? current, CertificateSpec spec) =>
        requests.Where(request => request.Revision <= (current ?? 0))
            .OrderByDescending(request => request.Revision)
            .Skip(spec.RevisionHistoryLimitOrDefault())
            .Reverse()
            .Select(request => request.Name)
            .ToValueList();
}
