using System.Reflection;
using CertFunctions.App.Api;
using CertFunctions.Core.Ports;
using CertFunctions.KillHost;
using Microsoft.Azure.Functions.Worker;

namespace CertFunctions.Servers.Tests.Kill;

/// <summary>The moments at which the app is killed: before and after every activity and every write to a port. Found by reflection, so that a new one cannot be forgotten.</summary>
internal static class KillPoints
{
    /// <summary>What must be passed at least once: <c>activity {name}</c> and <c>{port}.{method}</c>.</summary>
    public static IReadOnlyList<string> Expected { get; } = [.. Activities().Concat(Writes(typeof(IObjectStore))).Concat(Writes(typeof(IVault))).Order(StringComparer.Ordinal)];

    /// <summary>The expected point that a counted one belongs to: without the side, and without the kind of object written.</summary>
    public static string Of(string counted)
    {
        var name = counted[..counted.LastIndexOf('/')];
        return name.StartsWith("activity ", StringComparison.Ordinal) ? name : name.Split(' ')[0];
    }

    private static IEnumerable<string> Activities() => typeof(ResourceKind).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
        .Where(method => method.GetParameters().Any(parameter => parameter.GetCustomAttribute<ActivityTriggerAttribute>() is not null))
        .Select(method => $"activity {method.GetCustomAttribute<FunctionAttribute>()!.Name}");

    private static IEnumerable<string> Writes(Type port) => port.GetMethods().Where(Decoration.IsWrite).Select(method => $"{port.Name}.{method.Name}");
}
