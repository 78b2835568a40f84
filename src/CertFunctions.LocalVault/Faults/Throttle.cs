using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.LocalVault.Faults;

/// <summary>A vault's own limits per ten seconds: 300 for setting secrets and importing, 20 for generating keys, 4,000 for the rest; refusals do not count (azure-and-acme-facts.md §3).</summary>
internal sealed class Throttle(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private static readonly int[] Limits = [300, 20, 4000];
    private readonly Lock _lock = new();
    private readonly int[] _counts = new int[3];
    private DateTimeOffset _begun;

    public void Count(string action, HttpResponse response)
    {
        var bucket = action switch
        {
            "secrets/setSecret/action" or "certificates/import/action" => 0,
            "certificates/create/action" => 1,
            _ => 2,
        };
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (now - _begun >= Window)
            {
                _begun = now;
                Array.Clear(_counts);
            }

            if (_counts[bucket] < Limits[bucket])
            {
                _counts[bucket]++;
                return;
            }

            response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling((_begun + Window - now).TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        throw VaultException.Throttled();
    }
}
