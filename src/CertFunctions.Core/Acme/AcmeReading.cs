using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Acme;

/// <summary>Turns what a CA sent into objects. Null: something that the object cannot do without is missing or malformed; other members are then simply absent.</summary>
internal static class AcmeReading
{
    public static T? Parse<T>(this AcmeReply reply, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(reply.Body.Span, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static AcmeDirectory? Directory(AcmeReply reply) =>
        reply.Parse(AcmeJson.Default.WireDirectory) is { } wire && Url(wire.NewNonce) is { } nonce && Url(wire.NewAccount) is { } account && Url(wire.NewOrder) is { } order
            ? new AcmeDirectory(nonce, account, order, Url(wire.RevokeCert), Url(wire.KeyChange), Url(wire.RenewalInfo), Meta(wire.Meta))
            : null;

    /// <param name="url">Where the account is, if the answer does not say.</param>
    public static AcmeAccount? Account(AcmeReply reply, Uri? url = null) =>
        reply.Parse(AcmeJson.Default.WireAccount) is { } wire && (reply.Location ?? url) is { } account
            ? new AcmeAccount(account, wire.Status ?? "valid", wire.Contact is { } contact ? contact.OfType<string>().ToValueList() : null)
            : null;

    public static AcmeOrder? Order(AcmeReply reply, Uri? url) =>
        url is not null && reply.Parse(AcmeJson.Default.WireOrder) is { Status: { } status } wire && Url(wire.Finalize) is { } finalize && (wire.Authorizations ?? []).All(each => Url(each) is not null)
            ? new AcmeOrder(
                url,
                status,
                Time(wire.Expires),
                (wire.Identifiers ?? []).Select(Identifier).OfType<AcmeIdentifier>().ToValueList(),
                (wire.Authorizations ?? []).OfType<string>().ToValueList(),
                finalize,
                Url(wire.Certificate),
                AcmeProblems.Of(wire.Error)) { Profile = wire.Profile }
            : null;

    public static AcmeAuthorization? Authorization(AcmeReply reply) =>
        reply.Parse(AcmeJson.Default.WireAuthorization) is { Status: { } status } wire && Identifier(wire.Identifier) is { } identifier
            ? new AcmeAuthorization(
                reply.Url,
                identifier,
                status,
                Time(wire.Expires),
                wire.Wildcard is true,
                (wire.Challenges ?? []).Select(Challenge).OfType<AcmeChallenge>().ToValueList())
            : null;

    public static AcmeChallenge? Challenge(AcmeReply reply) => Challenge(reply.Parse(AcmeJson.Default.WireChallenge));

    public static AcmeRenewalInfo? RenewalInfo(AcmeReply reply) =>
        reply.Parse(AcmeJson.Default.WireRenewalInfo) is { SuggestedWindow: { } window } wire && Time(window.Start) is { } start && Time(window.End) is { } end
            ? new AcmeRenewalInfo(start, end, wire.ExplanationUrl)
            : null;

    public static AcmeIdentifier? Identifier(WireIdentifier? wire) =>
        wire is { Type: { } type, Value: { } value } ? new AcmeIdentifier(type, value) : null;

    /// <summary>Kinds that we do not know, some of them without a token, are kept: people want to see them.</summary>
    private static AcmeChallenge? Challenge(WireChallenge? wire) =>
        wire is { Type: { } type } && Url(wire.Url) is { } url
            ? new AcmeChallenge(url, type, wire.Status ?? "pending", wire.Token ?? "", AcmeProblems.Of(wire.Error))
            : null;

    private static AcmeMeta Meta(WireMeta? wire) => new(
        Url(wire?.TermsOfService),
        Url(wire?.Website),
        (wire?.CaaIdentities ?? []).OfType<string>().ToValueList(),
        wire?.ExternalAccountRequired is true,
        wire?.Profiles is { } profiles ? ValueMap.From(profiles.Select(profile => KeyValuePair.Create(profile.Key, Text(profile.Value)))) : null);

    /// <summary>Only strings are described, and a string that is no UTF-8 shows itself only when it is read.</summary>
    private static string Text(JsonElement value)
    {
        try
        {
            return value.ValueKind is JsonValueKind.String ? value.GetString()! : "";
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }

    private static Uri? Url(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var url) ? url : null;

    /// <summary>RFC 3339, whole seconds: the same when it is read back from a status.</summary>
    private static DateTimeOffset? Time(string? text)
    {
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)) { return null; }

        return time.InWholeSeconds();
    }
}
