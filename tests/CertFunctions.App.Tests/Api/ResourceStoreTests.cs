using CertFunctions.App.Api;
using CertFunctions.App.Certificates;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Tests.Api;

public sealed class ResourceStoreTests
{
    [Theory, InlineData('x'), InlineData('ü'), InlineData('界'), InlineData(' ')]
    public async Task Keeps_the_due_entry_whole_and_the_metadata_small_with_the_longest_names_and_any_message(char letter)
    {
        var cancel = TestContext.Current.CancellationToken;
        var objects = new InMemoryObjectStore();
        var name = new string('n', 253);
        var valid = A.Certificate(name);
        var certificate = valid with
        {
            Metadata = valid.Metadata with { Namespace = new string('s', 63), Uid = new string('u', 36) },
            Spec = valid.Spec with { SecretName = name, IssuerRef = new IssuerRef { Name = name } },
            Status = new CertificateStatus
            {
                Conditions = [new Condition { Type = "Ready", Status = "False", Reason = "Long", Message = new string(letter, 5000), LastTransitionTime = DateTimeOffset.UnixEpoch }],
            },
        };
        var due = new DueEntry(DateTimeOffset.UnixEpoch, "certificates", certificate.Metadata.Namespace, name, certificate.Metadata.Uid!, DateTimeOffset.UnixEpoch, new string('0', 32));

        var version = await new ResourceStore(objects).CreateAsync(CertificateKind.Kind, certificate, due.ObjectName, cancel);

        var stored = await new ResourceStore(objects).FindAsync(CertificateKind.Kind, new ResourceName(certificate.Metadata.Namespace, name), cancel);
        Assert.NotNull(version);
        Assert.Equal(due.ObjectName, stored!.Due);
    }
}
