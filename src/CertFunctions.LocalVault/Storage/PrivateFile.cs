namespace CertFunctions.LocalVault.Storage;

/// <summary>Files only their owner may read. Written aside and renamed, so that a kill leaves the old file or the new one.</summary>
internal static class PrivateFile
{
    public static byte[] ReadOrCreate(string path, Func<byte[]> create)
    {
        if (!File.Exists(path))
        {
            Write(path, create());
        }

        return File.ReadAllBytes(path);
    }

    public static void Write(string path, byte[] content)
    {
        var aside = path + ".new";
        File.Delete(aside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(aside, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
    }
}
