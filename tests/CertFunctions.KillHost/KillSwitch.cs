using System.Collections.Concurrent;
using System.Text.Json;

namespace CertFunctions.KillHost;

/// <summary>Counts how often each kill point is passed (and each reading call made); at the one that the parent armed, says so and never returns.</summary>
/// <remarks>Commands on standard input: <c>arm {point}/before|after</c>, <c>hits</c>. Answers on standard output start with <c>##</c>.</remarks>
internal static class KillSwitch
{
    private static readonly ConcurrentDictionary<string, int> Hits = new();
    private static string? _armed;

    public static void Listen() => new Thread(() =>
    {
        while (Console.In.ReadLine() is { } line)
        {
            if (line.StartsWith("arm ", StringComparison.Ordinal)) { Interlocked.Exchange(ref _armed, line[4..]); Say("armed"); }
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
        if (Interlocked.CompareExchange(ref _armed, null, name) != name) { return; }

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
