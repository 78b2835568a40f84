using System.Reflection;
using CertFunctions.App.Acme.Challenges;
using CertFunctions.App.Api;
using CertFunctions.App.Certificates;
using CertFunctions.Core.Ports;
using CertFunctions.KillHost;
using Microsoft.Azure.Functions.Worker;

namespace CertFunctions.Servers.Tests.Kill;

/// <summary>The moments at which the app is killed: before and after every activity and every write to a port. Found by reflection, so that a new one cannot be forgotten.</summary>
internal static class KillPoints
{
    /// <summary>What the general story must pass at least once: <c>activity {name}</c> and <c>{port}.{method}</c>.</summary>
    public static IReadOnlyList<string> Expected { get; } = [.. Activities(type => !IsAcme(type) && !IsTrust(type)).Concat(Writes(typeof(IObjectStore))).Concat(Writes(typeof(IVault))).Order(StringComparer.Ordinal)];

    /// <summary>What the ACME story must pass.</summary>
    public static IReadOnlyList<string> ExpectedOfAcme { get; } = [.. Activities(IsAcme)];

    /// <summary>What the story of bundles and a CA rotation must pass.</summary>
    public static IReadOnlyList<string> ExpectedOfTrust { get; } = [.. Activities(IsTrust).Concat(Writes(typeof(IBundleStore)))];

    /// <summary>The expected point that a counted one belongs to: without the side, and without the kind of object written.</summary>
    public static string Of(string counted)
    {
        var name = counted[..counted.LastIndexOf('/')];
        return name.StartsWith("activity ", StringComparison.Ordinal) ? name : name.Split(' ')[0];
    }

    /// <summary>Revoking is part of the ACME story; tidying follows crashes that left something behind, and has tests of its own.</summary>
    private static bool IsAcme(Type type) => (type.Namespace!.StartsWith("CertFunctions.App.Acme", StringComparison.Ordinal) && type != typeof(TidyActivities)) || type == typeof(RevocationActivities);

    private static bool IsTrust(Type type) => type.Namespace!.StartsWith("CertFunctions.App.Bundles", StringComparison.Ordinal) || type.Namespace == "CertFunctions.App.Issuers.Rotation";

    private static IEnumerable<string> Activities(Func<Type, bool> isMeant) => typeof(ResourceKind).Assembly.GetTypes().Where(type => type.Namespace is not null && type != typeof(TidyActivities) && isMeant(type))
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
        .Where(method => method.GetParameters().Any(parameter => parameter.GetCustomAttribute<ActivityTriggerAttribute>() is not null))
        .Select(method => $"activity {method.GetCustomAttribute<FunctionAttribute>()!.Name}");

    private static IEnumerable<string> Writes(Type port) => port.GetMethods().Where(Decoration.IsWrite).Select(method => $"{port.Name}.{method.Name}");
}
