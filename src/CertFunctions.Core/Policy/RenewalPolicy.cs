using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>When a certificate is due for replacement.</summary>
/// <param name="At">Whole seconds, so that it equals the value read back from the status. Null: never by itself.</param>
/// <param name="WindowProblem">Set when no renewal window fits: then <paramref name="At"/> is the moment without windows.</param>
public sealed record RenewalMoment(DateTimeOffset? At, string? WindowProblem = null);

/// <summary>Decides when a stored certificate is due for replacement (cert-manager pkg/util/pki/renewaltime.go).</summary>
public static class RenewalPolicy
{
    /// <summary>Under so much of its life a certificate waits for no suggestion: 1/20.</summary>
    private const int LastPart = 20;

    /// <summary>Of the stored certificate, which there must be.</summary>
    public static RenewalMoment RenewalTime(CertificateFacts facts) =>
        RenewalTime(facts.Stored!.Leaf!.NotBefore, facts.Stored.Leaf.NotAfter, facts.Certificate.Spec, RenewalInfoPolicy.Known(facts));

    /// <summary>From the certificate's own dates, never from <c>spec.duration</c>.</summary>
    /// <param name="ari">The moment that the CA suggests decides, unless an explicit lead time is earlier. None: the formula.</param>
    /// <remarks>Windows hold for a suggestion as for any other moment, but not for an incident: a CA that revokes does not wait for a maintenance window.</remarks>
    public static RenewalMoment RenewalTime(DateTimeOffset notBefore, DateTimeOffset notAfter, CertificateSpec spec, AriStatus? ari = null)
    {
        if (!spec.RenewsByItself()) { return new(At: null); }

        var lifetime = notAfter - notBefore;
        var asked = ExplicitLeadTime(lifetime, spec);
        if (ari?.SelectedTime is not { } suggested) { return InWindow((notAfter - (asked ?? (lifetime / 3))).InWholeSeconds(), notAfter, spec.Renewal?.Windows); }

        var latest = (notAfter - (asked ?? (lifetime / LastPart))).InWholeSeconds();
        if (suggested > latest) { return InWindow(latest, notAfter, spec.Renewal?.Windows); }

        return RenewalInfoPolicy.IsIncident(ari) ? new(suggested) : InWindow(suggested, notAfter, spec.Renewal?.Windows);
    }

    /// <summary>renewBefore, else renewBeforePercentage, each ignored unless it lies inside the lifetime.</summary>
    private static TimeSpan? ExplicitLeadTime(TimeSpan lifetime, CertificateSpec spec)
    {
        if (spec.RenewBefore is { } wanted && wanted > TimeSpan.Zero && wanted < lifetime) { return wanted; }

        return spec.RenewBeforePercentage is { } percent and > 0 and < 100
            ? TimeSpan.FromTicks((long)((Int128)lifetime.Ticks * percent / 100))
            : null;
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
}
