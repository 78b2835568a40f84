using Azure.Core;
using Azure.Core.Pipeline;
using CertFunctions.LocalVault;
using Microsoft.Extensions.DependencyInjection;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>The vault of a laptop: started unless the settings name a real one.</summary>
internal sealed class LaptopVault(LocalVaultHost host) : IAsyncDisposable
{
    public LocalVaultHost Host => host;

    public static LaptopVault Start(DataDirectory data, bool shared, SettingDefaults defaults, IServiceCollection services)
    {
        // The builder has no asynchronous moment before the app's own services are added.
        var options = new LocalVaultOptions { DataDirectory = data.FullPath, Shared = shared };
        var host = Task.Run(() => LocalVaultHost.StartAsync(options, CancellationToken.None)).GetAwaiter().GetResult();
        defaults.Set("Vaults:Default", host.DefaultVault.ToString());
        defaults.Set("Vaults:System", host.SystemVault.ToString());
        services.AddSingleton<TokenCredential>(host.Credential);
        services.AddSingleton<HttpPipelineTransport>(new HttpClientTransport(new HttpClient(host.CreateHandler())));
        return new LaptopVault(host);
    }

    public ValueTask DisposeAsync() => host.DisposeAsync();
}
