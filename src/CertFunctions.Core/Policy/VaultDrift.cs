using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>What a Certificate's status says lies in the vault.</summary>
/// <param name="X5t">Upper-case hex.</param>
public sealed record VaultExpectation(string Uid, string Object, string X5t);

/// <summary>Tells from listings alone whether a vault object is still what the Certificate's last run left (design §4: the last net).</summary>
public static class VaultDrift
{
    // Order matters: each check may rely on the ones above it having passed.
    private static readonly Func<VaultExpectation, VaultCertificateEntry?, string?>[] Checks = [Missing, Disabled, Replaced, NotOurs];

    /// <summary>Why a run must look; null when nothing has changed.</summary>
    public static string? Find(VaultExpectation expected, VaultCertificateEntry? found) =>
        Checks.Select(check => check(expected, found)).FirstOrDefault(reason => reason is not null);

    private static string? Missing(VaultExpectation expected, VaultCertificateEntry? found) => found is null ? "Missing" : null;

    private static string? Disabled(VaultExpectation expected, VaultCertificateEntry? found) => found!.IsEnabled ? null : "Disabled";

    private static string? Replaced(VaultExpectation expected, VaultCertificateEntry? found) => found!.X5t == expected.X5t ? null : "Replaced";

    private static string? NotOurs(VaultExpectation expected, VaultCertificateEntry? found) =>
        found!.Tags.Find(Annotations.CertificateUid) is { } uid && uid == expected.Uid ? null : "TagsChanged";
}
