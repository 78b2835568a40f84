namespace CertFunctions.Servers.Tests.Kill;

/// <summary>Tells the kill host where to stop, and sends SIGKILL when it does.</summary>
internal static class Killer
{
    /// <summary>A story, and SIGKILL at each of the points meanwhile.</summary>
    /// <returns>Those that it did not pass.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(KillStory story, LocalApp app, IReadOnlyList<string> points, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var killing = KillAsync(app, points, story, stop.Token, cancel);
        IReadOnlyList<string> missed = [];
        try { await story.RunAsync(); }
        finally
        {
            await stop.CancelAsync();
            missed = await killing;   // before anybody disposes of the app
        }

        story.NoteRecovery();
        return missed;
    }

    /// <summary>SIGKILL at whichever of the points comes next, until none is left.</summary>
    /// <returns>Those that were not passed.</returns>
    private static async Task<IReadOnlyList<string>> KillAsync(LocalApp app, IReadOnlyList<string> points, KillStory story, CancellationToken stop, CancellationToken cancel)
    {
        var armed = points.ToList();
        await app.TellAsync(Arm(armed));
        while (armed.Count > 0)
        {
            var said = "";
            try { said = await app.Signals.ReadAsync(stop); }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested) { break; }
            if (!said.StartsWith("at ", StringComparison.Ordinal)) { continue; }

            armed.Remove(said[3..]);
            story.Killing(said[3..]);
            await app.KillAsync(cancel);
            await app.StartAsync(cancel);
            await app.TellAsync(Arm(armed));
        }

        await app.TellAsync(Arm([]));
        return armed;
    }

    private static string Arm(IEnumerable<string> points) => "arm " + string.Join('\t', points);
}
