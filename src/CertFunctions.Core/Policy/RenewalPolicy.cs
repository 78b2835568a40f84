using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>When a certificate is due for replacement.</summary>
/// <param name="At">Whole seconds, so that it equals the value read back from the status. Null: never by itself.</param>
/// <param name="WindowProblem">Set when no renewal window fits: then <paramref name="At"/> is the moment without windows.</param>
public sealed record RenewalMoment(DateTimeOffset? At, string? WindowProblem = null);

/// <summary>Decides when a stored certificate is due for replacement (cert-manager pkg/util/pki/renewaltime.go).</summary>
public static class RenewalPolicy
{
    /// <summary>From the certificate's own dates, never from <c>spec.duration</c>.</summary>
    public static RenewalMoment RenewalTime(CertFacts leaf, CertificateSpec spec) => RenewalTime(leaf.NotBefore, leaf.NotAfter, spec);

    public static RenewalMoment RenewalTime(DateTimeOffset notBefore, DateTimeOffset notAfter, CertificateSpec spec)
    {
        if (!spec.RenewsByItself()) { return new(At: null); }

        var due = notAfter - LeadTime(notAfter - notBefore, spec);
        return InWindow(WholeSeconds(due), notAfter, spec.Renewal?.Windows);
    }

    /// <summary>renewBefore, else renewBeforePercentage, each ignored unless it lies inside the lifetime; else a third of it.</summary>
    private static TimeSpan LeadTime(TimeSpan lifetime, CertificateSpec spec)
    {
        if (spec.RenewBefore is { } wanted && wanted > TimeSpan.Zero && wanted < lifetime) { return wanted; }

        return spec.RenewBeforePercentage is { } percent and > 0 and < 100
            ? TimeSpan.FromTicks((long)((Int128)lifetime.Ticks * percent / 100))
            : lifetime / 3;
    }

    /// <summary>The given moment if a window is open then, else the next opening before the certificate ends. Never earlier than asked.</summary>
    private static RenewalMoment InWindow(DateTimeOffset due, DateTimeOffset notAfter, ValueList<RenewalWindow>? windows)
    {
        if (windows is null or { Count: 0 }) { return new(due); }

        var openings = new List<DateTimeOffset>();
        foreach (var window in windows)
        {
            if (WindowSchedule.TryRead(window, out var problem) is not { } schedule) { return new(due, $"A renewal window cannot be read: {problem}."); }
            if (schedule.IsOpen(due)) { return new(due); }
            if (schedule.NextOpening(due, notAfter) is { } opening) { openings.Add(opening); }
        }

        return openings.Count > 0
            ? new(openings.Min())
            : new(due, $"No renewal window opens between {due:yyyy-MM-dd HH:mm:ss} UTC and the certificate's end at {notAfter:yyyy-MM-dd HH:mm:ss} UTC.");
    }

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));
}
