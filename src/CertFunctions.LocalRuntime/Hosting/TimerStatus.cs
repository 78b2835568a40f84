using System.Text.Json;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>What a timer remembers between processes.</summary>
internal sealed record TimerStatus(string Schedule, DateTime Last, DateTime Next, DateTime LastUpdated);

/// <summary>One small JSON file per timer, replaced whole.</summary>
internal sealed class TimerStatusFile(DataDirectory data, string functionName)
{
    private readonly string _path = Path.Combine(data.OwnPathOf("timers"), functionName + ".json");

    /// <summary>Null for a timer never seen, or one whose file cannot be read.</summary>
    public TimerStatus? Read()
    {
        try
        {
            return File.Exists(_path) ? JsonSerializer.Deserialize<TimerStatus>(File.ReadAllBytes(_path)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Write(TimerStatus status)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        var draft = _path + ".new";
        File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(status));
        File.Move(draft, _path, overwrite: true);
    }
}
