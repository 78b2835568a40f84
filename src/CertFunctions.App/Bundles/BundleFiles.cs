using CertFunctions.App.Bundles.Publishing;
using CertFunctions.Core.Pki.Keystores;
using CertFunctions.Core.Pki.Trust;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Bundles;

/// <summary>The files of one Bundle: PEM always, the others on request.</summary>
public static class BundleFiles
{
    private const string DefaultJksPassword = "changeit";   // what Java itself ships with

    public static IReadOnlyList<string> All { get; } = [PublishedNames.Pem, PublishedNames.Pkcs12, PublishedNames.Jks];

    public static IReadOnlyList<string> Wanted(BundleSpec spec) =>
    [
        PublishedNames.Pem,
        .. spec.Target?.AdditionalFormats?.Pkcs12 is null ? (string[])[] : [PublishedNames.Pkcs12],
        .. spec.Target?.AdditionalFormats?.Jks is null ? (string[])[] : [PublishedNames.Jks],
    ];

    /// <summary>The same certificates give the same bytes.</summary>
    public static ReadOnlyMemory<byte> Make(string file, BundleSpec spec, IReadOnlyList<CaCertificate> certificates) => file switch
    {
        PublishedNames.Pkcs12 when spec.Target?.AdditionalFormats?.Pkcs12 is { } asked => TrustFiles.Pkcs12(certificates, asked.Password ?? "", Profile(asked)),
        PublishedNames.Jks when spec.Target?.AdditionalFormats?.Jks is { } asked => TrustFiles.Jks(certificates, asked.Password ?? DefaultJksPassword),
        _ => TrustFiles.Pem(certificates),
    };

    private static Pkcs12Profile Profile(Pkcs12Target asked) => Pkcs12Profile.Of(asked.Profile ?? "LegacyDES");
}
