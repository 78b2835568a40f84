namespace CertFunctions.Core.Resources;

/// <summary>What an ACME issuer means where it says nothing, and how it is compared.</summary>
public static class AcmeDefaults
{
    /// <summary>The server in the one form that a URL has: as certificates remember where they came from.</summary>
    public static string? Directory(this AcmeIssuer acme) => Uri.TryCreate(acme.Server, UriKind.Absolute, out var url) ? url.AbsoluteUri : acme.Server;

    /// <summary>Whether the CA may say when to renew.</summary>
    public static bool UsesRenewalInfo(this AcmeIssuer acme) => acme.RenewalInformationSource != "None";
}
