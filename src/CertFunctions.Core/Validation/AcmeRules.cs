using CertFunctions.Core.Acme;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>What a valid <c>acme</c> issuer is (cert-manager semantics §4.3; its solvers: <see cref="SolverRules"/>).</summary>
internal static class AcmeRules
{
    private const string Path = "spec.acme";
    private const int LongestChainName = 64;

    public static IEnumerable<Violation> Check(AcmeIssuer acme) =>
    [
        .. Server(acme),
        .. Trust(acme),
        .. KeyRef($"{Path}.privateKeySecretRef", acme.PrivateKeySecretRef, needsKey: false),
        .. acme.ExternalAccountBinding is { } binding ? Binding(binding) : [],
        .. acme.PreferredChain?.Length > LongestChainName ? [Violation.Invalid($"{Path}.preferredChain", acme.PreferredChain.Length, $"must have at most {LongestChainName} characters")] : Array.Empty<Violation>(),
        .. acme.RenewalInformationSource is null or "" or "ARI" or "None" ? Array.Empty<Violation>() : [Violation.NotSupported($"{Path}.renewalInformationSource", acme.RenewalInformationSource, ["ARI", "None"])],
        .. SolverRules.Check($"{Path}.solvers", acme.Solvers),
    ];

    /// <summary>The address itself is looked at when it is connected to: names may resolve differently then.</summary>
    private static IEnumerable<Violation> Server(AcmeIssuer acme)
    {
        if (string.IsNullOrEmpty(acme.Server)) { yield return Violation.Required($"{Path}.server", "the URL of the CA's ACME directory"); }
        else if (!Uri.TryCreate(acme.Server, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps || uri.UserInfo.Length > 0)
        {
            yield return Violation.Invalid($"{Path}.server", acme.Server, "must be an https URL without user and password");
        }
        else if (uri.Host is "acme-v01.api.letsencrypt.org" or "acme-staging.api.letsencrypt.org")
        {
            yield return Violation.Invalid($"{Path}.server", acme.Server, "is of ACME v1, which is gone: use https://acme-v02.api.letsencrypt.org/directory or https://acme-staging-v02.api.letsencrypt.org/directory");
        }
    }

    private static IEnumerable<Violation> Trust(AcmeIssuer acme)
    {
        if (string.IsNullOrEmpty(acme.CaBundle)) { yield break; }
        if (acme.SkipTLSVerify is true) { yield return Violation.Forbidden($"{Path}.caBundle", "may not be set together with skipTLSVerify"); }
        if (AcmeTrust.TryRead(acme.CaBundle, out var problem) is null) { yield return Violation.Invalid($"{Path}.caBundle", "…", problem!); }
    }

    private static IEnumerable<Violation> Binding(ExternalAccountBinding binding)
    {
        const string path = $"{Path}.externalAccountBinding";
        if (string.IsNullOrEmpty(binding.KeyID)) { yield return Violation.Required($"{path}.keyID"); }

        foreach (var violation in KeyRef($"{path}.keySecretRef", binding.KeySecretRef, needsKey: true)) { yield return violation; }

        if (binding.KeyAlgorithm is not (null or "" or "HS256" or "HS384" or "HS512")) { yield return Violation.NotSupported($"{path}.keyAlgorithm", binding.KeyAlgorithm, ["HS256", "HS384", "HS512"]); }
    }

    private static IEnumerable<Violation> KeyRef(string path, SecretKeyRef? reference, bool needsKey)
    {
        if (string.IsNullOrEmpty(reference?.Name)) { yield return Violation.Required($"{path}.name"); }
        else
        {
            foreach (var violation in MetadataRules.Name($"{path}.name", reference.Name)) { yield return violation; }
        }

        if (needsKey && string.IsNullOrEmpty(reference?.Key)) { yield return Violation.Required($"{path}.key"); }
    }
}
