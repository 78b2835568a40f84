using System.Net.Sockets;
using CertFunctions.LocalRuntime.Hosting.Apply;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>The running app: engine first, then HTTP, then timers; stopped in the opposite order.</summary>
internal sealed class LocalHost(WebApplication app, LocalHostBuilder builder, TimerHost timers, FunctionBanner banner) : IHost, IAsyncDisposable
{
    private Task _applying = Task.CompletedTask;

    public IServiceProvider Services => app.Services;

    private DurableFunctions Durable => (DurableFunctions)app.Services.GetRequiredService<IParameterSource>();

    /// <summary>Where the server listens, once started.</summary>
    public Uri Address => new(app.Urls.First());

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await Durable.StartAsync(cancellationToken);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException failure) when (failure.InnerException is AddressInUseException or SocketException)
        {
            var refused = new HostStartException($"Port {builder.Arguments.Port} is taken. Choose another with --port N (0 takes a free one).");
            LocalHostBuilder.OrEnd<bool>(builder.Surroundings, () => throw refused);
        }

        timers.Start();
        await builder.Surroundings.Output.WriteAsync(banner.Text(Address));
        await builder.Surroundings.Output.FlushAsync(cancellationToken);
        if (builder.Arguments.Apply.Count > 0) { _applying = ApplyAsync(app.Lifetime.ApplicationStopping); }
    }

    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        app.Lifetime.StopApplication();
        await _applying;   // ends with the lifetime's token, and never throws
        await timers.StopAsync(cancellationToken);
        await app.StopAsync(cancellationToken);
        await Durable.StopAsync(cancellationToken);
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        timers.Dispose();
        var data = app.Services.GetRequiredService<DataDirectory>();
        await app.DisposeAsync();
        if (builder.Vault is { } vault) { await vault.DisposeAsync(); }
        data.Dispose();   // given as an instance: the container leaves it to us
    }

    private async Task ApplyAsync(CancellationToken stopping)
    {
        var output = builder.Surroundings.Output;
        try
        {
            using var http = new HttpClient { BaseAddress = Address };
            var clock = app.Services.GetRequiredService<TimeProvider>();
            var inPlace = output == Console.Out && !Console.IsOutputRedirected;
            var files = builder.Arguments.Apply;
            var command = new ApplyCommand(new ApplyClient(http), output, clock, inPlace);
            var objects = await command.RunAsync(files, Console.In, stopping);
            if (command.HasFailed && builder.Surroundings.EndProcessOnFailure) { Environment.ExitCode = 1; }
            if (objects.Count > 0) { await output.WriteAsync(NextLines.Text(Address, builder.Vault?.Host, objects)); }
            await output.FlushAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Ctrl-C while watching.
        }
        catch (HostStartException refused)
        {
            await output.WriteLineAsync(refused.Message);
        }
        catch (Exception failure)
        {
            app.Services.GetRequiredService<ILogger<LocalHost>>().LogError(failure, "Applying failed; the server stays up");
        }
    }
}
