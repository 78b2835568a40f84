using System.Globalization;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>The folder that holds everything a local run keeps; one process at a time, unless shared.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream? _lock;

    private DataDirectory(string path, FileStream? held) => (FullPath, _lock) = (path, held);

    public string FullPath { get; }

    public static DataDirectory Open(string path, bool shared)
    {
        CreatePrivate(path);
        if (shared) { return new DataDirectory(path, held: null); }

        var lockFile = Path.Combine(path, "lock");
        var pidFile = Path.Combine(path, "pid");
        try
        {
            // FileShare.None is an advisory lock (flock) on Unix: it dies with the process, also on kill -9.
            var held = new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(pidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new DataDirectory(path, held);
        }
        catch (IOException)
        {
            var owner = File.Exists(pidFile) ? $" (process {File.ReadAllText(pidFile)})" : "";
            throw new HostStartException(
                $"{path} is in use by another CertFunctions{owner}. Stop it, choose another --data DIR, or pass --shared.");
        }
    }

    public string PathOf(string name) => Path.Combine(FullPath, name);

    public void Dispose() => _lock?.Dispose();

    internal static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows()) { Directory.CreateDirectory(path); }
        else { Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); }
    }
}
