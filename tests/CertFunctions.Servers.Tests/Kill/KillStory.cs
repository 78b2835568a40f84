using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

namespace CertFunctions.Servers.Tests.Kill;

/// <summary>A life that is disturbed by kills: writes that are made once, and steps that wait for what was asked for.</summary>
/// <param name="name">For messages.</param>
internal abstract class KillStory(LocalApp app, string name, CancellationToken cancel)
{
    private readonly ConcurrentQueue<(string Point, Stopwatch Since)> _killed = new();

    /// <summary>Where the app was killed, and the time from then until the step at hand was done.</summary>
    public List<(string Point, TimeSpan Recovery)> Recovered { get; } = [];

    /// <summary>To be told by who kills the app, just before it does.</summary>
    public void Killing(string point) => _killed.Enqueue((point, Stopwatch.StartNew()));

    protected LocalApp App => app;

    protected string Name => name;

    protected CancellationToken Cancel => cancel;

    public abstract Task RunAsync();

    protected Task PutAsync(string path, string yaml, Func<JsonNode?, bool> isWritten) => WriteAsync(() => app.PutAsync(path, yaml, cancel), path, isWritten);

    protected async Task DeleteAsync(string path)
    {
        await WriteAsync(() => app.Http.DeleteAsync("apis/cert-manager.io/v1/" + path, cancel), path, found => found is null || found["metadata"]!["deletionTimestamp"] is not null);
        await StepAsync($"{path} is gone", async () =>
        {
            using var answer = await app.Http.GetAsync("apis/cert-manager.io/v1/" + path, cancel);
            return answer.StatusCode is HttpStatusCode.NotFound;
        });
    }

    /// <summary>Writes once; a write whose answer was lost, or said busy, is repeated only if nothing of it was stored: what was stored must go on by itself.</summary>
    protected async Task WriteAsync(Func<Task<HttpResponseMessage>> send, string path, Func<JsonNode?, bool> isWritten)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                using var answer = await send();
                if (tries < 10 && answer.StatusCode is (HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)) { answer.EnsureSuccessStatusCode(); }
                Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancel));
                return;
            }
            catch (Exception lost) when (LocalApp.IsAway(lost, cancel))
            {
                var stored = false;
                await app.EventuallyAsync(async () =>
                {
                    (await app.Http.GetAsync("healthz", cancel)).EnsureSuccessStatusCode();
                    stored = isWritten(await app.GetAsync(path, cancel));
                    return true;
                }, "the app answers again", cancel);
                if (stored) { return; }
            }
        }
    }

    protected async Task StepAsync(string what, Func<Task<bool>> isDone)
    {
        await app.EventuallyAsync(isDone, $"{name}: {what}", cancel);
        NoteRecovery();
    }

    /// <summary>What was under way is done: with each step, and once after the last one, for who was killed behind it.</summary>
    public void NoteRecovery()
    {
        while (_killed.TryDequeue(out var killed)) { Recovered.Add((killed.Point, killed.Since.Elapsed)); }
    }
}
