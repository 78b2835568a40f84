using System.Reflection;
using System.Text.Json;
using CertFunctions.App.Api;
using CertFunctions.App.Schedule;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace CertFunctions.App.Tests;

/// <summary>Rules that reflection guards, so that reviews need not.</summary>
public sealed class ConventionTests
{
    private static readonly Assembly Core = typeof(Certificate).Assembly;
    private static readonly Assembly App = typeof(ResourceApi).Assembly;

    [Fact]
    public void Core_sees_no_Azure() =>
        Assert.DoesNotContain(Core.GetReferencedAssemblies(), each => each.Name!.Contains("Azure", StringComparison.Ordinal));

    [Fact]
    public void Public_classes_are_sealed() =>
        Assert.DoesNotContain(Core.GetExportedTypes().Concat(App.GetExportedTypes()), each => each is { Namespace: not null, IsClass: true, IsAbstract: false, IsSealed: false });   // Program is the compiler's

    [Fact]
    public void A_cancellation_token_comes_last() =>
        Assert.Empty(Core.GetExportedTypes().Concat(App.GetExportedTypes())
            .SelectMany(each => each.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(each => each.GetParameters().SkipLast(1).Any(parameter => parameter.ParameterType == typeof(CancellationToken)))
            .Select(each => $"{each.DeclaringType!.Name}.{each.Name}"));

    [Fact]
    public void Every_type_in_history_is_in_its_JSON_context()
    {
        var options = new JsonSerializerOptions { TypeInfoResolver = HistoryJson.Default };
        var types = App.GetTypes().SelectMany(each => each.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(each => each.GetParameters().Any(IsDurable)).SelectMany(InHistory).Distinct().ToList();

        Assert.True(types.Count > 10);
        Assert.DoesNotContain(types, each => HistoryJson.Default.GetTypeInfo(each) is null || !options.TryGetTypeInfo(each, out _));
    }

    /// <summary>A generator cannot see through the converter of <see cref="ValueList{T}"/>: each list's items must be named in the context that writes it.</summary>
    [Fact]
    public void Items_of_lists_are_in_both_contexts()
    {
        var items = Core.GetExportedTypes().SelectMany(each => each.GetProperties()).Select(each => each.PropertyType)
            .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>)).Select(type => type.GetGenericArguments()[0])
            .Where(type => type.Namespace == typeof(Certificate).Namespace || type.Namespace == typeof(CertFunctions.Core.Policy.CertificateFacts).Namespace).Distinct().ToList();

        Assert.Contains(typeof(OtherName), items);
        Assert.All(items, each => Assert.NotNull(HistoryJson.Default.GetTypeInfo(each.MakeArrayType())));
        Assert.All(items.Where(each => each.Namespace == typeof(Certificate).Namespace), each => Assert.NotNull(ResourceJson.Default.GetTypeInfo(each.MakeArrayType())));
    }

    private static bool IsDurable(ParameterInfo parameter) =>
        parameter.GetCustomAttribute<ActivityTriggerAttribute>() is not null || parameter.GetCustomAttribute<OrchestrationTriggerAttribute>() is not null;

    private static IEnumerable<Type> InHistory(MethodInfo function)
    {
        var returned = function.ReturnType.IsGenericType ? function.ReturnType.GetGenericArguments()[0] : null;
        return function.GetParameters().Select(parameter => parameter.ParameterType)
            .Where(type => type != typeof(CancellationToken) && type != typeof(TaskOrchestrationContext) && type != typeof(DurableTaskClient))
            .Concat(returned is null ? [] : [returned]);
    }

    [Fact]
    public void Function_names_are_unique()
    {
        var names = App.GetExportedTypes().SelectMany(each => each.GetMethods())
            .Select(each => each.GetCustomAttribute<FunctionAttribute>()?.Name).OfType<string>().ToList();

        Assert.NotEmpty(names);
        Assert.Equal(names.Count, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }
}
