using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>What becomes of a CA's renewal information (RFC 9773 §4.2, §4.3): which window is believed, and which moment in it is this certificate's.</summary>
/// <remarks>Deterministic where cert-manager draws by chance: a moment that is lost is found again, and many certificates still spread over their window.</remarks>
public static class RenewalInfoPolicy
{
    private const int LongestId = 200;
    private const int LongestExplanation = 2048;
    private const string Past = "past";

    /// <summary>An incident is everybody's: they come one after the other.</summary>
    private static readonly TimeSpan IncidentSpread = TimeSpan.FromHours(1);

    /// <summary>A CA that always answers "now" costs a few certificates a day, and no more.</summary>
    private static readonly TimeSpan IncidentAge = TimeSpan.FromHours(6);

    /// <summary>What the status says of the stored certificate's renewal information. Null: it has none, or its issuer does not go by it.</summary>
    public static AriStatus? Known(CertificateFacts facts)
    {
        if (facts is not { OwnLeaf: not null, UsesRenewalInfo: true, Stored: { RenewalId: { Length: <= LongestId } id } stored }) { return null; }
        if (AcmeOrigin.Read(stored.Tags)?.Server is not { } directory || directory != facts.IssuerServer) { return null; }

        return facts.Certificate.Status?.Acme?.Ari is { } known && known.Id == id && known.Directory == directory ? known : new AriStatus { Id = id, Directory = directory };
    }

    /// <summary>The window as listings show it; every window that was over when it was found looks the same, for Let's Encrypt's moves with each look.</summary>
    public static string Listed(AriStatus ari) => ari.SuggestedWindow is not { } window ? "" : IsIncident(ari) ? Past : Text(window);

    /// <summary>Whether what was found differs from what the listing shows. Says nothing about its sense.</summary>
    public static bool HasMoved(string listed, DateTimeOffset start, DateTimeOffset end, DateTimeOffset now) =>
        end > start && Text(Whole(start, end)) != listed && !(listed == Past && end <= now);

    /// <summary>The status with another window, and a moment in it. Null: nothing new, or a window that is not believed.</summary>
    /// <param name="status">Of the Certificate that the window is for.</param>
    public static AriStatus? Move(CertificateStatus? status, string id, DateTimeOffset start, DateTimeOffset end, string? explanation, DateTimeOffset now)
    {
        if (status is not { Acme.Ari: { } known, NotBefore: { } notBefore, NotAfter: { } notAfter } || known.Id != id) { return null; }

        var window = Whole(start, end);
        if (!IsSane(window, notBefore, notAfter) || !HasMoved(Listed(known), window.Start, window.End, now)) { return null; }

        return known with { SuggestedWindow = window, ExplanationURL = Link(explanation), SelectedTime = Select(known, window, notBefore, now) };
    }

    /// <summary>Whether the window was over when it was found: replace now, whatever the hour (RFC 9773 §4.2).</summary>
    public static bool IsIncident(AriStatus? ari) => ari is { SuggestedWindow: { } window, SelectedTime: { } selected } && selected >= window.End;

    /// <summary>A window ends after it starts, and starts within the certificate's life: one that starts with it or earlier would replace every successor as well.</summary>
    public static bool IsSane(SuggestedWindow window, DateTimeOffset notBefore, DateTimeOffset notAfter) =>
        window.End > window.Start && window.Start > notBefore && window.Start < notAfter;

    private static DateTimeOffset Select(AriStatus known, SuggestedWindow window, DateTimeOffset notBefore, DateTimeOffset now)
    {
        if (window.End <= now) { return WholeSeconds(Later(now, notBefore + IncidentAge) + (IncidentSpread * Fraction(known.Id))); }
        if (known.SelectedTime is { } chosen && chosen >= window.Start && chosen < window.End) { return chosen; }

        var from = WholeSeconds(Later(window.Start, now));   // of a window that has begun, what is left of it: nobody comes all at once
        return WholeSeconds(from + ((window.End - from) * Fraction(known.Id)));
    }

    /// <summary>0 up to, not including, 1; evenly over certificates, the same for one of them at any time.</summary>
    private static double Fraction(string id) =>
        (BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(id))) >> 11) * Math.Pow(2, -53);

    private static string? Link(string? explanation) =>
        explanation is { Length: <= LongestExplanation } && Uri.TryCreate(explanation, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
            ? url.AbsoluteUri
            : null;

    private static string Text(SuggestedWindow window) =>
        string.Create(CultureInfo.InvariantCulture, $"{window.Start.ToUnixTimeSeconds()}-{window.End.ToUnixTimeSeconds()}");

    private static SuggestedWindow Whole(DateTimeOffset start, DateTimeOffset end) => new() { Start = WholeSeconds(start), End = WholeSeconds(end) };

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => time.ToUniversalTime().InWholeSeconds();
}
