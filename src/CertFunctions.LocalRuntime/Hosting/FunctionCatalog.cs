using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>One <c>[Function]</c> method and the trigger that its first attributed parameter names.</summary>
internal sealed class FunctionEntry : FunctionDefinition
{
    public FunctionEntry(string name, MethodInfo method)
    {
        Name = name;
        Method = method;
        Parameters = method.GetParameters();
        TriggerParameter = Parameters.FirstOrDefault(p => p.GetCustomAttribute<TriggerBindingAttribute>() is not null)
            ?? throw new HostStartException($"Function {name} ({method.DeclaringType}.{method.Name}) has no trigger parameter.");
        Trigger = TriggerParameter.GetCustomAttribute<TriggerBindingAttribute>()!;
        InputBindings = Parameters
            .Select(p => (Parameter: p, Attribute: p.GetCustomAttribute<BindingAttribute>()))
            .Where(p => p.Attribute is not null)
            .ToImmutableDictionary(p => p.Parameter.Name!, BindingMetadata (p) => new Binding(p.Parameter.Name!, TypeOf(p.Attribute!)));
    }

    public override string Name { get; }

    public override string Id => Name;

    public override string EntryPoint => $"{Method.DeclaringType!.FullName}.{Method.Name}";

    public override string PathToAssembly => Method.DeclaringType!.Assembly.Location;

    public override IImmutableDictionary<string, BindingMetadata> InputBindings { get; }

    public MethodInfo Method { get; }

    public IReadOnlyList<ParameterInfo> Parameters { get; }

    public ParameterInfo TriggerParameter { get; }

    public TriggerBindingAttribute Trigger { get; }

    // HttpTriggerAttribute -> httpTrigger, as in function metadata.
    private static string TypeOf(BindingAttribute attribute)
    {
        var name = attribute.GetType().Name.Replace("Attribute", "", StringComparison.Ordinal);
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    private sealed class Binding(string name, string type) : BindingMetadata
    {
        public override string Name => name;

        public override string Type => type;

        public override BindingDirection Direction => BindingDirection.In;
    }
}

/// <summary>Finds the functions of an app: public methods of public classes that carry <c>[Function]</c>.</summary>
internal static class FunctionCatalog
{
    public static IReadOnlyList<FunctionEntry> Discover(IEnumerable<Type> types)
    {
        var functions = new List<FunctionEntry>();
        foreach (var type in types.Where(t => t is { IsClass: true, IsVisible: true, ContainsGenericParameters: false }))
        {
            foreach (var method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            {
                if (method.GetCustomAttribute<FunctionAttribute>() is { } function) { functions.Add(new FunctionEntry(function.Name, method)); }
            }
        }

        var twice = functions.GroupBy(f => f.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Skip(1).Any());
        return twice is null
            ? [.. functions.OrderBy(f => f.Name, StringComparer.OrdinalIgnoreCase)]
            : throw new HostStartException($"Function name {twice.Key} is used by {string.Join(" and ", twice.Select(f => f.EntryPoint))}; names are unique, ignoring case.");
    }
}
