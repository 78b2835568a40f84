namespace CertFunctions.App.CertificateRequests;

/// <summary>Who approves CertificateRequests.</summary>
public enum ApprovalMode
{
    /// <summary>The system itself, by a principal of its own, every one.</summary>
    Automatic,

    /// <summary>People, one by one: the verbs <c>approve</c> and <c>deny</c>, or cmctl.</summary>
    Manual,
}

/// <summary>Section <c>Approval</c>.</summary>
public sealed class ApprovalOptions
{
    /// <summary><c>Automatic</c> (default) or <c>Manual</c>.</summary>
    public ApprovalMode Mode { get; set; }
}
