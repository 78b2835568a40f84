using System.Collections;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>One run of one function: what the middleware sees, and what the parameters are bound from.</summary>
internal sealed class Invocation : FunctionContext
{
    private readonly Result _result = new();

    public Invocation(FunctionEntry function, IServiceProvider services, CancellationToken cancellationToken)
    {
        Function = function;
        InstanceServices = services;
        CancellationToken = cancellationToken;
        Features.Set<InvocationResult>(_result);
    }

    public FunctionEntry Function { get; }

    /// <summary>What the trigger parameter gets; null for HTTP, whose request is bound by type.</summary>
    public object? TriggerValue { get; init; }

    /// <summary>Route values and trigger metadata, bound by parameter name.</summary>
    public IReadOnlyDictionary<string, object?> Values { get; init; } = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);

    public HttpContext? Http
    {
        get => this.GetHttpContext();
        init => Items[FunctionContextExtensions.HttpContextKey] = value!;
    }

    /// <summary>Runs instead of the method: an orchestrator's episode.</summary>
    public Func<Task<object?>>? Body { get; init; }

    public object? Value
    {
        get => _result.Value;
        set => _result.Value = value;
    }

    public override string InvocationId { get; } = System.Diagnostics.ActivitySpanId.CreateRandom().ToHexString();

    public override string FunctionId => Function.Id;

    public override BindingContext BindingContext => new Bindings(Values);

    public override IServiceProvider InstanceServices { get; set; }

    public override FunctionDefinition FunctionDefinition => Function;

    public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

    public override IInvocationFeatures Features { get; } = new FeatureSet();

    public override CancellationToken CancellationToken { get; }

    private sealed class Result : InvocationResult
    {
        public override object? Value { get; set; }
    }

    private sealed class Bindings(IReadOnlyDictionary<string, object?> values) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData => values;
    }

    private sealed class FeatureSet : IInvocationFeatures
    {
        private readonly Dictionary<Type, object> _features = [];

        public void Set<T>(T instance) => _features[typeof(T)] = instance!;

        public T? Get<T>() => _features.TryGetValue(typeof(T), out var feature) ? (T)feature : default;

        public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => _features.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
