namespace CertFunctions.Core.Resources;

/// <summary>The subject apart from its common name. The values of one list share one multi-valued RDN, as cert-manager writes them.</summary>
public sealed record X509Subject
{
    public ValueList<string>? Organizations { get; init; }

    public ValueList<string>? Countries { get; init; }

    public ValueList<string>? OrganizationalUnits { get; init; }

    public ValueList<string>? Localities { get; init; }

    public ValueList<string>? Provinces { get; init; }

    public ValueList<string>? StreetAddresses { get; init; }

    public ValueList<string>? PostalCodes { get; init; }

    /// <summary>The attribute serialNumber (2.5.4.5), not the certificate's serial number.</summary>
    public string? SerialNumber { get; init; }
}
