using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Storage.Blobs;
using CertFunctions.App.Adapters.Blobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CertFunctions.App.Adapters;

/// <summary>A storage account, named as the Functions host names its connections: one setting with a connection string, or several that an identity opens.</summary>
public sealed class StorageConnection
{
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

    public bool IsSet => ConnectionString is not null || ByIdentity;

    public bool ByIdentity => AccountName is not null || BlobServiceUri is not null;

    internal Uri ServiceUri => new(BlobServiceUri ?? $"https://{AccountName}.blob.core.windows.net");

    internal void Read(IConfiguration configuration, string name)
    {
        ConnectionString = Text(configuration, name);
        AccountName = Text(configuration, $"{name}:accountName");
        BlobServiceUri = Text(configuration, $"{name}:blobServiceUri");
        Credential = Text(configuration, $"{name}:credential");
        ClientId = Text(configuration, $"{name}:clientId");
    }

    /// <summary>A setting; null when it is absent or blank.</summary>
    internal static string? Text(IConfiguration configuration, string name) => configuration[name] is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;

    /// <summary>What is wrong with it; repeats no secret.</summary>
    internal IEnumerable<string> Problems(string name)
    {
        if (this is { ConnectionString: not null, ByIdentity: true })
        {
            yield return $"{name} is set beside {name}__accountName or __blobServiceUri: remove one; the Functions host would take the first.";
        }

        if (ConnectionString is { } connection && !IsConnectionString(connection))
        {
            yield return $"{name} must be UseDevelopmentStorage=true or a storage account's connection string.";
        }

        if (AccountName is { } account && (account.Length is < 3 or > 24 || !account.All(each => char.IsAsciiLetterLower(each) || char.IsAsciiDigit(each))))
        {
            yield return $"{name}__accountName must be a storage account's name: 3 to 24 lower-case letters and digits.";
        }

        if (BlobServiceUri is { } address && !(Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.Query.Length == 0))
        {
            yield return $"{name}__blobServiceUri must be an address like https://NAME.blob.core.windows.net.";
        }

        if (Credential is { } credential && !credential.Equals("managedidentity", StringComparison.OrdinalIgnoreCase))
        {
            yield return $"{name}__credential must be managedidentity, or absent.";
        }
    }

    /// <param name="key">Of the <see cref="TokenCredential"/> and <see cref="HttpPipelineTransport"/> for this account alone: those without a key may be the local vault's.</param>
    internal BlobServiceClient Open(IServiceProvider provider, string key)
    {
        var options = provider.GetRequiredService<BlobPatience>().ClientOptions();
        if (provider.GetKeyedService<HttpPipelineTransport>(key) is { } transport) { options.Transport = transport; }

        return ConnectionString is { } connection
            ? new BlobServiceClient(connection, options)
            : new BlobServiceClient(ServiceUri, provider.GetKeyedService<TokenCredential>(key) ?? Identity(), options);
    }

    private TokenCredential Identity()
    {
        if (Credential is null) { return new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = ClientId }); }

        return new ManagedIdentityCredential(ClientId is { } id ? ManagedIdentityId.FromUserAssignedClientId(id) : ManagedIdentityId.SystemAssigned);
    }

    /// <summary>Whether a blob container may have this name.</summary>
    internal static bool IsContainer(string name) =>
        name.Length is >= 3 and <= 63 && name.Split('-').All(part => part.Length > 0 && part.All(each => char.IsAsciiLetterLower(each) || char.IsAsciiDigit(each)));

    private static bool IsConnectionString(string text)
    {
        try { return new BlobServiceClient(text).Uri.IsAbsoluteUri; }
        catch (Exception refused) when (refused is FormatException or ArgumentException or InvalidOperationException) { return false; }
    }
}
