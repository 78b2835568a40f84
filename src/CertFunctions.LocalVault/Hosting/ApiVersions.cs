using Microsoft.AspNetCore.Http;

namespace CertFunctions.LocalVault.Hosting;

/// <summary>The API versions that Key Vault has made generally available and SDKs still send (local-servers.md §5.1).</summary>
internal static class ApiVersions
{
    private static readonly string[] Known = ["2016-10-01", "7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "2025-07-01", "2026-04-01"];

    public static void Check(IQueryCollection query)
    {
        var asked = query["api-version"];
        if (asked.Count != 1 || asked[0] is not { Length: > 0 } version) { throw VaultException.BadParameter("api-version must be specified"); }
        if (!Known.Contains(version))
        {
            throw VaultException.BadParameter($"The specified version ({version}) is not recognized. Consider using the latest supported version ({Known[^1]}).");
        }
    }
}
