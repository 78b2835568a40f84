using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using CertFunctions.Core.Ports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Adapters.KeyVault;

/// <summary>Brings in the vaults. A <see cref="TokenCredential"/> or <see cref="HttpPipelineTransport"/> registered before is used.</summary>
public static class KeyVaultFeature
{
    public static IServiceCollection AddKeyVault(this IServiceCollection services, IConfiguration configuration)
    {
        // Read when first asked for: the local host adds its vaults' addresses to the configuration late.
        services.AddOptions<VaultsOptions>().Configure(options => options.Read(configuration)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<VaultsOptions>, VaultsOptionsRules>());
        services.TryAddSingleton<TokenCredential>(_ => new DefaultAzureCredential());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<VaultPlaces>();
        services.TryAddSingleton(Clients);
        services.TryAddSingleton<IVault, KeyVaultAdapter>();
        return services;
    }

    private static VaultClients Clients(IServiceProvider provider)
    {
        var trustedCa = provider.GetRequiredService<IOptions<VaultsOptions>>().Value.TrustedCa;
        var transport = provider.GetService<HttpPipelineTransport>() ?? (trustedCa is null ? null : VaultClients.Trusting(trustedCa));
        return new VaultClients(provider.GetRequiredService<TokenCredential>(), transport);
    }
}
