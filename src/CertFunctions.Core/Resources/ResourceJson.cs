using System.Text.Json.Serialization;

namespace CertFunctions.Core.Resources;

/// <summary>How resources look in JSON, on the wire and in the store: cert-manager's names, absent instead of null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(GoDurationConverter), typeof(WholeSecondsConverter)])]
[JsonSerializable(typeof(Certificate))]
[JsonSerializable(typeof(Issuer))]
[JsonSerializable(typeof(ClusterIssuer))]
[JsonSerializable(typeof(CertificateRequest))]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Challenge))]
[JsonSerializable(typeof(Bundle))]
[JsonSerializable(typeof(OrderAuthorization[]))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Condition[]))]
[JsonSerializable(typeof(OutputLocation[]))]
[JsonSerializable(typeof(OtherName[]))]
[JsonSerializable(typeof(RenewalWindow[]))]
[JsonSerializable(typeof(AdditionalOutputFormat[]))]
[JsonSerializable(typeof(AcmeSolver[]))]
[JsonSerializable(typeof(BundleSource[]))]
[JsonSerializable(typeof(RetiringSigner[]))]
[JsonSerializable(typeof(PinnedSigner[]))]
public sealed partial class ResourceJson : JsonSerializerContext;
