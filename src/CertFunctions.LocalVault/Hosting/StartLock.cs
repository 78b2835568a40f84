namespace CertFunctions.LocalVault.Hosting;

/// <summary>Lets one process at a time make or read the files that all share: keys, CA, ports, schema. Dies with the process.</summary>
internal static class StartLock
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private const int MostAttempts = 3000;

    public static async Task<FileStream> TakeAsync(string path, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (attempt < MostAttempts)
            {
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }
}
