using System.Diagnostics;
using System.Globalization;
using CertFunctions.Benchmarks;

// Prints every figure beside its aim and its limit, all of one run; best on a machine that does nothing else.
//   --check          ends with 1 when a limit is missed, or a figure could not be measured
//   --acme          only ACME beside lego
//   --trust         only bundles
//   --issuances N    only N issuances through the pipeline, for profiling: how many a second, and the app's CPU of one; with --azurite behind it, over Azurite
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["--issuances", var number, .. ["--azurite"] or []] && int.TryParse(number, out var asked))
{
    using var store = args is [.., "--azurite"] ? await Azurite.TryStartAsync() ?? throw new InvalidOperationException("Azurite is missing: see the message of a run without options.") : null;
    var only = await Measurements.IssuancesAsync(asked, warm: store is null ? 300 : 20, store);
    Console.WriteLine($"{only.PerSecond:0.0} issuances/s, {only.CpuMilliseconds:0.00} ms CPU each");
    return 0;
}

if (args is ["--acme"])
{
    await AcmeMeasurements.RunAsync(new Report());
    return 0;
}

if (args is ["--trust"])
{
    TrustMeasurements.Run(new Report());
    return 0;
}

if (args is not ([] or ["--check"]))
{
    Console.Error.WriteLine("Options: --check, or --issuances N [--azurite], or --acme, or --trust, or none.");
    return 2;
}

Console.WriteLine($"machine {Environment.MachineName}, {Environment.ProcessorCount} cores, {Environment.OSVersion}, .NET {Environment.Version}, commit {Commit()}");
var run = Stopwatch.StartNew();
var report = new Report();

// Speed is what the machine can do when let: the best of three starts, for the first one reads the program from disk.
var starts = new List<TimeSpan>();
for (var start = 0; start < 3; start++) { starts.Add(await Measurements.FirstReadyAsync()); }
report.AtMost("process start to first Ready, best of 3 (s)", starts.Min().TotalSeconds, aim: 2, limit: 5);
report.AtLeast("orchestrations of three no-op activities (1/s)", await Measurements.OrchestrationsAsync(2000), aim: 800, limit: 800);

var issuances = await Measurements.IssuancesAsync(500);
report.AtLeast("issuances through the whole pipeline (1/s)", issuances.PerSecond, aim: 100, limit: 30);
var calls = await Parts.CountAsync(50);
report.AtMost("vault writes an issuance", calls.VaultWrites, aim: 3, limit: 4);
report.AtMost("object operations an issuance", calls.ObjectReads + calls.ObjectWrites, aim: 20, limit: 70);
await Parts.PrintAsync(issuances.CpuMilliseconds, calls);

var (writes, reads) = await ApiMeasurements.WritesAndReadsAsync(1500);
report.Speed("API writes, 8 callers", writes, aim: (500, 10, 50), limit: (50, 150, 2000));
report.Speed("API reads, 8 callers", reads, aim: (2000, 5, 20), limit: (200, 50, 1000));
var (seen, listings) = await WatchMeasurements.SeenByAllAsync(watchers: 100, writes: 10, quiet: TimeSpan.FromSeconds(5));
report.Times("a write until all of 100 watchers have seen it", seen, aim: (1000, 1500), limit: (3000, 6000));
report.AtMost("store listings while 100 watch (1/s)", listings, aim: 1.2, limit: 2);

var full = await StoreMeasurements.OnSqliteAsync(10_000);
report.AtMost("a Table of 10,000 Certificates, SQLite (s)", full.ListSeconds, aim: 1, limit: 1);
report.AtMost("working set with 10,000 Certificates stored (MB)", full.Megabytes, aim: 150, limit: 250);
report.AtMost("working set once they were listed 5 times (MB)", full.MegabytesListed, aim: 150, limit: 500);

TrustMeasurements.Run(report);

try { await AcmeMeasurements.RunAsync(report); }
catch (InvalidOperationException missing) { report.NotMeasured("ACME beside lego", missing.Message); }

using var azurite = await Azurite.TryStartAsync();
if (azurite is null) { report.NotMeasured("the pipeline and a Table on Azurite", "Azurite is missing. Run in the repository: npm install --no-audit --no-fund --prefix tests/.cache/azurite azurite@3.37.0"); }
else
{
    report.AtLeast("issuances through the whole pipeline, Azurite (1/s)", (await Measurements.IssuancesAsync(40, warm: 20, azurite)).PerSecond, aim: 10, limit: 1);
    report.AtMost("a Table of 2,000 Certificates, Azurite (s)", await StoreMeasurements.OnAzuriteAsync(azurite, 2000), aim: 1, limit: 1);
}

Console.WriteLine($"  all of it in {run.Elapsed.TotalSeconds:0} s");
return report.IsGood || !args.Contains("--check") ? 0 : 1;

static string Commit()
{
    try
    {
        using var git = Process.Start(new ProcessStartInfo("git", "rev-parse --short HEAD") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        return git.StandardOutput.ReadToEnd().Trim();
    }
    catch (System.ComponentModel.Win32Exception) { return "unknown"; }
}
