using System.Collections.Concurrent;
using System.Text.Json;

namespace CertFunctions.KillHost;

/// <summary>Counts how often each kill point is passed (and each reading call made); at one that the parent armed, says so and never returns.</summary>
/// <remarks>Commands on standard input: <c>arm {point}/before|after</c> with any number of points between tabs (in place of those armed before), <c>hits</c>. Answers on standard output start with <c>##</c>.</remarks>
internal static class KillSwitch
{
    private static readonly ConcurrentDictionary<string, int> Hits = new();
    private static ConcurrentDictionary<string, bool> _armed = new();

    public static void Listen() => new Thread(() =>
    {
        while (Console.In.ReadLine() is { } line)
        {
            if (line.StartsWith("arm ", StringComparison.Ordinal)) { _armed = new(line[4..].Split('\t').Select(point => KeyValuePair.Create(point, true))); Say("armed"); }
            if (line == "hits") { Say("hits " + JsonSerializer.Serialize(Hits)); }
        }
    }) { IsBackground = true }.Start();

    public static void Count(string what) => Hits.AddOrUpdate(what, 1, static (_, count) => count + 1);

    public static async Task AroundAsync(string point, Func<Task> effect)
    {
        await PassAsync(point, "before");
        await effect();
        await PassAsync(point, "after");
    }

    public static async Task<T> AroundAsync<T>(string point, Func<Task<T>> effect)
    {
        await PassAsync(point, "before");
        var result = await effect();
        await PassAsync(point, "after");
        return result;
    }

    private static async Task PassAsync(string point, string side)
    {
        var name = $"{point}/{side}";
        Count(name);
        if (!_armed.TryRemove(name, out _)) { return; }

        _armed.Clear();   // one moment at a time: a second would not see its effect come through
        Say("at " + name);
        await Task.Delay(Timeout.Infinite);   // until SIGKILL
    }

    private static void Say(string text)
    {
        lock (Hits)
        {
            Console.Out.WriteLine("##" + text);
            Console.Out.Flush();
        }
    }
}
