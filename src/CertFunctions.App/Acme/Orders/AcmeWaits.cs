using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;

namespace CertFunctions.App.Acme.Orders;

/// <summary>What a CA told an account to wait for, kept where every instance and every issuer of that account sees it (acme-cases 9–12, 15).</summary>
public sealed class AcmeWaits(IObjectStore objects, TimeProvider time)
{
    private static readonly TimeSpan Spaced = TimeSpan.FromHours(3);
    private static readonly TimeSpan FailureWindow = TimeSpan.FromHours(1);

    /// <summary>The limit that an order of these names has to wait for; null: none, it may be placed now.</summary>
    /// <param name="account">From <c>AcmeAccounts.Place</c>.</param>
    public async Task<RateLimit?> FindAsync(string account, IReadOnlyList<AcmeIdentifier> identifiers, CancellationToken cancellationToken)
    {
        var (now, set) = (time.GetUtcNow(), OrderNames.SetHash(identifiers));
        RateLimit? longest = null;
        await foreach (var entry in objects.ListAllAsync($"{account}waits/", cancellationToken))
        {
            var (scope, value) = (entry.Metadata.Find("scope") ?? "", entry.Metadata.Find("value") ?? "");
            if (!RateLimits.Concerns(scope, value, identifiers, set) || await objects.FindAsync(entry.Name, cancellationToken) is not { } found) { continue; }
            if (JsonSerializer.Deserialize(found.Content.Span, WaitJson.Default.RateLimit) is not { } limit) { continue; }

            if (limit.Until > now) { longest = longest is null || limit.Until > longest.Until ? limit : longest; }
            else if (scope != RateLimits.Account || now - limit.Until >= Spaced) { await objects.DeleteIfMatchAsync(found.Name, found.ETag, cancellationToken); }
        }

        return longest ?? await FailuresAsync(account, identifiers, now, cancellationToken);
    }

    /// <summary>Keeps what a refusal for too many requests says.</summary>
    /// <returns>The one that lasts longest.</returns>
    public async Task<RateLimit> KeepAsync(string account, AcmeProblem problem, IReadOnlyList<AcmeIdentifier> identifiers, CancellationToken cancellationToken)
    {
        var limits = RateLimits.Of(problem, identifiers, time.GetUtcNow());
        foreach (var limit in limits) { await PutAsync(NameOf(account, limit.Scope, limit.Value), limit, cancellationToken); }

        return limits.MaxBy(limit => limit.Until)!;
    }

    /// <summary>Counts a failed proof of one name: after three within an hour it waits.</summary>
    public Task CountFailureAsync(string account, string name, string challenge, CancellationToken cancellationToken)
    {
        var plain = RateLimits.Plain(name);
        var at = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return objects.PutIfAbsentAsync($"{account}failures/{Hash(plain)}/{Hash(challenge)}", default, Core.Resources.ValueMap.From([new("at", at)]), cancellationToken);
    }

    /// <summary>After an account's wait one order goes first, the rest follow spaced: whoever moves the gate may pass.</summary>
    /// <returns>Null: it may be placed now.</returns>
    public async Task<RateLimit?> PassAsync(string account, CancellationToken cancellationToken)
    {
        if (await objects.FindAsync(NameOf(account, RateLimits.Account, ""), cancellationToken) is not { } found || JsonSerializer.Deserialize(found.Content.Span, WaitJson.Default.RateLimit) is not { } limit) { return null; }

        var now = time.GetUtcNow();
        if (limit.Until > now) { return limit; }

        var next = limit with { Until = now + RateLimits.Spacing, Message = "The account was limited a short while ago; its orders follow one by one." };
        return await objects.PutIfMatchAsync(found.Name, Bytes(next), found.Metadata, found.ETag, cancellationToken) is PutResult.Written ? null : next;
    }

    private async Task<RateLimit?> FailuresAsync(string account, IReadOnlyList<AcmeIdentifier> identifiers, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var name in identifiers.Select(each => RateLimits.Plain(each.Value)).Distinct(StringComparer.Ordinal))
        {
            var recent = new List<DateTimeOffset>();
            await foreach (var entry in objects.ListAllAsync($"{account}failures/{Hash(name)}/", cancellationToken))
            {
                var at = DateTimeOffset.FromUnixTimeSeconds(long.Parse(entry.Metadata.Find("at") ?? "0", CultureInfo.InvariantCulture));
                if (now - at < FailureWindow) { recent.Add(at); }
                else { await objects.DeleteIfMatchAsync(entry.Name, entry.ETag, cancellationToken); }
            }

            if (recent.Count < RateLimits.MostFailures) { continue; }

            var until = recent.Order().ElementAt(recent.Count - RateLimits.MostFailures) + FailureWindow;
            return new(RateLimits.Name, name, until, "TooManyFailures", $"{recent.Count} proofs of {name} failed within an hour; the next is tried after {until:yyyy-MM-dd HH:mm:ss} UTC.");
        }

        return null;
    }

    private async Task PutAsync(string name, RateLimit limit, CancellationToken cancellationToken)
    {
        var metadata = Core.Resources.ValueMap.From([new("scope", limit.Scope), new("value", limit.Value)]);
        while (true)
        {
            var found = await objects.FindAsync(name, cancellationToken);
            var result = found is null
                ? await objects.PutIfAbsentAsync(name, Bytes(limit), metadata, cancellationToken)
                : await objects.PutIfMatchAsync(name, Bytes(limit), metadata, found.ETag, cancellationToken);
            if (result is PutResult.Written) { return; }
        }
    }

    private static string NameOf(string account, string scope, string value) => $"{account}waits/{scope}-{Hash(value)}";

    private static byte[] Bytes(RateLimit limit) => JsonSerializer.SerializeToUtf8Bytes(limit, WaitJson.Default.RateLimit);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RateLimit))]
internal sealed partial class WaitJson : JsonSerializerContext;
