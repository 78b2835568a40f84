namespace CertFunctions.LocalRuntime.Hosting.Apply;

/// <summary>Sends manifests to the API that has just started, watches them until all are Ready or failed, and says how to look further.</summary>
internal sealed class ApplyCommand(ApplyClient client, TextWriter output, TimeProvider clock, bool inPlace)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(300);

    /// <summary>Whether something was refused, failed, or is not Ready within the limit: then the process ends with code 1 when it is stopped.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>The objects as they stand at the end; fewer than asked for when the API refused some.</summary>
    public async Task<IReadOnlyList<Progress>> RunAsync(IReadOnlyList<string> files, TextReader input, CancellationToken cancellationToken)
    {
        var targets = await SendAsync(files, input, cancellationToken);
        var view = new TableView(output, inPlace);
        var began = clock.GetTimestamp();
        while (true)
        {
            var objects = await LookAsync(targets, cancellationToken);
            await view.ShowAsync(objects);
            if (objects.All(o => o.IsDone) || clock.GetElapsedTime(began) > Limit)
            {
                await ReportAsync(objects);
                return objects;
            }

            await Task.Delay(Pace, clock, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<Target>> SendAsync(IReadOnlyList<string> files, TextReader input, CancellationToken cancellationToken)
    {
        var targets = new List<Target>();
        foreach (var file in files)
        {
            if (file != "-" && !File.Exists(file)) { throw new HostStartException($"--apply: there is no file {file}."); }

            var text = file == "-" ? await input.ReadToEndAsync(cancellationToken) : await File.ReadAllTextAsync(file, cancellationToken);
            foreach (var manifest in Manifest.ReadAll(file, text))
            {
                var target = await client.FindAsync(manifest, cancellationToken);
                if (await client.PutAsync(target, cancellationToken) is { } refusal)
                {
                    HasFailed = true;
                    await output.WriteLineAsync($"{target.Title} was refused: {refusal}");
                }
                else { targets.Add(target); }
            }
        }

        return targets;
    }

    private async Task<IReadOnlyList<Progress>> LookAsync(IEnumerable<Target> targets, CancellationToken cancellationToken)
    {
        var objects = new List<Progress>();
        foreach (var target in targets)
        {
            objects.Add(new Progress(target, await client.GetAsync(target, cancellationToken), await client.TableAsync(target, cancellationToken)));
        }

        return objects;
    }

    private async Task ReportAsync(IEnumerable<Progress> objects)
    {
        foreach (var left in objects.Where(o => o.IsFailed || !o.IsDone))
        {
            HasFailed = true;
            await output.WriteLineAsync($"{left.Target.Title} {(left.IsFailed ? "failed" : $"is not ready after {Limit.TotalMinutes:0} minutes")}: {left.Reason}");
        }
    }
}
