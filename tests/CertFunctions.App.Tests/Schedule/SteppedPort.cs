using System.Reflection;

namespace CertFunctions.App.Tests.Schedule;

/// <summary>Lets every call of a port wait for its turn in an <see cref="Interleaving"/>.</summary>
public class SteppedPort : DispatchProxy
{
    private object _port = null!;
    private Interleaving _steps = null!;

    public static TPort Of<TPort>(TPort port, Interleaving steps)
        where TPort : class
    {
        var proxy = Create<TPort, SteppedPort>();
        ((SteppedPort)(object)proxy)._port = port;
        ((SteppedPort)(object)proxy)._steps = steps;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        object? Call() => targetMethod!.Invoke(_port, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
        if (!typeof(Task).IsAssignableFrom(targetMethod!.ReturnType)) { return Call(); }   // a listing: taken in one look

        var result = targetMethod.ReturnType.IsGenericType ? targetMethod.ReturnType.GetGenericArguments()[0] : typeof(bool);
        return GetType().BaseType!.GetMethod(nameof(StepAsync), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(result)
            .Invoke(null, [_steps, targetMethod.Name, (Func<object?>)Call]);
    }

    private static Task<T> StepAsync<T>(Interleaving steps, string name, Func<object?> call) => steps.CallAsync(name, async () =>
    {
        try
        {
            if (call() is Task<T> typed) { return await typed; }
        }
        catch (Exception refused) when (refused is not InvalidOperationException)
        {
            return await Task.FromException<T>(refused);
        }

        return default!;
    });
}
