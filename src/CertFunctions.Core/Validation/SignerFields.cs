namespace CertFunctions.Core.Validation;

/// <summary>What a <c>ca</c> issuer's status says about its signer and about the one to come, for <see cref="FieldSupport"/>.</summary>
internal static class SignerFields
{
    private const string Own = "not in cert-manager";

    private static readonly string[] Signer =
        ["object", "secretName", "version", "thumbprint", "keyHash", "subjectHash", "subjectKeyId", "rootKeyHash", "rootIdentity", "rootThumbprint", "serialNumber", "pathLength", "notAfter"];

    private static readonly string[] Request = ["id", "requestedAt", "version", "propagation", "quick", "overlap", "emergency"];

    public static (string Path, string Note)[] Written { get; } =
    [
        .. Signer.Select(each => ($"status.pinned.{each}", Own)),
        ("status.rotation.stage", "not in cert-manager: how far the CA rotation is"),
        ("status.rotation.message", Own),
        .. Signer.Select(each => ($"status.rotation.next.{each}", Own)),
        .. Request.Select(each => ($"status.rotation.request.{each}", Own)),
        ("status.rotation.startedAt", Own),
        ("status.rotation.pinMovesAt", Own),
        ("status.rotation.abandoned", Own),
        ("status.retiring", "not in cert-manager: CAs of which something may still be served"),
        ("status.rotationPaused", Own),
    ];
}
