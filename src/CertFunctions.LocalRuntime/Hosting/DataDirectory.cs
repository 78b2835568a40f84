using System.Globalization;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>The folder that holds everything a local run keeps; one process at a time, unless all of them say that they share it.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream[] _locks;
    private readonly int _place;

    private DataDirectory(string path, int place, params FileStream[] locks) => (FullPath, _place, _locks) = (path, place, locks);

    public string FullPath { get; }

    public static DataDirectory Open(string path, bool shared)
    {
        CreatePrivate(path);
        var lockFile = Path.Combine(path, "lock");
        var pidFile = Path.Combine(path, "pid");
        try
        {
            // An advisory lock (flock) on Unix, exclusive or shared: it dies with the process, also on kill -9.
            if (shared)
            {
                var joined = new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read);
                var (place, held) = TakePlace(path);
                return new DataDirectory(path, place, joined, held);
            }

            var alone = new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(pidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new DataDirectory(path, place: 1, alone);
        }
        catch (IOException)
        {
            var owner = !shared && File.Exists(pidFile) ? $" (process {File.ReadAllText(pidFile)})" : "";
            throw new HostStartException(
                $"{path} is in use by another CertFunctions{owner}. Stop it, choose another --data DIR, or pass --shared to all of them.");
        }
    }

    public string PathOf(string name) => Path.Combine(FullPath, name);

    /// <summary>For what each of several processes keeps for itself: the first has the plain name, which is also the one of a process alone.</summary>
    public string OwnPathOf(string name) =>
        PathOf(_place == 1 ? name : $"{Path.GetFileNameWithoutExtension(name)}-{_place.ToString(CultureInfo.InvariantCulture)}{Path.GetExtension(name)}");

    public void Dispose()
    {
        foreach (var held in _locks) { held.Dispose(); }
    }

    internal static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows()) { Directory.CreateDirectory(path); }
        else { Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); }
    }

    private static (int Place, FileStream Held) TakePlace(string path)
    {
        for (var place = 1; ; place++)
        {
            try
            {
                var file = Path.Combine(path, $"lock-{place.ToString(CultureInfo.InvariantCulture)}");
                return (place, new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (place < 64)
            {
                // Somebody sits here.
            }
        }
    }
}
