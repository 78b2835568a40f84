namespace CertFunctions.Core.Resources;

/// <summary>The keys of a TLS secret that a Bundle may take certificates from.</summary>
public static class SecretSource
{
    /// <summary>The certificate and its chain.</summary>
    public const string Certificate = "tls.crt";

    /// <summary>The root of that chain, as it was published.</summary>
    public const string Ca = "ca.crt";
}
