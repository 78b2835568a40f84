using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Adapters;

/// <summary>Where resources are kept: the settings <c>AzureWebJobsStorage</c> (as the Functions host reads it) and <c>Store</c>.</summary>
public sealed class StoreOptions
{
    public const string Storage = "AzureWebJobsStorage";

    /// <summary><c>UseDevelopmentStorage=true</c> (Azurite on its usual port) or a storage account's connection string. A secret.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Storage account that an identity opens, in the global cloud.</summary>
    public string? AccountName { get; set; }

    /// <summary>The same as an address, for other clouds and private endpoints.</summary>
    public string? BlobServiceUri { get; set; }

    /// <summary><c>managedidentity</c>, or unset: whatever identity the machine has (environment, workload, managed, Azure CLI).</summary>
    public string? Credential { get; set; }

    /// <summary>Client id of a user-assigned identity; unset: the system-assigned one.</summary>
    public string? ClientId { get; set; }

    /// <summary>Blob container with the resources. Default <c>certfunctions</c>.</summary>
    public string Container { get; set; } = "certfunctions";

    /// <summary>SQLite file with the resources; used when no storage is set.</summary>
    public string? Path { get; set; }

    public bool IsBlobs => ConnectionString is not null || ByIdentity;

    public bool ByIdentity => AccountName is not null || BlobServiceUri is not null;

    internal Uri ServiceUri => new(BlobServiceUri ?? $"https://{AccountName}.blob.core.windows.net");

    internal void Read(IConfiguration configuration)
    {
        ConnectionString = Text(Storage);
        AccountName = Text($"{Storage}:accountName");
        BlobServiceUri = Text($"{Storage}:blobServiceUri");
        Credential = Text($"{Storage}:credential");
        ClientId = Text($"{Storage}:clientId");
        Container = Text("Store:Container") ?? Container;
        Path = Text("Store:Path");

        string? Text(string name) => configuration[name] is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
    }
}

/// <summary>Refuses to start on settings that name no store, or two; tells everything at once and repeats no secret.</summary>
internal sealed class StoreOptionsRules : IValidateOptions<StoreOptions>
{
    public ValidateOptionsResult Validate(string? name, StoreOptions options)
    {
        var problems = new List<string>();
        if (!options.IsBlobs && options.Path is null)
        {
            problems.Add("Neither AzureWebJobsStorage nor Store:Path (environment: Store__Path) is set: resources need a storage account or an SQLite file.");
        }

        if (options is { ConnectionString: not null, ByIdentity: true })
        {
            problems.Add("AzureWebJobsStorage is set beside AzureWebJobsStorage__accountName or __blobServiceUri: remove one; the Functions host would take the first.");
        }

        if (options.ConnectionString is { } connection && !IsConnectionString(connection))
        {
            problems.Add("AzureWebJobsStorage must be UseDevelopmentStorage=true or a storage account's connection string.");
        }

        if (options.AccountName is { } account && (account.Length is < 3 or > 24 || !account.All(each => char.IsAsciiLetterLower(each) || char.IsAsciiDigit(each))))
        {
            problems.Add("AzureWebJobsStorage__accountName must be a storage account's name: 3 to 24 lower-case letters and digits.");
        }

        if (options.BlobServiceUri is { } address && !(Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.Query.Length == 0))
        {
            problems.Add("AzureWebJobsStorage__blobServiceUri must be an address like https://NAME.blob.core.windows.net.");
        }

        if (options.Credential is { } credential && !credential.Equals("managedidentity", StringComparison.OrdinalIgnoreCase))
        {
            problems.Add("AzureWebJobsStorage__credential must be managedidentity, or absent.");
        }

        if (!IsContainer(options.Container))
        {
            problems.Add("Store:Container (environment: Store__Container) must have 3 to 63 lower-case letters, digits and single hyphens between them.");
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static bool IsConnectionString(string text)
    {
        try { return new BlobServiceClient(text).Uri.IsAbsoluteUri; }
        catch (Exception refused) when (refused is FormatException or ArgumentException or InvalidOperationException) { return false; }
    }

    private static bool IsContainer(string name) =>
        name.Length is >= 3 and <= 63 && name.Split('-').All(part => part.Length > 0 && part.All(each => char.IsAsciiLetterLower(each) || char.IsAsciiDigit(each)));
}
