using CertFunctions.Core.Policy;

namespace CertFunctions.App.Issuers.Rotation;

/// <summary>The pace of CA rotations where nobody asks for another. Section <c>Rotation</c>.</summary>
public sealed class RotationOptions
{
    /// <summary>How long a client may use a bundle that it fetched, caches and its own reload included: the pin waits for that. Default 1 day.</summary>
    public TimeSpan Propagation { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long the old CA stays after the last re-issue, where a leaf counts as gone with its replacement (<c>quick</c>). Default 7 days; at least <see cref="ConsumerLag"/>.</summary>
    public TimeSpan Overlap { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a consumer may go on serving the old certificate after a re-issue; Azure's take up to 3 days. Default 3 days.</summary>
    public TimeSpan ConsumerLag { get; set; } = TimeSpan.FromDays(3);

    /// <summary>Over how long the re-issues after a rotation are spread. Default 1 h.</summary>
    public TimeSpan Spread { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Most re-issues of one issuer under way at a time. Default 20.</summary>
    public int MaxConcurrent { get; set; } = 20;

    internal RotationPace Pace => new(Propagation, Overlap, ConsumerLag, Spread);

    internal bool IsSound => Propagation >= TimeSpan.Zero && ConsumerLag >= TimeSpan.Zero && Spread >= TimeSpan.Zero && Overlap >= ConsumerLag && MaxConcurrent > 0;
}
