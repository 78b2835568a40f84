namespace CertFunctions.App.Acme.Renewal;

/// <summary>How CAs are asked for renewal information. Section <c>RenewalInfo</c>.</summary>
public sealed class RenewalInfoOptions
{
    /// <summary>Most requests a second, to all CAs together. Default 20.</summary>
    public int PerSecond { get; set; } = 20;

    /// <summary>Longest one tick of the timer goes on; the next takes up where it stopped. Default 4 min.</summary>
    public TimeSpan TickLimit { get; set; } = TimeSpan.FromMinutes(4);

    /// <summary>How often the same certificate is asked for, where the CA does not say. Default 6 h.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromHours(6);
}
