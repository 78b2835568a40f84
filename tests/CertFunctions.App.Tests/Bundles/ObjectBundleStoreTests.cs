using CertFunctions.App.Adapters.Sqlite;
using CertFunctions.App.Bundles.Publishing;
using CertFunctions.Core.Ports;
using CertFunctions.Tests.Shared;

namespace CertFunctions.App.Tests.Bundles;

public sealed class ObjectBundleStoreTests : BundleStoreContract, IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("certfunctions-").FullName;
    private readonly SqliteObjectStore _objects;

    public ObjectBundleStoreTests() => _objects = new(Path.Combine(_folder, "ca-bundles.db"));

    protected override IBundleStore Store => new ObjectBundleStore(_objects, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await _objects.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
