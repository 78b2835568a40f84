using CertFunctions.App.Api;
using CertFunctions.App.Certificates;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.CertificateRequests;

/// <summary>The Certificate that a request was made for, as the request's annotations name it; only the system may write those.</summary>
internal static class RequestOwner
{
    /// <summary>Null for a user's own request.</summary>
    public static (string Name, string Uid)? Of(CertificateRequest request) =>
        request.Metadata.Annotations is { } annotations && annotations.Find(Annotations.CertificateName) is { } name && annotations.Find(Annotations.CertificateUid) is { } uid ? (name, uid) : null;

    /// <returns>Null also when the owner is gone.</returns>
    public static async Task<Certificate?> FindOwnerAsync(this ResourceStore store, CertificateRequest request, CancellationToken cancellationToken) =>
        Of(request) is var (name, uid) ? (await store.FindAsync(CertificateKind.Kind, new ResourceName(request.Metadata.Namespace, name), uid, cancellationToken))?.Resource : null;
}
