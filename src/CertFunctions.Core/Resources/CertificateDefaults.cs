namespace CertFunctions.Core.Resources;

/// <summary>What a spec means where it says nothing. Computed at each read, never stored. For keys see <c>KeyDefaults</c>.</summary>
public static class CertificateDefaults
{
    /// <summary>90 days.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromHours(2160);

    public static TimeSpan DurationOrDefault(this CertificateSpec spec) => spec.Duration ?? Duration;

    public static bool IsCAOrDefault(this CertificateSpec spec) => spec.IsCA ?? false;

    public static bool EncodeUsagesInRequestOrDefault(this CertificateSpec spec) => spec.EncodeUsagesInRequest ?? true;

    /// <summary>How many requests of the past are kept; 1.</summary>
    public static int RevisionHistoryLimitOrDefault(this CertificateSpec spec) => spec.RevisionHistoryLimit ?? 1;

    public static bool RenewsByItself(this CertificateSpec spec) => spec.Renewal?.Policy != "Disabled";

    public static string TimezoneOrDefault(this RenewalWindow window) => string.IsNullOrEmpty(window.Timezone) ? "UTC" : window.Timezone;

    public static bool CriticalOrDefault(this NameConstraints constraints) => constraints.Critical ?? false;

    /// <summary>How many constraints of all kinds.</summary>
    public static int Count(this NameConstraintItem item) =>
        (item.DnsDomains?.Count ?? 0) + (item.IpRanges?.Count ?? 0) + (item.EmailAddresses?.Count ?? 0) + (item.UriDomains?.Count ?? 0);

    public static string AliasOrDefault(this JksKeystore keystore) => string.IsNullOrEmpty(keystore.Alias) ? "certificate" : keystore.Alias;

    public static string ProfileOrDefault(this Pkcs12Keystore keystore) => string.IsNullOrEmpty(keystore.Profile) ? "LegacyRC2" : keystore.Profile;
}
