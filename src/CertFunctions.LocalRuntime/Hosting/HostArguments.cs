using System.Globalization;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>What the command line asks of the local host; everything else on it is configuration.</summary>
internal sealed record HostArguments
{
    public const int DefaultPort = 7071;

    /// <summary>0 takes a free one.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>Where objects, history, timers and the local vault live; full path.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Several processes may use the data directory at the same time.</summary>
    public bool Shared { get; init; }

    /// <summary>Manifests to send once the server is up; <c>-</c> is standard input.</summary>
    public IReadOnlyList<string> Apply { get; init; } = [];

    /// <summary>Arguments that set configuration: <c>--Key value</c>, <c>--Key=value</c>, <c>Key=value</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    public static HostArguments Parse(IReadOnlyList<string> args, string workingDirectory)
    {
        var parsed = new HostArguments { DataDirectory = Path.Combine(workingDirectory, ".certfunctions") };
        var apply = new List<string>();
        var settings = new List<string>();
        for (var i = 0; i < args.Count; i++)
        {
            var (name, inline) = Split(args[i]);
            switch (name)
            {
                case "--port":
                    var text = inline ?? Next(args, ref i);
                    parsed = parsed with { Port = PortOf(text) };
                    break;
                case "--data":
                    parsed = parsed with { DataDirectory = Path.GetFullPath(inline ?? Next(args, ref i), workingDirectory) };
                    break;
                case "--shared":
                    parsed = parsed with { Shared = true };
                    break;
                case "--apply":
                    apply.Add(inline ?? Next(args, ref i));
                    while (i + 1 < args.Count && IsFile(args[i + 1])) { apply.Add(args[++i]); }
                    break;
                default:
                    settings.Add(args[i]);
                    if (name.StartsWith("--", StringComparison.Ordinal) && inline is null && i + 1 < args.Count) { settings.Add(args[++i]); }
                    break;
            }
        }

        return parsed with { Apply = apply, Settings = settings };
    }

    private static (string Name, string? Inline) Split(string argument) =>
        argument.StartsWith("--", StringComparison.Ordinal) && argument.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
            ? (argument[..at], argument[(at + 1)..])
            : (argument, null);

    // A bare Key=value is a setting, also after --apply.
    private static bool IsFile(string argument) =>
        argument == "-" || (!argument.StartsWith('-') && (File.Exists(argument) || !argument.Contains('=', StringComparison.Ordinal)));

    private static string Next(IReadOnlyList<string> args, ref int i) =>
        i + 1 < args.Count ? args[++i] : throw new HostStartException($"{args[i]} needs a value.");

    private static int PortOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535
            ? port
            : throw new HostStartException($"--port takes a number from 0 to 65535, not '{text}'.");
}

/// <summary>The host cannot start; the message is for the person at the terminal.</summary>
internal sealed class HostStartException(string message) : Exception(message);
