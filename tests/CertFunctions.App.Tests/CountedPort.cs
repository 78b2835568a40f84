using System.Reflection;

namespace CertFunctions.App.Tests;

/// <summary>Writes down which methods of a port are called.</summary>
public class CountedPort : DispatchProxy
{
    private readonly List<string> _calls = [];
    private object _port = null!;

    public static (TPort Port, IReadOnlyList<string> Calls) Of<TPort>(TPort port)
        where TPort : class
    {
        var proxy = Create<TPort, CountedPort>();
        var counted = (CountedPort)(object)proxy;
        counted._port = port;
        return (proxy, counted._calls);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _calls.Add(targetMethod!.Name);
        return targetMethod.Invoke(_port, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
    }
}
