using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CertFunctions.App.Acme.Challenges;
using CertFunctions.App.Acme.Orders;
using CertFunctions.App.Bundles;
using CertFunctions.App.CertificateRequests;
using CertFunctions.App.Certificates;
using CertFunctions.App.Issuers;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.DependencyInjection;

namespace CertFunctions.App.Schedule;

/// <summary>What goes through durable history: the inputs and outputs of orchestrators and activities. Public data only; a test walks the functions and finds each here.</summary>
[JsonSerializable(typeof(RunTicket))]
[JsonSerializable(typeof(CertificateFacts))]
[JsonSerializable(typeof(CertificateAttempt))]
[JsonSerializable(typeof(CertificateEnd))]
[JsonSerializable(typeof(StepResult))]
[JsonSerializable(typeof(ImportOutcome))]
[JsonSerializable(typeof(TagOrder))]
[JsonSerializable(typeof(PruneOrder))]
[JsonSerializable(typeof(RequestTicket))]
[JsonSerializable(typeof(RequestFacts))]
[JsonSerializable(typeof(RequestRecord))]
[JsonSerializable(typeof(RequestOutcome))]
[JsonSerializable(typeof(RequestEnd))]
[JsonSerializable(typeof(IssuerFinding))]
[JsonSerializable(typeof(IssuerRecord))]
[JsonSerializable(typeof(BundleFinding))]
[JsonSerializable(typeof(PublishOrder))]
[JsonSerializable(typeof(PublishOutcome))]
[JsonSerializable(typeof(BundleEnd))]
[JsonSerializable(typeof(BundleFile[]))]
[JsonSerializable(typeof(AnchorFacts[]))]
[JsonSerializable(typeof(PinnedSigner[]))]
[JsonSerializable(typeof(BundleSource[]))]
[JsonSerializable(typeof(BundleHold[]))]
[JsonSerializable(typeof(RetiringLeaves[]))]
[JsonSerializable(typeof(RetiringSigner[]))]
[JsonSerializable(typeof(Reason[]))]
[JsonSerializable(typeof(TimeSpan?))]
[JsonSerializable(typeof(AccountView))]
[JsonSerializable(typeof(OrderView))]
[JsonSerializable(typeof(ChainTicket))]
[JsonSerializable(typeof(PlaceTicket))]
[JsonSerializable(typeof(TidyTicket))]
[JsonSerializable(typeof(OrderEnd))]
[JsonSerializable(typeof(OrderWork))]
[JsonSerializable(typeof(ChallengeTicket))]
[JsonSerializable(typeof(ChallengeTicket[]))]
[JsonSerializable(typeof(ChallengeView))]
[JsonSerializable(typeof(OrderAuthorization[]))]
[JsonSerializable(typeof(Condition[]))]
[JsonSerializable(typeof(OtherName[]))]
[JsonSerializable(typeof(RenewalWindow[]))]
[JsonSerializable(typeof(AdditionalOutputFormat[]))]
[JsonSerializable(typeof(OutputLocation[]))]
[JsonSerializable(typeof(OutputFact[]))]
[JsonSerializable(typeof(AcmeSolver[]))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
public sealed partial class HistoryJson : JsonSerializerContext;

/// <summary>The worker serialises history by the app's JSON options: what is generated first, reflection for the worker's own types last.</summary>
public static class HistoryFeature
{
    public static IServiceCollection AddHistory(this IServiceCollection services) => services.Configure<JsonSerializerOptions>(options =>
    {
        options.TypeInfoResolverChain.Insert(0, HistoryJson.Default);
        options.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
    });
}
