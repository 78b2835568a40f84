using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Ports;

public sealed class ObjectStoreExtensionsTests
{
    [Fact]
    public async Task Listing_all_goes_on_after_an_empty_page()
    {
        var cancel = TestContext.Current.CancellationToken;
        var names = await new HalfEmpty().ListAllAsync("a/", cancel).Select(entry => entry.Name).ToListAsync(cancel);

        Assert.Equal(["a/1", "a/2"], names);
    }

    /// <summary>Every second page is empty and yet has a continuation, as Azure's may.</summary>
    private sealed class HalfEmpty : IObjectStore
    {
        private static readonly ObjectPage[] Pages = [Page([], "1"), Page(["a/1"], "2"), Page([], "3"), Page(["a/2"], "4"), Page([], null)];

        public Task<ObjectPage> ListAsync(string prefix, string? from, string? continuation, int pageSize, CancellationToken cancellationToken) =>
            Task.FromResult(Pages[int.Parse(continuation ?? "0", System.Globalization.CultureInfo.InvariantCulture)]);

        public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<PutResult> PutIfMatchAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, ETag expected, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<bool> DeleteIfMatchAsync(string name, ETag expected, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        private static ObjectPage Page(string[] names, string? continuation) =>
            new([.. names.Select(name => new ObjectEntry(name, ValueMap.Empty, new ETag("1")))], continuation);
    }
}
