using CertFunctions.Core.Ports;
using CertFunctions.Tests.Shared;

namespace CertFunctions.Core.Tests.Ports;

public sealed class InMemoryObjectStoreTests : ObjectStoreContract
{
    protected override IObjectStore Store { get; } = new InMemoryObjectStore();
}
