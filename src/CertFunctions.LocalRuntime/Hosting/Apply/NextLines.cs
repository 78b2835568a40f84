using System.Text;
using CertFunctions.LocalVault;

namespace CertFunctions.LocalRuntime.Hosting.Apply;

/// <summary>The lines for a second terminal that fetch what was applied and check it.</summary>
internal static class NextLines
{
    public static string Text(Uri api, LocalVaultHost? vault, IReadOnlyList<Progress> objects)
    {
        var root = api.GetLeftPart(UriPartial.Authority);
        var text = new StringBuilder("In a second terminal:\n\n");
        if (vault is not null)
        {
            text.Append($"export SSL_CERT_FILE='{vault.CaPath}'\n");
            text.Append($"export IDENTITY_ENDPOINT='{vault.IdentityEndpoint}' IDENTITY_HEADER=\"$(cat '{vault.IdentityHeaderPath}')\"\n");
            text.Append($"export AZURE_TOKEN_CREDENTIALS=ManagedIdentityCredential VAULT_URI='{vault.DefaultVault}'\n\n");
        }

        // The last one that ended up in a vault, a leaf as a rule, is the example; without one, the last.
        var example = objects.LastOrDefault(o => Vault(o, "object") is not null) ?? objects[^1];
        text.Append($"curl {root}{example.Target.Path}\n");
        text.Append($"curl -X PUT -H 'Content-Type: application/yaml' --data-binary @- {root}{example.Target.Path} <<'EOF'\n{example.Target.Manifest.Text.Trim('\r', '\n')}\nEOF\n");

        // A CA's key lies in the system vault, which consumers cannot read.
        foreach (var stored in objects.Where(o => vault is null || Vault(o, "uri")?.TrimEnd('/') == vault.DefaultVault.ToString().TrimEnd('/')))
        {
            if (Vault(stored, "object") is not { } name) { continue; }

            text.Append($"dotnet run samples/ReadFromVault.cs -- {name}\n");
            if (Vault(stored, "ca") is { } ca)
            {
                text.Append($"curl -o ca.crt {root}{ca} && openssl verify -CAfile ca.crt -untrusted chain.pem leaf.pem\n");
            }
        }

        foreach (var location in objects.Select(o => (string?)o.Resource?["status"]?["location"]).Where(each => each?.StartsWith('/') is true))
        {
            text.Append($"curl -o ca-bundle.pem {root}{location} && openssl verify -CAfile ca-bundle.pem -untrusted chain.pem leaf.pem\n");
        }

        return text.Append("\nCtrl-C stops the server; its data is kept.\n").ToString();
    }

    private static string? Vault(Progress stored, string member) => (string?)stored.Resource?["status"]?["vault"]?[member];
}
