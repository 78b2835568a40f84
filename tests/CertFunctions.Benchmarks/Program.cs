using System.Diagnostics;
using System.Globalization;
using CertFunctions.Benchmarks;

// Prints every figure beside its aim and its limit, all of one run. The aim is where we want to be; --check ends with 1 when a limit is missed.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Console.WriteLine($"machine {Environment.MachineName}, {Environment.ProcessorCount} cores, {Environment.OSVersion}, .NET {Environment.Version}, commit {Commit()}");

// Speed is what the machine can do when let: the best of three starts, for the first one reads the program from disk.
var starts = new List<TimeSpan>();
for (var start = 0; start < 3; start++) { starts.Add(await Measurements.FirstReadyAsync()); }

var orchestrations = await Measurements.OrchestrationsAsync(2000);
var bare = Measurements.BareCryptography(2000);
var issuances = await Measurements.IssuancesAsync(500);
var calls = await Parts.CountAsync(50);
Part[] parts =
[
    new("cryptography, bare", 1, bare.CpuMilliseconds),
    new("vault calls (HTTPS, both sides)", calls.VaultReads + calls.VaultWrites, await Parts.VaultCallAsync(500)),
    new("object store calls", calls.ObjectReads + calls.ObjectWrites, await Parts.ObjectCallAsync(1000)),
    new("activities (history, replay)", calls.Activities, await Parts.ActivityAsync(1000)),
];

var isGood = Row("process start to first Ready, best of 3 (s)", starts.Min().TotalSeconds, aim: 2, limit: 5);
isGood &= Row("orchestrations of three no-op activities (1/s)", orchestrations, aim: 800, limit: 800);
isGood &= Row("issuances through the whole pipeline (1/s)", issuances.PerSecond, aim: 100, limit: 30);
Console.WriteLine($"  bare cryptography of the same work (1/s)          {bare.PerSecond,8:0.0}");
Console.WriteLine($"  an issuance: {calls.VaultWrites:0.0} vault writes, {calls.VaultReads:0.0} vault reads, {calls.ObjectWrites:0.0} object writes, {calls.ObjectReads:0.0} object reads, {calls.Activities:0.0} activities");
Console.WriteLine($"  CPU an issuance                                   {issuances.CpuMilliseconds,8:0.00} ms, of which, calls times the cost of a bare call:");
foreach (var part in parts) { Console.WriteLine($"    {part.Name,-46} {part.Calls * part.Milliseconds,8:0.00} ms = {part.Calls,5:0.0} x {part.Milliseconds:0.000}"); }
Console.WriteLine($"    {"everything else (HTTP in, JSON, facts, logs)",-46} {issuances.CpuMilliseconds - parts.Sum(part => part.Calls * part.Milliseconds),8:0.00} ms");
return isGood || !args.Contains("--check") ? 0 : 1;

// An aim below its limit is a time: smaller is better.
static bool Row(string what, double value, double aim, double limit)
{
    bool IsWithin(double bound) => aim < limit ? value <= bound : value >= bound;
    var verdict = !IsWithin(limit) ? "MISSES THE LIMIT" : IsWithin(aim) ? "meets the aim" : "misses the aim";
    Console.WriteLine($"  {what,-48} {value,8:0.0}   aim {aim}, limit {limit}: {verdict}");
    return IsWithin(limit);
}

static string Commit()
{
    try
    {
        using var git = Process.Start(new ProcessStartInfo("git", "rev-parse --short HEAD") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        return git.StandardOutput.ReadToEnd().Trim();
    }
    catch (System.ComponentModel.Win32Exception) { return "unknown"; }
}
