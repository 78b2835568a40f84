using CertFunctions.App.Acme.Accounts;
using CertFunctions.App.Acme.Challenges;
using CertFunctions.App.Acme.Dns01;
using CertFunctions.App.Acme.Http01;
using CertFunctions.App.Acme.Orders;
using CertFunctions.App.Acme.Renewal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CertFunctions.App.Acme;

/// <summary>ACME: accounts, orders, challenges and how they are answered.</summary>
public static class AcmeFeature
{
    public static IServiceCollection AddAcme(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AcmeOptions>().Bind(configuration.GetSection("Acme"))
            .Validate(options => options.MaxConcurrentChallenges > 0, "Acme__MaxConcurrentChallenges must be above 0.").ValidateOnStart();
        services.AddOptions<IssuersOptions>().Bind(configuration.GetSection("Issuers"));
        services.AddOptions<Http01Options>().Bind(configuration.GetSection("Http01")).Configure(options =>
        {
            if (options.Hosts.Count == 0 && configuration["WEBSITE_HOSTNAME"] is { Length: > 0 } name) { options.Hosts.Add(name); }
        });

        services.TryAddSingleton<AcmeClients>();
        services.TryAddSingleton<AccountKeys>();
        services.TryAddSingleton<AccountBindings>();
        services.TryAddSingleton<AcmeAccounts>();

        services.AddOptions<RenewalInfoOptions>().Bind(configuration.GetSection("RenewalInfo"))
            .Validate(options => options.PerSecond > 0 && options.TickLimit > TimeSpan.Zero, "RenewalInfo__PerSecond and RenewalInfo__TickLimit must be above 0.").ValidateOnStart();
        services.TryAddSingleton<RenewalBooks>();
        services.TryAddSingleton<RenewalNews>();

        services.TryAddSingleton<OrderDesk>();
        services.TryAddSingleton<OrderClaims>();
        services.TryAddSingleton<OrderReader>();
        services.TryAddSingleton<OrderRecords>();
        services.TryAddSingleton<OrderPlacing>();
        services.TryAddSingleton<OrderChallenges>();
        services.TryAddSingleton<OrderTidying>();
        services.TryAddSingleton<ChainDownload>();
        services.TryAddSingleton<TrustedIssuers>();
        services.TryAddSingleton<AcmeWaits>();
        services.TryAddSingleton<ChallengeSlots>();

        services.TryAddSingleton<ChallengeDesk>();
        services.TryAddSingleton<ChallengeCleaning>();
        services.TryAddSingleton<HttpTokens>();
        services.TryAddSingleton<HttpSelfCheck>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IChallengeAnswers, HttpAnswers>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IChallengeAnswers, DnsAnswers>());
        return services.AddDns01(configuration);
    }
}
