using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Acme;

/// <summary>A name to prove control of: type <c>dns</c>, or <c>ip</c> (RFC 8738).</summary>
public sealed record AcmeIdentifier(string Type, string Value)
{
    public static AcmeIdentifier Dns(string name) => new("dns", name);

    public static AcmeIdentifier Ip(string address) => new("ip", address);
}

/// <summary>Where everything else is (RFC 8555 §7.1.1).</summary>
/// <param name="RenewalInfo">RFC 9773; null: the CA has none.</param>
public sealed record AcmeDirectory(Uri NewNonce, Uri NewAccount, Uri NewOrder, Uri? RevokeCert, Uri? KeyChange, Uri? RenewalInfo, AcmeMeta Meta);

/// <param name="Profiles">Name and description of each (draft-aaron-acme-profiles); null: the CA has none.</param>
public sealed record AcmeMeta(Uri? TermsOfService, Uri? Website, ValueList<string> CaaIdentities, bool ExternalAccountRequired, ValueMap? Profiles);

/// <summary>An account as the CA shows it (§7.1.2). Let's Encrypt leaves the contact out.</summary>
/// <param name="Status"><c>valid</c>, <c>deactivated</c> or <c>revoked</c>.</param>
public sealed record AcmeAccount(Uri Url, string Status, ValueList<string>? Contact);

/// <summary>What is asked for (§7.4).</summary>
/// <param name="Replaces">RFC 9773 §5: id of the certificate it takes the place of.</param>
public sealed record AcmeNewOrder(ValueList<AcmeIdentifier> Identifiers, DateTimeOffset? NotAfter = null, string? Profile = null, string? Replaces = null);

/// <summary>An order (§7.1.3).</summary>
/// <param name="Status"><c>pending</c>, <c>ready</c>, <c>processing</c>, <c>valid</c> or <c>invalid</c>.</param>
/// <param name="Authorizations">Absolute URLs.</param>
public sealed record AcmeOrder(
    Uri Url, string Status, DateTimeOffset? Expires, ValueList<AcmeIdentifier> Identifiers, ValueList<string> Authorizations, Uri Finalize, Uri? Certificate, AcmeProblem? Error)
{
    public string? Profile { get; init; }
}

/// <summary>The CA's knowledge of one name (§7.1.4).</summary>
/// <param name="Identifier">Without <c>*.</c>.</param>
/// <param name="Status"><c>pending</c>, <c>valid</c>, <c>invalid</c>, <c>deactivated</c>, <c>expired</c> or <c>revoked</c>.</param>
public sealed record AcmeAuthorization(Uri Url, AcmeIdentifier Identifier, string Status, DateTimeOffset? Expires, bool IsWildcard, ValueList<AcmeChallenge> Challenges);

/// <summary>One way to prove control (§7.1.5, §8).</summary>
/// <param name="Type"><c>http-01</c>, <c>dns-01</c>, or one that we do not know.</param>
/// <param name="Status"><c>pending</c>, <c>processing</c>, <c>valid</c> or <c>invalid</c>.</param>
public sealed record AcmeChallenge(Uri Url, string Type, string Status, string Token, AcmeProblem? Error);

/// <summary>A downloaded chain (§7.4.2).</summary>
/// <param name="Certificates">DER, in the order they came.</param>
/// <param name="Alternates">Where other chains for the same leaf are (<c>Link rel="alternate"</c>).</param>
public sealed record AcmeChain(IReadOnlyList<byte[]> Certificates, IReadOnlyList<Uri> Alternates);

/// <summary>When the CA wants a certificate replaced (RFC 9773 §4.2). Any window, also a senseless one: who uses it decides.</summary>
public sealed record AcmeRenewalInfo(DateTimeOffset Start, DateTimeOffset End, string? ExplanationUrl);

/// <summary>Who speaks: the account key, and the account's URL as key id.</summary>
public sealed record AcmeIdentity(AccountKey Key, Uri Account);

/// <summary>An answer whose content does not matter.</summary>
public sealed record AcmeDone
{
    public static AcmeDone Value { get; } = new();
}
