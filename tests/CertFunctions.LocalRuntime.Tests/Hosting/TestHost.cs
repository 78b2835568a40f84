using CertFunctions.LocalRuntime.Hosting;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.LocalRuntime.Tests.Hosting;

/// <summary>A started local host on a free port over a folder of its own, with the function classes of one test.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly bool _ownsFolder;
    private readonly LocalHost _host;

    private TestHost(LocalHost host, string folder, bool ownsFolder)
    {
        (_host, Folder, _ownsFolder) = (host, folder, ownsFolder);
        Http = new HttpClient { BaseAddress = host.Address };
    }

    public string Folder { get; }

    public IServiceProvider Services => _host.Services;

    public HttpClient Http { get; }

    public static async Task<TestHost> StartAsync(
        Type[] functions, Action<FunctionsApplicationBuilder>? configure = null, string[]? args = null, string? folder = null, FakeTimeProvider? clock = null)
    {
        var home = folder ?? NewFolder();
        var builder = NewBuilder(functions, home, args);
        if (clock is not null) { builder.Services.AddSingleton<TimeProvider>(clock); }

        builder.ConfigureFunctionsWebApplication();
        configure?.Invoke(builder);
        var host = (LocalHost)builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new TestHost(host, home, folder is null);
    }

    public static FunctionsApplicationBuilder NewBuilder(Type[] functions, string folder, string[]? args = null) =>
        new(LocalHostBuilder.Create(
            ["--port", "0", "--Vaults:Default", "https://vault.example", .. args ?? []],
            new HostSurroundings { Types = functions, WorkingDirectory = folder, BinaryDirectory = folder, Output = TextWriter.Null }));

    public static string NewFolder()
    {
        var folder = Directory.CreateTempSubdirectory("certfunctions-hosting-").FullName;
        File.WriteAllText(Path.Combine(folder, "host.json"), """{ "version": "2.0", "extensions": { "http": { "routePrefix": "" } } }""");
        return folder;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        await _host.DisposeAsync();
        Http.Dispose();
        if (_ownsFolder) { Directory.Delete(Folder, recursive: true); }
    }
}
