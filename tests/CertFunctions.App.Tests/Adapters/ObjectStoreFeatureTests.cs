using Azure.Core;
using Azure.Core.Pipeline;
using CertFunctions.App.Adapters;
using CertFunctions.App.Adapters.Blobs;
using CertFunctions.App.Adapters.Sqlite;
using CertFunctions.Core.Ports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Tests.Adapters;

public sealed class ObjectStoreFeatureTests
{
    private const string Connection = "DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string?, Type> Choices => new()
    {
        // because                                        setting                                value                          store
        { "Azurite on its usual port",                    "AzureWebJobsStorage",                 "UseDevelopmentStorage=true",  typeof(BlobObjectStore) },
        { "an account by its key",                        "AzureWebJobsStorage",                 Connection,                    typeof(BlobObjectStore) },
        { "an account by identity",                       "AzureWebJobsStorage:accountName",     "acct",                        typeof(BlobObjectStore) },
        { "the same in another cloud",                    "AzureWebJobsStorage:blobServiceUri",  "https://acct.blob.core.usgovcloudapi.net/", typeof(BlobObjectStore) },
        { "an empty value is none, as in the sample",     "AzureWebJobsStorage",                 "",                            typeof(SqliteObjectStore) },
        { "nothing is set",                               "Unrelated",                           null,                          typeof(SqliteObjectStore) },
    };

    [Theory, MemberData(nameof(Choices))]
    public async Task Chooses_the_store(string because, string setting, string? value, Type expected)
    {
        var folder = Directory.CreateTempSubdirectory("choice-").FullName;
        await using (var provider = Services(services => { }, ("Store:Path", Path.Combine(folder, "store.db")), (setting, value)))
        {
            provider.GetRequiredService<IStartupValidator>().Validate();

            Assert.True(expected == provider.GetRequiredService<IObjectStore>().GetType(), because);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("Unrelated", "x", "Neither AzureWebJobsStorage nor Store:Path")]
    [InlineData("AzureWebJobsStorage", "UseDevelopmentStorage=maybe;secret", "AzureWebJobsStorage must be")]
    [InlineData("AzureWebJobsStorage", "AccountName=acct;AccountKey=no-base64-secret", "AzureWebJobsStorage must be")]
    [InlineData("AzureWebJobsStorage:accountName", "https://acct-secret", "AzureWebJobsStorage__accountName must be")]
    [InlineData("AzureWebJobsStorage:blobServiceUri", "http://acct.blob.core.windows.net", "AzureWebJobsStorage__blobServiceUri must be")]
    [InlineData("AzureWebJobsStorage:blobServiceUri", "https://acct.blob.core.windows.net/?sig=secret", "AzureWebJobsStorage__blobServiceUri must be")]
    [InlineData("AzureWebJobsStorage:credential", "secret", "AzureWebJobsStorage__credential must be managedidentity")]
    [InlineData("Store:Container", "Has_Capitals", "Store:Container (environment: Store__Container) must")]
    [InlineData("Store:Container", "two--hyphens", "Store:Container (environment: Store__Container) must")]
    public void Refuses_to_start_and_names_the_setting(string setting, string value, string message)
    {
        using var provider = Services(services => { }, (setting, value));

        var refused = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());

        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_key_beside_an_identity()
    {
        using var provider = Services(services => { }, ("AzureWebJobsStorage", Connection), ("AzureWebJobsStorage:accountName", "acct"));

        var refused = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());

        Assert.Contains("AzureWebJobsStorage is set beside AzureWebJobsStorage__accountName", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asks_the_storage_accounts_own_identity_and_never_that_of_the_local_vault()
    {
        var wire = new Recorder();
        await using var provider = Services(
            services =>
            {
                services.AddSingleton<TokenCredential>(new Fixed("token-of-the-vault"));
                services.AddSingleton<HttpPipelineTransport>(new HttpClientTransport(new HttpClient(new Forbidden())));
                services.AddKeyedSingleton<TokenCredential>(ObjectStoreFeature.Key, new Fixed("token-of-storage"));
                services.AddKeyedSingleton<HttpPipelineTransport>(ObjectStoreFeature.Key, new HttpClientTransport(new HttpClient(wire)));
            },
            ("AzureWebJobsStorage:accountName", "acct"), ("Store:Container", "wishes"));

        Assert.Null(await provider.GetRequiredService<IObjectStore>().FindAsync("web", Cancel));

        Assert.NotEmpty(wire.Requests);
        Assert.All(wire.Requests, request => Assert.StartsWith("https://acct.blob.core.windows.net/wishes", request.Uri, StringComparison.Ordinal));
        Assert.All(wire.Requests, request => Assert.Equal("Bearer token-of-storage", request.Authorization));
    }

    private static ServiceProvider Services(Action<IServiceCollection> before, params (string Key, string? Value)[] settings)
    {
        var services = new ServiceCollection();
        before(services);
        var values = settings.ToDictionary(setting => setting.Key, setting => setting.Value);
        return services.AddObjectStore(new ConfigurationBuilder().AddInMemoryCollection(values).Build()).BuildServiceProvider();
    }

    private sealed class Fixed(string token) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(token, DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(GetToken(requestContext, cancellationToken));
    }

    private sealed class Forbidden : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("This transport is the vault's.");
    }

    /// <summary>The container exists, no blob does.</summary>
    private sealed class Recorder : HttpMessageHandler
    {
        public List<(string Uri, string? Authorization)> Requests { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add((request.RequestUri!.ToString(), request.Headers.Authorization?.ToString()));
            var isContainer = request.RequestUri.Query.Contains("restype=container", StringComparison.Ordinal);
            var answer = new HttpResponseMessage(isContainer ? System.Net.HttpStatusCode.OK : System.Net.HttpStatusCode.NotFound) { Content = new ByteArrayContent([]) };
            if (!isContainer) { answer.Headers.Add("x-ms-error-code", "BlobNotFound"); }
            return Task.FromResult(answer);
        }
    }
}
