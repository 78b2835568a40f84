using CertFunctions.Core.Resources;

namespace CertFunctions;

/// <summary>Builders, valid by default: change the one thing a test is about with <c>with</c>.</summary>
internal static class A
{
    public static Certificate Certificate(string name = "web") => new()
    {
        Metadata = new ObjectMeta { Namespace = "ns", Name = name },
        Spec = new CertificateSpec { SecretName = $"{name}-tls", IssuerRef = new IssuerRef { Name = "ca" }, DnsNames = ["web.test"] },
    };
}
