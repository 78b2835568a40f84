using System.Buffers;
using System.Text;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>What a valid Certificate is (cert-manager semantics §1.1), for the fields acted on. Metadata has its own rules.</summary>
public static class CertificateRules
{
    private const int MaxNames = 100;
    private const int MaxCommonNameBytes = 64;
    private const int MaxDnsName = 253;
    private const int MaxVaultName = 127;

    private static readonly TimeSpan DefaultDuration = TimeSpan.FromHours(2160);
    private static readonly TimeSpan MinimumRenewBefore = TimeSpan.FromMinutes(5);
    private static readonly SearchValues<char> VaultLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>Every violation, not only the first.</summary>
    public static IEnumerable<Violation> Check(Certificate c) =>
    [
        .. MetadataRules.Name("spec.secretName", c.Spec.SecretName),
        .. CommonRules.IssuerRef(c.Spec.IssuerRef),
        .. Names(c.Spec),
        .. CommonName(c.Spec.CommonName),
        .. DnsNames(c.Spec.DnsNames),
        .. IpAddresses(c.Spec.IpAddresses),
        .. CommonRules.Duration(c.Spec.Duration),
        .. RenewBefore(c.Spec),
        .. CommonRules.Usages(c.Spec.Usages, c.Spec.IsCA ?? false),
        .. Key(c.Spec.PrivateKey),
        .. Annotated(c.Metadata.Annotations ?? ValueMap.Empty),
    ];

    private static IEnumerable<Violation> Names(CertificateSpec spec)
    {
        var count = (spec.DnsNames?.Count ?? 0) + (spec.IpAddresses?.Count ?? 0);
        if (count == 0 && string.IsNullOrEmpty(spec.CommonName))
        {
            yield return Violation.Required("spec", "at least one of commonName, dnsNames or ipAddresses must be set");
        }

        if (count > MaxNames) { yield return Violation.Invalid("spec", count, $"at most {MaxNames} names fit into one certificate"); }
    }

    private static IEnumerable<Violation> CommonName(string? commonName)
    {
        if (commonName is null) { yield break; }
        if (Encoding.UTF8.GetByteCount(commonName) > MaxCommonNameBytes)
        {
            yield return Violation.Invalid("spec.commonName", commonName, "must have at most 64 bytes; longer names go into dnsNames, with commonName left out");
        }

        if (commonName.Any(c => char.IsControl(c) || char.IsSurrogate(c)))
        {
            yield return Violation.Invalid("spec.commonName", Printable(commonName), "must hold no control characters and none beyond U+FFFF");
        }
    }

    /// <summary>cert-manager checks no syntax here; only what no CSR could carry is refused early.</summary>
    private static IEnumerable<Violation> DnsNames(ValueList<string>? names)
    {
        for (var i = 0; i < (names?.Count ?? 0); i++)
        {
            var name = names![i];
            if (name is null or "") { yield return Violation.Required($"spec.dnsNames[{i}]"); }
            else if (name.Any(c => c is <= ' ' or >= (char)0x7f))
            {
                yield return Violation.Invalid($"spec.dnsNames[{i}]", Printable(name), "must be ASCII without spaces; write international names as xn--… (RFC 5891)");
            }
            else if (name.Length > MaxDnsName)
            {
                yield return Violation.Invalid($"spec.dnsNames[{i}]", name, $"must have at most {MaxDnsName} characters");
            }
        }
    }

    private static IEnumerable<Violation> IpAddresses(ValueList<string>? addresses)
    {
        for (var i = 0; i < (addresses?.Count ?? 0); i++)
        {
            if (!IpLiteral.TryParse(addresses![i], out _))
            {
                yield return Violation.Invalid(
                    $"spec.ipAddresses[{i}]", Printable(addresses[i] ?? ""), "must be an IP address, such as 192.0.2.1 or 2001:db8::1 (no zone, no leading zeros)");
            }
        }
    }

    private static IEnumerable<Violation> RenewBefore(CertificateSpec spec)
    {
        if (spec.RenewBefore is not { } renewBefore) { yield break; }

        var duration = spec.Duration ?? DefaultDuration;
        if (renewBefore < MinimumRenewBefore)
        {
            yield return Violation.Invalid("spec.renewBefore", GoDuration.Format(renewBefore), "must be at least 5m");
        }

        if (renewBefore >= duration)
        {
            yield return Violation.Invalid("spec.renewBefore", GoDuration.Format(renewBefore), $"must be less than the duration {GoDuration.Format(duration)}");
        }
    }

    /// <summary>Sizes are those that Key Vault stores: cert-manager's other RSA sizes and Ed25519 are not among them.</summary>
    private static IEnumerable<Violation> Key(PrivateKeySpec? key)
    {
        if (key is null) { yield break; }

        const string field = "spec.privateKey";
        if (!IsEmptyOr(key.Algorithm, KeyDefaults.Rsa, KeyDefaults.Ecdsa))
        {
            yield return Violation.NotSupported($"{field}.algorithm", key.Algorithm!, [KeyDefaults.Rsa, KeyDefaults.Ecdsa]);
        }
        else
        {
            int[] sizes = key.Algorithm == KeyDefaults.Ecdsa ? [256, 384, 521] : [2048, 3072, 4096];
            if (key.Size is { } size and not 0 && !sizes.Contains(size)) { yield return Violation.NotSupported($"{field}.size", size, sizes.Cast<object>()); }
        }

        if (!IsEmptyOr(key.Encoding, "PKCS1", "PKCS8")) { yield return Violation.NotSupported($"{field}.encoding", key.Encoding!, ["PKCS1", "PKCS8"]); }
        if (!IsEmptyOr(key.RotationPolicy, "Always", "Never"))
        {
            yield return Violation.NotSupported($"{field}.rotationPolicy", key.RotationPolicy!, ["Always", "Never"]);
        }
    }

    /// <summary>The annotations that act as spec.</summary>
    private static IEnumerable<Violation> Annotated(ValueMap annotations)
    {
        if (annotations.Find(Annotations.VaultObject) is { } name
            && (name.Length is 0 or > MaxVaultName || name.AsSpan().ContainsAnyExcept(VaultLetters)))
        {
            yield return Violation.Invalid(
                $"metadata.annotations[{Annotations.VaultObject}]", Printable(name), $"must be a Key Vault object name: 1 to {MaxVaultName} letters, digits and '-'");
        }

        // Object names of this form in the system vault are staged keys.
        if (annotations.Find(Annotations.VaultObject) is { } staged && staged.StartsWith("staged-", StringComparison.OrdinalIgnoreCase))
        {
            yield return Violation.Invalid(
                $"metadata.annotations[{Annotations.VaultObject}]", staged, "must not start with \"staged-\": such objects hold keys of issuances under way");
        }

        if (annotations.Find(Annotations.Adopt) is { } adopt and not ("true" or "false"))
        {
            yield return Violation.NotSupported($"metadata.annotations[{Annotations.Adopt}]", Printable(adopt), ["true", "false"]);
        }
    }

    private static bool IsEmptyOr(string? value, string one, string other) => string.IsNullOrEmpty(value) || value == one || value == other;

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}
