using CertFunctions.App.Adapters.Sqlite;
using CertFunctions.Core.Ports;
using CertFunctions.Tests.Shared;

namespace CertFunctions.App.Tests.Adapters;

public sealed class SqliteObjectStoreTests : ObjectStoreContract, IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("store-").FullName;
    private readonly SqliteObjectStore _store;

    public SqliteObjectStoreTests() => _store = new SqliteObjectStore(Path.Combine(_folder, "store.db"));

    protected override IObjectStore Store => _store;

    [Fact]
    public async Task Keeps_objects_across_a_restart()
    {
        var cancel = TestContext.Current.CancellationToken;
        var written = Assert.IsType<PutResult.Written>(await _store.PutIfAbsentAsync("web", "one"u8.ToArray(), cancel));
        await _store.DisposeAsync();

        await using var again = new SqliteObjectStore(Path.Combine(_folder, "store.db"));

        Assert.Equal(written.ETag, (await again.FindAsync("web", cancel))!.ETag);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
