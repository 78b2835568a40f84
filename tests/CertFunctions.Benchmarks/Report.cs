namespace CertFunctions.Benchmarks;

/// <summary>Figures beside their aim (where we want to be) and their limit (below it something is broken, also on a busy machine).</summary>
internal sealed class Report
{
    /// <summary>False as soon as one figure misses its limit, or could not be measured.</summary>
    public bool IsGood { get; private set; } = true;

    public void AtLeast(string what, double value, double aim, double limit) => Row(what, value, "at least", aim, value >= aim, limit, value >= limit);

    public void AtMost(string what, double value, double aim, double limit) => Row(what, value, "at most", aim, value <= aim, limit, value <= limit);

    /// <summary>What was timed with many callers: how many a second, and how long one took.</summary>
    /// <param name="aim">A second, and milliseconds of the median and of the slowest of a hundred.</param>
    public void Speed(string what, Speed speed, (double PerSecond, double Median, double Slow) aim, (double PerSecond, double Median, double Slow) limit)
    {
        AtLeast($"{what} (1/s)", speed.PerSecond, aim.PerSecond, limit.PerSecond);
        Times(what, speed, (aim.Median, aim.Slow), (limit.Median, limit.Slow));
    }

    public void Times(string what, Speed speed, (double Median, double Slow) aim, (double Median, double Slow) limit)
    {
        AtMost($"{what}, p50 (ms)", speed.Median, aim.Median, limit.Median);
        AtMost($"{what}, p99 (ms)", speed.Slow, aim.Slow, limit.Slow);
    }

    /// <summary>A figure to read beside the others, without aim.</summary>
    public static void Beside(string what, double value, string more = "") => Console.WriteLine($"  {what,-60} {Text(value),8} {more}".TrimEnd());

    public void NotMeasured(string what, string why)
    {
        IsGood = false;
        Console.WriteLine($"  {what,-60}          NOT MEASURED: {why}");
    }

    private void Row(string what, double value, string bound, double aim, bool meetsAim, double limit, bool meetsLimit)
    {
        IsGood &= meetsLimit;
        var verdict = !meetsLimit ? "MISSES THE LIMIT" : meetsAim ? "meets the aim" : "misses the aim";
        Beside(what, value, $"  aim {bound} {aim}, limit {limit}: {verdict}");
    }

    private static string Text(double value) => value < 10 ? $"{value:0.00}" : $"{value:0.0}";
}

/// <summary>How fast many calls were.</summary>
/// <param name="Median">Milliseconds of one call.</param>
/// <param name="Slow">Milliseconds within which 99 of 100 calls were done.</param>
internal sealed record Speed(double PerSecond, double Median, double Slow)
{
    public static Speed Of(IEnumerable<double> milliseconds, TimeSpan whole)
    {
        double[] sorted = [.. milliseconds.Order()];
        return new(sorted.Length / whole.TotalSeconds, sorted[sorted.Length / 2], sorted[(int)Math.Ceiling(sorted.Length * 0.99) - 1]);
    }
}
