using System.Reflection;
using CertFunctions.App.Api;
using CertFunctions.Core.Resources;
using Microsoft.Azure.Functions.Worker;

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
    public void Function_names_are_unique()
    {
        var names = App.GetExportedTypes().SelectMany(each => each.GetMethods())
            .Select(each => each.GetCustomAttribute<FunctionAttribute>()?.Name).OfType<string>().ToList();

        Assert.NotEmpty(names);
        Assert.Equal(names.Count, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }
}
