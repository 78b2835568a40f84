using Azure.Core;
using Azure.Core.Pipeline;
using CertFunctions.App.Adapters.Blobs;
using CertFunctions.App.Adapters.Sqlite;
using CertFunctions.Core.Ports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Adapters;

/// <summary>Brings in the one store of resources: blobs when <c>AzureWebJobsStorage</c> names an account, else an SQLite file.</summary>
public static class ObjectStoreFeature
{
    /// <summary>Key of the storage account's own <see cref="TokenCredential"/> and <see cref="HttpPipelineTransport"/>: those without a key may be the local vault's.</summary>
    public const string Key = "storage";

    public static IServiceCollection AddObjectStore(this IServiceCollection services, IConfiguration configuration)
    {
        // Read when first asked for: the local host adds Store:Path to the configuration late.
        services.AddOptions<StoreOptions>().Configure(options => options.Read(configuration)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StoreOptions>, StoreOptionsRules>());
        services.TryAddSingleton(BlobPatience.Default);
        services.TryAddSingleton(Store);
        return services;
    }

    private static IObjectStore Store(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<StoreOptions>>().Value;
        if (!options.Connection.IsSet) { return new SqliteObjectStore(options.Path!); }

        return new BlobObjectStore(options.Connection.Open(provider, Key).GetBlobContainerClient(options.Container));
    }
}
