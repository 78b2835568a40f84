using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>When a stored certificate is due for replacement (cert-manager pkg/util/pki/renewaltime.go).</summary>
public static class RenewalPolicy
{
    /// <summary>The moment to start replacing the certificate.</summary>
    /// <param name="notBefore">Taken from the certificate itself, as is <paramref name="notAfter"/>: never from the spec.</param>
    /// <param name="renewBefore">Wanted lead time; ignored unless it lies inside (0, lifetime).</param>
    /// <returns>Whole seconds, so that it equals the value read back from the status.</returns>
    public static DateTimeOffset RenewalTime(DateTimeOffset notBefore, DateTimeOffset notAfter, TimeSpan? renewBefore)
    {
        var lifetime = notAfter - notBefore;
        var leadTime = renewBefore is { } wanted && wanted > TimeSpan.Zero && wanted < lifetime ? wanted : lifetime / 3;
        var due = notAfter - leadTime;
        return due.AddTicks(-(due.Ticks % TimeSpan.TicksPerSecond));
    }
}

/// <summary>How long a failed Certificate waits: 1 h doubling to 32 h (cert-manager trigger_controller.go).</summary>
public static class BackoffPolicy
{
    /// <summary>Null when nothing failed; otherwise the moment from which another attempt is allowed.</summary>
    public static DateTimeOffset? RetryAt(CertificateStatus? status) =>
        status?.LastFailureTime is { } failed ? failed + Delay(status.FailedIssuanceAttempts ?? 1) : null;

    public static TimeSpan Delay(int attempts) => TimeSpan.FromHours(1 << Math.Clamp(attempts - 1, 0, 5));
}
