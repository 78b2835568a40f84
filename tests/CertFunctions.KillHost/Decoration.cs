using System.Reflection;
using CertFunctions.App.Health;
using CertFunctions.Core.Ports;
using Microsoft.Extensions.DependencyInjection;

namespace CertFunctions.KillHost;

/// <summary>A port whose writes are kill points; what only reads (<c>Find…</c>, <c>List…</c>, <c>Read…</c>) passes through.</summary>
public class Decoration : DispatchProxy
{
    private static readonly MethodInfo Typed = typeof(KillSwitch).GetMethods().Single(method => method is { Name: nameof(KillSwitch.AroundAsync), IsGenericMethod: true });

    private object _inner = null!;
    private string _port = "";

    /// <summary>Whether a port's method is a write: the parent finds its points by the same rule.</summary>
    public static bool IsWrite(MethodInfo method) =>
        !method.IsSpecialName && !((string[])["Find", "List", "Read"]).Any(start => method.Name.StartsWith(start, StringComparison.Ordinal));

    internal static void Of<TPort>(IServiceCollection services)
        where TPort : class
    {
        var original = services.Last(service => service.ServiceType == typeof(TPort));
        services.AddSingleton(provider =>
        {
            var proxy = Create<TPort, Decoration>();
            ((Decoration)(object)proxy)._inner = original.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, original.ImplementationType!);
            ((Decoration)(object)proxy)._port = typeof(TPort).Name;
            return proxy;
        });
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        object? Call() => targetMethod!.Invoke(_inner, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
        if (args is [string name, ..] && name.StartsWith(Heartbeats.Prefix, StringComparison.Ordinal)) { return Call(); }   // every second, and nothing hangs on it
        if (!IsWrite(targetMethod!) || !typeof(Task).IsAssignableFrom(targetMethod!.ReturnType))
        {
            KillSwitch.Count($"{_port}.{targetMethod!.Name}");
            return Call();
        }

        var point = $"{_port}.{targetMethod.Name}{Family(_port, args?[0])}";
        if (targetMethod.ReturnType == typeof(Task)) { return KillSwitch.AroundAsync(point, () => (Task)Call()!); }

        var result = targetMethod.ReturnType.GetGenericArguments()[0];
        var call = typeof(Decoration).GetMethod(nameof(Deferred), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(result).Invoke(null, [(Func<object?>)Call]);
        return Typed.MakeGenericMethod(result).Invoke(null, [point, call]);
    }

    private static Func<Task<T>> Deferred<T>(Func<object?> call) => () => (Task<T>)call()!;

    /// <summary>What kind of object is written: the first part of its name, two for resources; of a published file, what comes after its bundle.</summary>
    private static string Family(string port, object? target) => target is not string name ? ""
        : port == nameof(IBundleStore) ? " " + name.Split('/')[1]
        : " " + string.Join('/', name.Split('/').Take(name.StartsWith("resources/", StringComparison.Ordinal) ? 2 : 1));
}
