using System.Text.Json.Nodes;

namespace CertFunctions.AwkwardCa;

/// <summary>RFC 8555 §7.1.1, with profiles and renewal information.</summary>
internal sealed class DirectoryPart(Awkwardness awkward, Urls urls)
{
    public AcmeReply Get()
    {
        var json = new JsonObject
        {
            ["Xo3kd9QzJmE"] = "https://community.letsencrypt.org/t/adding-random-entries-to-the-directory/33417",
            ["newNonce"] = $"{urls.Root}/acme/new-nonce",
            ["newAccount"] = $"{urls.Root}/acme/new-acct",
            ["newOrder"] = $"{urls.Root}/acme/new-order",
            ["revokeCert"] = $"{urls.Root}/acme/revoke-cert",
            ["keyChange"] = $"{urls.Root}/acme/key-change",
            ["meta"] = new JsonObject
            {
                ["caaIdentities"] = new JsonArray("ca.test"),
                ["externalAccountRequired"] = awkward.RequiresExternalAccount,
                ["profiles"] = new JsonObject([.. Profile.All.Select(profile => KeyValuePair.Create(profile.Name, (JsonNode?)$"https://ca.test/docs/profiles#{profile.Name}"))]),
                ["termsOfService"] = "https://ca.test/terms",
                ["website"] = "https://ca.test",
            },
        };
        if (awkward.HasRenewalInfo) { json["renewalInfo"] = $"{urls.Root}/acme/renewal-info"; }
        return new AcmeReply(200, json);
    }
}
