using CertFunctions.App.Adapters;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Bundles.Publishing;

/// <summary>Where CA bundles are published: the setting <c>CaBundles</c>, a connection of its own, so that who reads them comes nowhere near private keys.</summary>
public sealed class CaBundlesOptions
{
    public const string Name = "CaBundles";

    public StorageConnection Connection { get; } = new();

    /// <summary>Blob container that anybody may read. Default <c>ca-bundles</c>.</summary>
    public string Container { get; set; } = "ca-bundles";

    /// <summary>SQLite file with the bundles; used when no storage is set.</summary>
    public string? Path { get; set; }

    /// <summary>How long clients and caches may keep a bundle without asking again (Cache-Control). Default 5 min; part of a rotation's propagation.</summary>
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>PEM file of the public roots for sources that say <c>useDefaultCAs</c>; unset: the distribution's own.</summary>
    public string? PublicRootsFile { get; set; }

    internal void Read(IConfiguration configuration)
    {
        PublicRootsFile = StorageConnection.Text(configuration, "CaBundles:PublicRootsFile");
        Connection.Read(configuration, Name);
        Container = StorageConnection.Text(configuration, "CaBundles:Container") ?? Container;
        Path = StorageConnection.Text(configuration, "CaBundles:Path");
        MaxAge = configuration.GetValue("CaBundles:MaxAge", MaxAge);
    }
}

/// <summary>Refuses to start on settings that publish nowhere, or where the private things are.</summary>
internal sealed class CaBundlesOptionsRules(IConfiguration configuration) : IValidateOptions<CaBundlesOptions>
{
    public ValidateOptionsResult Validate(string? name, CaBundlesOptions options)
    {
        var problems = options.Connection.Problems(CaBundlesOptions.Name).ToList();
        if (!options.Connection.IsSet && options.Path is null)
        {
            problems.Add("Neither CaBundles, CaBundles__accountName nor CaBundles__Path is set: CA bundles need a storage account of their own, or an SQLite file.");
        }

        if (!StorageConnection.IsContainer(options.Container))
        {
            problems.Add("CaBundles__Container must have 3 to 63 lower-case letters, digits and single hyphens between them.");
        }

        if (IsTheStore(options)) { problems.Add("CaBundles names the container that holds the resources: bundles are public, resources are not. Name another container, best of another account."); }
        if (options.MaxAge < TimeSpan.Zero || options.MaxAge > TimeSpan.FromDays(1)) { problems.Add("CaBundles__MaxAge must lie between 0 and 1 day."); }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private bool IsTheStore(CaBundlesOptions options)
    {
        var store = new StoreOptions();   // read anew: what is wrong with it is for its own rules to say
        store.Read(configuration);
        var (own, other) = (options.Connection, store.Connection);
        if (!own.IsSet) { return options.Path is not null && options.Path == store.Path; }

        return options.Container == store.Container
            && own.ConnectionString == other.ConnectionString && own.AccountName == other.AccountName && own.BlobServiceUri == other.BlobServiceUri;
    }
}
