using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Api.Limits;

/// <summary>Bounds of the resource API, section <c>Api</c>.</summary>
public sealed class ApiOptions
{
    /// <summary>Requests of one caller at a time; more are answered 429. Default 128, 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int ConcurrentRequests { get; set; } = 128;

    /// <summary>Watches of one caller at a time; more are answered 429. Default 256, 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int ConcurrentWatches { get; set; } = 256;

    /// <summary>After this a request is answered 504. Default 30 s, 1 s to 10 min. Watches have their own time.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>All headers together, in bytes; more is answered 431. Default 16 KiB, 1 KiB to 1 MiB.</summary>
    [Range(1024, 1024 * 1024)]
    public int HeaderBytes { get; set; } = 16 * 1024;

    /// <summary>The longest watch or wait. Default 200 s: Azure's front end cuts what has been silent for 230 s. 1 s to 1 day; the Local runtime sets 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LongestWatch { get; set; } = TimeSpan.FromSeconds(200);

    /// <summary>How often the store is looked at while somebody watches, once for all who do. Default 1 s, 50 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan WatchPace { get; set; } = TimeSpan.FromSeconds(1);
}

[OptionsValidator]
internal sealed partial class ApiOptionsValidator : IValidateOptions<ApiOptions>;
