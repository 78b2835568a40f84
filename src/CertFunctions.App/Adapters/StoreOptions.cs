using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Adapters;

/// <summary>Where resources are kept: the settings <c>AzureWebJobsStorage</c> (as the Functions host reads it) and <c>Store</c>.</summary>
public sealed class StoreOptions
{
    public const string Storage = "AzureWebJobsStorage";

    public StorageConnection Connection { get; } = new();

    /// <summary>Blob container with the resources. Default <c>certfunctions</c>.</summary>
    public string Container { get; set; } = "certfunctions";

    /// <summary>SQLite file with the resources; used when no storage is set.</summary>
    public string? Path { get; set; }

    internal void Read(IConfiguration configuration)
    {
        Connection.Read(configuration, Storage);
        Container = StorageConnection.Text(configuration, "Store:Container") ?? Container;
        Path = StorageConnection.Text(configuration, "Store:Path");
    }
}

/// <summary>Refuses to start on settings that name no store, or two; tells everything at once and repeats no secret.</summary>
internal sealed class StoreOptionsRules : IValidateOptions<StoreOptions>
{
    public ValidateOptionsResult Validate(string? name, StoreOptions options)
    {
        var problems = new List<string>();
        if (!options.Connection.IsSet && options.Path is null)
        {
            problems.Add("Neither AzureWebJobsStorage nor Store:Path (environment: Store__Path) is set: resources need a storage account or an SQLite file.");
        }

        problems.AddRange(options.Connection.Problems(StoreOptions.Storage));
        if (!StorageConnection.IsContainer(options.Container))
        {
            problems.Add("Store:Container (environment: Store__Container) must have 3 to 63 lower-case letters, digits and single hyphens between them.");
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
