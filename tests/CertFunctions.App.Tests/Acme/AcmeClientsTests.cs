using CertFunctions.App.Acme;
using CertFunctions.App.Acme.Accounts;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Tests.Acme;

/// <summary>One client a server, however its URL is spelled: what certificates remember of it must equal what issuers name.</summary>
public sealed class AcmeClientsTests
{
    [Theory]
    [InlineData("https://ca.test/dir")]
    [InlineData("https://CA.test/dir")]
    [InlineData("https://ca.test:443/dir")]
    public void Spells_a_directory_in_one_way(string server)
    {
        using var clients = new AcmeClients(TimeProvider.System, Options.Create(new AcmeOptions()));
        var issuer = new AcmeIssuer { Server = server };

        Assert.Equal("https://ca.test/dir", issuer.Directory());
        Assert.Equal("https://ca.test/dir", clients.For(issuer).Directory.OriginalString);
        Assert.Same(clients.For(new AcmeIssuer { Server = "https://ca.test/dir" }), clients.For(issuer));
    }
}
