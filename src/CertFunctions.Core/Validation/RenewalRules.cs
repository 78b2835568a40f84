using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>How long a certificate lives, and when it is renewed.</summary>
internal static class RenewalRules
{
    private const int MaxWindows = 32;

    private static readonly TimeSpan MinimumRenewBefore = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MaximumWindow = TimeSpan.FromHours(876_000);

    public static IEnumerable<Violation> Check(CertificateSpec spec) =>
        [.. CommonRules.Duration(spec.Duration), .. RenewBefore(spec), .. Percentage(spec), .. spec.Renewal is { } renewal ? Renewal(renewal) : []];

    private static IEnumerable<Violation> RenewBefore(CertificateSpec spec)
    {
        const string field = "spec.renewBefore";
        if (spec.RenewBefore is not { } renewBefore) { yield break; }

        var (shown, duration) = (GoDuration.Format(renewBefore), spec.DurationOrDefault());
        if (spec.RenewBeforePercentage is not null) { yield return Violation.Invalid(field, shown, "may not be set together with renewBeforePercentage"); }
        if (renewBefore < MinimumRenewBefore) { yield return Violation.Invalid(field, shown, "must be at least 5m"); }
        if (renewBefore >= duration) { yield return Violation.Invalid(field, shown, $"must be less than the duration {GoDuration.Format(duration)}"); }
    }

    /// <summary>Of the lifetime that is left, as renewal counts it; cert-manager's own check counts from the other end (ADR 0009).</summary>
    private static IEnumerable<Violation> Percentage(CertificateSpec spec)
    {
        const string field = "spec.renewBeforePercentage";
        if (spec.RenewBeforePercentage is not { } percentage) { yield break; }
        if (spec.RenewBefore is not null) { yield return Violation.Invalid(field, percentage, "may not be set together with renewBefore"); }

        var duration = spec.DurationOrDefault();
        if (percentage is < 1 or > 99) { yield return Violation.Invalid(field, percentage, "must be 1 to 99"); }
        else if (duration * (percentage / 100.0) < MinimumRenewBefore)
        {
            yield return Violation.Invalid(field, percentage, $"must come to at least 5m of the duration {GoDuration.Format(duration)}");
        }
    }

    private static IEnumerable<Violation> Renewal(Renewal renewal)
    {
        if (!string.IsNullOrEmpty(renewal.Policy) && renewal.Policy is not ("RenewBefore" or "Disabled"))
        {
            yield return Violation.NotSupported("spec.renewal.policy", renewal.Policy, ["RenewBefore", "Disabled"]);
        }

        var windows = renewal.Windows ?? [];
        if (windows.Count > 0 && renewal.Policy == "Disabled") { yield return Violation.Forbidden("spec.renewal.windows", "there is no renewal to wait for with the policy Disabled"); }
        if (windows.Count > MaxWindows) { yield return Violation.TooMany("spec.renewal.windows", windows.Count, MaxWindows); }

        foreach (var violation in windows.Take(MaxWindows).SelectMany((window, index) => Window($"spec.renewal.windows[{index}]", window))) { yield return violation; }
    }

    private static IEnumerable<Violation> Window(string field, RenewalWindow window)
    {
        if (window.WindowDuration <= TimeSpan.Zero || window.WindowDuration > MaximumWindow)
        {
            yield return Violation.Invalid($"{field}.windowDuration", GoDuration.Format(window.WindowDuration), "must be more than 0 and at most 876000h");
        }

        if (!WindowSchedule.TryFindZone(window.TimezoneOrDefault(), out _)) { yield return Violation.Invalid($"{field}.timezone", window.Timezone!, "must be the name of an IANA time zone, such as Europe/Berlin"); }
        if (string.IsNullOrWhiteSpace(window.Cron)) { yield return Violation.Required($"{field}.cron"); }
        else if (CronExpression.TryParse(window.Cron, out var problem) is null) { yield return Violation.Invalid($"{field}.cron", window.Cron, problem!); }
    }
}
