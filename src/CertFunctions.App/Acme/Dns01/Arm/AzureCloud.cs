using Azure.Identity;

namespace CertFunctions.App.Acme.Dns01.Arm;

/// <summary>One of Azure's clouds: where its resource manager is, and who signs people in.</summary>
internal sealed record AzureCloud(Uri Arm, Uri Authority)
{
    /// <summary>Null: no such cloud. (AzureGermanCloud was closed on 29 October 2021.)</summary>
    public static AzureCloud? Named(string? environment) => environment switch
    {
        null or "" or "AzurePublicCloud" => new(new("https://management.azure.com/"), AzureAuthorityHosts.AzurePublicCloud),
        "AzureChinaCloud" => new(new("https://management.chinacloudapi.cn/"), AzureAuthorityHosts.AzureChina),
        "AzureUSGovernmentCloud" => new(new("https://management.usgovcloudapi.net/"), AzureAuthorityHosts.AzureGovernment),
        _ => null,
    };

    /// <summary>What a token is asked for.</summary>
    public string Scope => $"{Arm}.default";
}
