using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Adapters.KeyVault;

/// <summary>Which vault holds what: the settings under <c>Vaults</c>.</summary>
public sealed class VaultsOptions
{
    /// <summary>Where key pairs and chains for consumers go, unless their namespace has a vault of its own. Required.</summary>
    public Uri? Default { get; set; }

    /// <summary>Where staged keys and CA keys go, which no consumer may read. Required, and none of the others.</summary>
    public Uri? System { get; set; }

    /// <summary>PEM file of the only CA the vaults' TLS certificates may come from; unset: the machine's trust.</summary>
    public string? TrustedCa { get; set; }

    /// <summary>Namespace of what a ClusterIssuer refers to (top-level setting). Default <c>cert-manager</c>.</summary>
    public string ClusterResourceNamespace { get; set; } = "cert-manager";

    /// <summary>How old the last comparison of the vaults with the Certificates may get: deleted, disabled or replaced objects are noticed by it. Default 1 h.</summary>
    public TimeSpan CheckEvery { get; set; } = TimeSpan.FromHours(1);

    /// <summary>A namespace with a vault of its own, and that vault's address: <c>Vaults:0:Namespace</c> and <c>Vaults:0:Uri</c>, then 1, and so on.</summary>
    public IList<NamespaceVault> Namespaces { get; } = [];

    internal void Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("Vaults");
        Default = ToUri(section["Default"]);
        System = ToUri(section["System"]);
        TrustedCa = section["TrustedCa"] is { Length: > 0 } path ? path : null;
        CheckEvery = section.GetValue("CheckEvery", CheckEvery);
        ClusterResourceNamespace = configuration["ClusterResourceNamespace"] is { Length: > 0 } ns ? ns : ClusterResourceNamespace;
        foreach (var item in section.GetChildren().Where(child => int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            Namespaces.Add(new NamespaceVault(item.Path, item["Namespace"] ?? "", ToUri(item["Uri"])));
        }
    }

    // What is no URI is kept as a relative one, so that validation can name the setting.
    private static Uri? ToUri(string? text) => string.IsNullOrWhiteSpace(text) ? null : new Uri(text.Trim(), UriKind.RelativeOrAbsolute);
}

/// <param name="Setting">The setting's path, for messages.</param>
public sealed record NamespaceVault(string Setting, string Namespace, Uri? Uri);

/// <summary>Refuses to start on settings that would put keys in the wrong vault, or nowhere; tells everything at once.</summary>
internal sealed class VaultsOptionsRules : IValidateOptions<VaultsOptions>
{
    public ValidateOptionsResult Validate(string? name, VaultsOptions options)
    {
        var problems = new List<string>();
        Check("Vaults:Default", options.Default);
        if (options.System is null)
        {
            problems.Add("Vaults:System (environment: Vaults__System) is not set: CA keys and staged keys need a vault that consumers of Vaults:Default cannot read.");
        }
        else
        {
            Check("Vaults:System", options.System);
            if (options.System == options.Default) { problems.Add("Vaults:System must be another vault than Vaults:Default."); }
        }

        var seen = new HashSet<string>();
        foreach (var vault in options.Namespaces)
        {
            if (vault.Namespace.Length == 0) { problems.Add($"{vault.Setting}:Namespace is not set."); }
            else if (!seen.Add(vault.Namespace)) { problems.Add($"{vault.Setting}:Namespace: {vault.Namespace} has a vault already."); }

            Check($"{vault.Setting}:Uri", vault.Uri);
            if (vault.Uri is not null && vault.Uri == options.System) { problems.Add($"{vault.Setting}:Uri must be another vault than Vaults:System."); }
        }

        if (options.TrustedCa is { } path && !File.Exists(path)) { problems.Add($"Vaults:TrustedCa: there is no file {path}."); }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

        void Check(string setting, Uri? uri)
        {
            if (uri is null) { problems.Add($"{setting} (environment: {setting.Replace(":", "__", StringComparison.Ordinal)}) is not set."); }
            else if (!uri.IsAbsoluteUri || uri.Scheme != Uri.UriSchemeHttps || uri.AbsolutePath != "/" || uri.Query.Length > 0)
            {
                problems.Add($"{setting} must be a vault's address like https://NAME.vault.azure.net/.");
            }
        }
    }
}
