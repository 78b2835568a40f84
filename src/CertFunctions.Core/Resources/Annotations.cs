namespace CertFunctions.Core.Resources;

/// <summary>The annotation, label and tag names that mean something here.</summary>
public static class Annotations
{
    /// <summary>On a CertificateRequest and as a vault tag: the Certificate it is for.</summary>
    public const string CertificateName = "cert-manager.io/certificate-name";

    public const string CertificateRevision = "cert-manager.io/certificate-revision";

    /// <summary>On a CertificateRequest: system-vault object of the key that signed the CSR.</summary>
    public const string PrivateKeySecretName = "cert-manager.io/private-key-secret-name";

    public const string IssuerName = "cert-manager.io/issuer-name";

    public const string IssuerKind = "cert-manager.io/issuer-kind";

    public const string IssuerGroup = "cert-manager.io/issuer-group";

    /// <summary>Everything that Azure needs beyond cert-manager's schema starts with this; on a Certificate it acts as spec.</summary>
    public const string OurPrefix = "certfunctions.dev/";

    /// <summary>On a Certificate: an exact vault object name instead of the derived one.</summary>
    public const string VaultObject = "certfunctions.dev/vault-object";

    /// <summary>On a Certificate: <c>true</c> allows taking over a vault object without our tags.</summary>
    public const string Adopt = "certfunctions.dev/adopt";

    /// <summary>On a Certificate: <c>true</c> stops issuing and renewing until it is removed.</summary>
    public const string Paused = "certfunctions.dev/paused";

    /// <summary>On a Certificate: <c>true</c> also writes chain, key and CA as three PEM secrets.</summary>
    public const string PemSecrets = "certfunctions.dev/pem-secrets";

    /// <summary>On a CertificateRequest and as a vault tag: uid of the owning Certificate.</summary>
    public const string CertificateUid = "certfunctions.dev/certificate-uid";

    /// <summary>On a CertificateRequest: generation of the Certificate it was made for.</summary>
    public const string CertificateGeneration = "certfunctions.dev/certificate-generation";

    /// <summary>On a CertificateRequest: version of the staged key.</summary>
    public const string PrivateKeyVersion = "certfunctions.dev/private-key-version";

    /// <summary>On a CertificateRequest: the serial number (hex) a built-in CA will use, drawn once so that a repeated signature is the same certificate.</summary>
    public const string SerialNumber = "certfunctions.dev/serial-number";

    /// <summary>Vault tags: original names, and the request that made this version.</summary>
    public const string Namespace = "certfunctions.dev/namespace";

    public const string SecretName = "certfunctions.dev/secret-name";

    /// <summary>Tag of a secret made from a certificate object: which output it is, e.g. <c>keystore.p12</c>.</summary>
    public const string Output = "certfunctions.dev/output";

    /// <summary>Tag of an output: a hash of what it was made from.</summary>
    public const string OutputDigest = "certfunctions.dev/output-digest";

    /// <summary>On a Certificate: the order profile, instead of its issuer's.</summary>
    public const string AcmeProfile = "certfunctions.dev/acme-profile";

    /// <summary>On a CertificateRequest and as a vault tag: who issued, by ACME: the directory, a space, the account (both URLs; see <c>AcmeOrigin</c>).</summary>
    public const string AcmeOrigin = "certfunctions.dev/acme-origin";

    public const string RequestUid = "certfunctions.dev/request-uid";

    /// <summary>Vault tag of a temporary certificate: uid of the attempt whose key it has.</summary>
    public const string Temporary = "certfunctions.dev/temporary";

    /// <summary>On a Certificate: <c>true</c> asks for a temporary certificate while the first issuance waits.</summary>
    public const string IssueTemporary = "cert-manager.io/issue-temporary-certificate";
}
