using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Acme.Dns01;

/// <summary>Section <c>Dns01</c>: how long DNS is waited for, and who is asked.</summary>
public sealed class Dns01Options
{
    /// <summary>Recursive servers, <c>host[:port]</c>, <c>[v6]:port</c> or <c>https://…</c> (RFC 8484). Default: the machine's own resolvers.</summary>
    public IList<string> Nameservers { get; } = [];

    /// <summary>Look for the record at the recursive servers (all of them) instead of at the zone's own. For networks whose port 53 is closed. Default false.</summary>
    public bool RecursiveOnly { get; set; }

    /// <summary>How long servers may be unreachable before the CA is told all the same. Default 2 min.</summary>
    public TimeSpan InconclusiveAfter { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Wait between "visible everywhere" and telling the CA, whose resolvers may see other machines of an anycast address. Default 30 s; 0 is allowed.</summary>
    public TimeSpan SettleTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Pause between two looks. Default 10 s.</summary>
    public TimeSpan CheckEvery { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a record may stay invisible before the attempt ends without telling the CA. Default 10 min.</summary>
    public TimeSpan NotVisibleAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Tests only: a stand-in for Azure Resource Manager, on loopback. No identity is asked then, and no token of Azure's leaves the process.</summary>
    public Uri? ArmEndpoint { get; set; }

    /// <summary>Tests only: where authoritative servers listen. Default 53.</summary>
    public int AuthoritativePort { get; set; } = 53;
}

/// <summary>Refuses to start on settings that cannot be meant; tells everything at once.</summary>
internal sealed class Dns01OptionsRules : IValidateOptions<Dns01Options>
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, Dns01Options options)
    {
        List<string> problems =
        [
            .. Duration("InconclusiveAfter", options.InconclusiveAfter, TimeSpan.Zero),
            .. Duration("SettleTime", options.SettleTime, TimeSpan.Zero),
            .. Duration("CheckEvery", options.CheckEvery, TimeSpan.FromMilliseconds(100)),
            .. Duration("NotVisibleAfter", options.NotVisibleAfter, TimeSpan.Zero),
            .. options.Nameservers.Where(text => !Core.Validation.NameserverSyntax.IsValid(text))
                .Select(text => $"Dns01:Nameservers: \"{text}\" is neither host[:port], [v6]:port nor an https:// address."),
        ];
        if (options.ArmEndpoint is { } arm && !(arm.IsAbsoluteUri && IPAddress.TryParse(arm.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)))
        {
            problems.Add("Dns01:ArmEndpoint is for tests: it must be http://127.0.0.1:PORT.");
        }

        if (options.AuthoritativePort is < 1 or > 65535) { problems.Add("Dns01:AuthoritativePort must be 1 to 65535."); }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Duration(string setting, TimeSpan value, TimeSpan least)
    {
        if (value < least || value > Longest) { yield return string.Create(CultureInfo.InvariantCulture, $"Dns01:{setting} must be {least:c} to {Longest:c}."); }
    }
}
