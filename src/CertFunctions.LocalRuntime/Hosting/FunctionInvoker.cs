using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>Runs a function inside the worker middleware: binds its parameters, makes its class, awaits its result.</summary>
internal sealed class FunctionInvoker
{
    private readonly FunctionExecutionDelegate _pipeline;

    public FunctionInvoker(IEnumerable<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> middleware) =>
        _pipeline = middleware.Reverse().Aggregate((FunctionExecutionDelegate)ExecuteAsync, (next, wrap) => wrap(next));

    /// <summary>The function's value, or what a middleware put in its place.</summary>
    public async Task<object?> InvokeAsync(Invocation invocation)
    {
        await _pipeline(invocation);
        return invocation.Value;
    }

    private static async Task ExecuteAsync(FunctionContext context)
    {
        var invocation = (Invocation)context;
        if (invocation.Body is { } body)
        {
            invocation.Value = await body();
            return;
        }

        var function = invocation.Function;
        var arguments = function.Parameters.Select(p => Bind(p, invocation)).ToArray();
        var instance = function.Method.IsStatic
            ? null
            : ActivatorUtilities.CreateInstance(invocation.InstanceServices, function.Method.DeclaringType!);
        try
        {
            invocation.Value = await AwaitAsync(function.Method.Invoke(instance, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null));
        }
        finally
        {
            if (instance is IAsyncDisposable asynchronous) { await asynchronous.DisposeAsync(); }
            else if (instance is IDisposable disposable) { disposable.Dispose(); }
        }
    }

    private static async Task<object?> AwaitAsync(object? returned)
    {
        if (returned is not Task task) { return returned; }

        await task;
        // Task itself is, at run time, often a Task<VoidTaskResult>.
        var result = task.GetType().GetProperty("Result");
        return result is null || result.PropertyType.Name == "VoidTaskResult" ? null : result.GetValue(task);
    }

    private static object? Bind(ParameterInfo parameter, Invocation invocation)
    {
        var type = parameter.ParameterType;
        if (type == typeof(FunctionContext)) { return invocation; }
        if (type == typeof(CancellationToken)) { return invocation.CancellationToken; }
        if (type == typeof(HttpRequest)) { return invocation.Http?.Request; }
        if (parameter == invocation.Function.TriggerParameter) { return invocation.TriggerValue; }
        if (invocation.Values.TryGetValue(parameter.Name!, out var value) && value is not null) { return Convert(value, type, parameter); }
        if (invocation.InstanceServices.GetService<IParameterSource>() is { } source && source.TryBind(parameter, invocation, out var bound)) { return bound; }
        if (parameter.HasDefaultValue) { return parameter.DefaultValue; }

        return type.IsValueType && Nullable.GetUnderlyingType(type) is null
            ? throw new InvalidOperationException($"Parameter {parameter.Name} of function {invocation.Function.Name} has nothing to be bound from.")
            : null;
    }

    private static object Convert(object value, Type type, ParameterInfo parameter)
    {
        if (type.IsInstanceOfType(value)) { return value; }

        var target = Nullable.GetUnderlyingType(type) ?? type;
        return TypeDescriptor.GetConverter(target).ConvertFromString(context: null, CultureInfo.InvariantCulture, value.ToString()!)
            ?? throw new InvalidOperationException($"Parameter {parameter.Name} cannot be made from its route value.");
    }
}

/// <summary>Binds what neither the trigger nor the request gives: the durable client.</summary>
internal interface IParameterSource
{
    bool TryBind(ParameterInfo parameter, Invocation invocation, out object? value);
}
