using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>How long a failed Certificate waits: 1 h doubling to 32 h (cert-manager trigger_controller.go); of an ACME certificate no longer than a tenth of its life (ADR 0017).</summary>
public static class BackoffPolicy
{
    private const int MostDoublings = 5;

    /// <summary>Null when nothing failed; otherwise the moment from which another attempt is allowed.</summary>
    /// <param name="most">From <see cref="Most"/>.</param>
    public static DateTimeOffset? RetryAt(CertificateStatus? status, TimeSpan? most = null) =>
        status?.LastFailureTime is { } failed ? failed + Delay(status.FailedIssuanceAttempts ?? 1, most) : null;

    /// <summary>What a certificate of a short life cannot wait beyond; null: nothing but the doublings bounds it.</summary>
    public static TimeSpan? Most(CertificateFacts facts) =>
        facts is { OwnLeaf: { } leaf, Stored: { } stored } && AcmeOrigin.Read(stored.Tags) is not null ? (leaf.NotAfter - leaf.NotBefore) / 10 : null;

    /// <param name="attempts">Failures in a row; missing or senseless counts as one.</param>
    public static TimeSpan Delay(int attempts, TimeSpan? most = null)
    {
        var doubled = TimeSpan.FromHours(1 << Math.Clamp(attempts - 1, 0, MostDoublings));
        return most < doubled ? most.Value : doubled;
    }

    /// <summary>A revocation does not wait for what failed before it; what fails after it does.</summary>
    private static bool IsFresh(CertificateStatus? status, Reason trigger) =>
        trigger.Code == ReissuePolicy.Revoked && !(status?.LastFailureTime >= status?.Revocation?.RequestedAt);

    /// <summary>Until when an attempt has to wait; null: it may start now.</summary>
    /// <remarks>
    /// A person's trigger does not wait, nor does an issuance that has begun: it may have been waiting for an approval. Neither does a wish that the failed request no longer fits: what failed is no longer what is asked (semantics §3.3).
    /// A certificate that is issued and only not stored yet is not another attempt.
    /// </remarks>
    /// <param name="nextFits">Whether the next request, if there is one, is what the spec asks.</param>
    public static DateTimeOffset? WaitUntil(CertificateFacts facts, Reason trigger, bool nextFits)
    {
        if (trigger.Code == ReissuePolicy.ManuallyTriggered || IsFresh(facts.Certificate.Status, trigger) || facts.Certificate.Status?.Conditions.IsTrue("Issuing") is true) { return null; }
        if (facts.Next is { } next && (!nextFits || next.State == RequestPolicy.Issued)) { return null; }

        return RetryAt(facts.Certificate.Status, Most(facts)) is { } retryAt && facts.Now < retryAt ? retryAt : null;
    }
}
