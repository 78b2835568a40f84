using CertFunctions.Core.Ports;

namespace CertFunctions.Servers.Tests.Kill;

/// <summary>Resources in blobs, a container an app; the engine's history and the vault stay files. Azurite itself goes on: what it has acknowledged, it has.</summary>
public sealed class AzuriteKillTests(Azurite azurite) : KillTests, IClassFixture<Azurite>
{
    protected override string Report => "kill-azurite-points.txt";

    protected override int KillsAStory => 14;

    // Before an activity, or a call of the vault, the store holds what it held after the one before; SqliteKillTests tries these.
    protected override bool IsTried(string point) => point.StartsWith(nameof(IObjectStore), StringComparison.Ordinal) || point.EndsWith("/after", StringComparison.Ordinal);

    protected override IReadOnlyDictionary<string, string> Store(string name) => new Dictionary<string, string>
    {
        ["AzureWebJobsStorage"] = azurite.ConnectionString,
        ["Store__Container"] = name,
    };

    protected override async Task FetchAsync(string name, string folder)
    {
        Assert.False(File.Exists(Path.Combine(folder, "store.db")));
        Assert.NotEqual(0, await azurite.FetchAsync(name, folder, Cancel));
    }

    protected override Task PlantAsync(string name, string folder, string text) =>
        azurite.Container(name).GetBlobClient("planted").UploadAsync(new BinaryData(text), Cancel);
}
