using Azure.Core;
using Azure.Core.Pipeline;
using CertFunctions.LocalVault;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>The vault of a laptop: started unless the settings name a real one.</summary>
internal sealed class LaptopVault(LocalVaultHost host) : IAsyncDisposable
{
    public LocalVaultHost Host => host;

    public static LaptopVault Start(DataDirectory data, bool shared, IConfiguration settings, SettingDefaults defaults, IServiceCollection services)
    {
        // The builder has no asynchronous moment before the app's own services are added.
        var section = settings.GetSection("LocalVault");
        var plain = new LocalVaultOptions { DataDirectory = data.FullPath, Shared = shared };
        var options = plain with
        {
            DeletionDelay = section.GetValue(nameof(plain.DeletionDelay), plain.DeletionDelay),
            RetentionDays = section.GetValue(nameof(plain.RetentionDays), plain.RetentionDays),
            PurgeProtection = section.GetValue(nameof(plain.PurgeProtection), plain.PurgeProtection),
            EmptyPages = section.GetValue(nameof(plain.EmptyPages), plain.EmptyPages),
            Throttling = section.GetValue(nameof(plain.Throttling), plain.Throttling),
            Faults = section.GetValue(nameof(plain.Faults), plain.Faults),
        };
        LocalVaultHost host;
        try
        {
            host = Task.Run(() => LocalVaultHost.StartAsync(options, CancellationToken.None)).GetAwaiter().GetResult();
        }
        catch (Exception refused) when (refused is ArgumentException or InvalidDataException)
        {
            throw new HostStartException($"The local vault does not start. {refused.Message}");
        }

        defaults.Set("Vaults:Default", host.DefaultVault.ToString());
        defaults.Set("Vaults:System", host.SystemVault.ToString());
        services.AddSingleton(CredentialOf(host, section["Identity"]));
        services.AddSingleton<HttpPipelineTransport>(new HttpClientTransport(new HttpClient(host.CreateHandler())));
        return new LaptopVault(host);
    }

    // To see the app live with the roles it is to have in Azure.
    private static TokenCredential CredentialOf(LocalVaultHost host, string? clientId)
    {
        try
        {
            return string.IsNullOrEmpty(clientId) ? host.Credential : host.CredentialFor(clientId);
        }
        catch (ArgumentException unknown)
        {
            throw new HostStartException($"LocalVault:Identity: {unknown.Message}");
        }
    }

    public ValueTask DisposeAsync() => host.DisposeAsync();
}
