using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Health;

/// <summary>When <c>/healthz/ready</c> says no. Section <c>Ready</c>.</summary>
public sealed class ReadyOptions
{
    /// <summary>So many occurrences of its schedule a timer may miss. Default 3, 1 to 100.</summary>
    [Range(1, 100)]
    public int MissedRuns { get; set; } = 3;

    /// <summary>And so much longer it may take, because a run may be under way. Default 5 min, 0 to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How late the most overdue resource may be looked at. Default 2 h: a run without progress is ended after 1 h (<c>Schedule:Stuck</c>). 1 s to 30 days.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan DueLag { get; set; } = TimeSpan.FromHours(2);

    /// <summary>After this an answer is given, whoever has not answered by then. Default 10 s, 100 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>So long the same answer is given again, whoever asks: store and vaults are asked no more often. Default 5 s, 0 to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan Keep { get; set; } = TimeSpan.FromSeconds(5);
}

[OptionsValidator]
internal sealed partial class ReadyOptionsValidator : IValidateOptions<ReadyOptions>;
