using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CertFunctions.App.Adapters;
using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.Api.OpenApi;
using CertFunctions.Core.Ports;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CertFunctions.App.Tests.Infra;

/// <param name="Name">With colons; the environment writes <c>__</c>.</param>
/// <param name="Default">Null: there is none, or a machine's or the local host's own.</param>
internal sealed record Setting(string Name, string? Default, string Meaning)
{
    public bool IsForTests => Meaning.StartsWith("Tests only", StringComparison.Ordinal) || Meaning.Contains("for tests", StringComparison.Ordinal);
}

/// <param name="Title">The section's name.</param>
internal sealed record SettingGroup(string Title, string Meaning, IReadOnlyList<Setting> Settings);

/// <summary>Every setting there is: those of the options classes that the app registers, those it reads by name, and those of the Functions host.</summary>
internal static partial class SettingCatalog
{
    private static readonly Assembly App = typeof(ResourceKind).Assembly;
    private static readonly XmlComments Comments = XmlComments.Beside(App);

    public static IReadOnlyList<SettingGroup> Groups { get; } = [.. OptionsTypes().Select(GroupOf), Timers(), ReadByName(), Host()];

    /// <summary>The settings that the app's timers name as their schedules.</summary>
    public static IReadOnlyList<string> Schedules => [.. Timers().Settings.Select(each => each.Name)];

    public static IEnumerable<Setting> All => Groups.SelectMany(group => group.Settings);

    /// <param name="name">With colons or double underscores; any number stands for any other.</param>
    public static Setting? Find(string name)
    {
        var plain = Number.Replace(name.Replace("__", ":", StringComparison.Ordinal), ":0");
        return All.FirstOrDefault(each => each.Name.Equals(plain, StringComparison.OrdinalIgnoreCase));
    }

    private static IEnumerable<Type> OptionsTypes()
    {
        IServiceCollection? services = null;
        using var provider = AppServices.Over(new InMemoryObjectStore(), new InMemoryVault(), new FakeTimeProvider(), ids: null, all => services = all, []);
        var registered = services!.Select(each => each.ServiceType)
            .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IConfigureOptions<>)).Select(type => type.GetGenericArguments()[0]);
        var reading = App.GetExportedTypes().Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal) && type.GetMethod("Read", BindingFlags.NonPublic | BindingFlags.Instance) is not null);
        return registered.Concat(reading).Where(type => type.Assembly == App).Distinct().OrderBy(type => type.Name, StringComparer.Ordinal).ToList();
    }

    private static SettingGroup GroupOf(Type type)
    {
        var section = type.Name[..^"Options".Length];
        var options = Activator.CreateInstance(type)!;
        var settings = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).SelectMany(property => property.PropertyType == typeof(StorageConnection)
            ? Connection(type == typeof(StoreOptions) ? StoreOptions.Storage : section)
            : Named(type, section, property).Select(name => SettingOf(name, options, property)));
        return new SettingGroup(section, Comments.Of(type), [.. settings]);
    }

    /// <summary>As the Functions host names connections: the connection string bears the name alone.</summary>
    private static IEnumerable<Setting> Connection(string name) => typeof(StorageConnection).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite)
        .Select(property => SettingOf(property.Name is nameof(StorageConnection.ConnectionString) ? name : $"{name}:{char.ToLowerInvariant(property.Name[0])}{property.Name[1..]}", new StorageConnection(), property));

    private static Setting SettingOf(string name, object options, PropertyInfo property) => new(name, Text(property.GetValue(options)), Comments.Of(property, property.PropertyType));

    private static IEnumerable<string> Named(Type type, string section, PropertyInfo property) => (type.Name, property.Name) switch
    {
        (nameof(VaultsOptions), nameof(VaultsOptions.ClusterResourceNamespace)) => [property.Name],
        (nameof(VaultsOptions), nameof(VaultsOptions.Namespaces)) => [$"{section}:0:Namespace", $"{section}:0:Uri"],
        _ when property.PropertyType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(property.PropertyType) => [$"{section}:{property.Name}:0"],
        _ => property.CanWrite ? [$"{section}:{property.Name}"] : [],
    };

    private static string? Text(object? value) => value switch
    {
        null => null,
        bool flag => flag ? "true" : "false",
        string text => text,
        IEnumerable => null,
        IFormattable figure => figure.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static SettingGroup Timers()
    {
        // There is no default in code: what the sample says is what is usual.
        var sample = JsonNode.Parse(Repository.Read("local.settings.sample.json"))!["Values"]!;
        var settings = App.GetTypes().SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)).SelectMany(method => method.GetParameters()
                .Select(parameter => (Name: parameter.GetCustomAttribute<TimerTriggerAttribute>()?.Schedule.Trim('%'), Function: method.GetCustomAttribute<FunctionAttribute>()?.Name)))
            .Where(each => each.Name is not null)
            .Select(each => new Setting(each.Name!, (string?)sample[each.Name!], $"When {each.Function} runs."))
            .OrderBy(each => each.Name, StringComparer.Ordinal);
        return new("Timers", "Six fields, seconds first, UTC. Required: the timers name them as %NAME%. A timer rests while AzureWebJobs.{FUNCTION}.Disabled is true.", [.. settings]);
    }

    private static SettingGroup ReadByName() => new("By name", "Read where they are used.",
    [
        new("Api:Key", null, "What callers send as x-functions-key or bearer token; without it everything but the open routes is 401. A secret: in Azure a reference to the system vault's secret api-key, and a reference that could not be resolved counts as no key."),
        new("Api:Open", null, "Answers without a key. Set by the local host only, because it listens on loopback alone."),
    ]);

    private static SettingGroup Host() => new("The Functions host's and Azure's own", "Read by the host or by Azure's libraries, in their words.",
    [
        new("FUNCTIONS_WORKER_RUNTIME", "dotnet-isolated", "On a laptop; Flex Consumption refuses it."),
        new("TASKHUB_NAME", "certfunctions", "The task hub; host.json names it."),
        new("DURABLE_TASK_SCHEDULER_CONNECTION_STRING", "Endpoint=http://localhost:8080;Authentication=None", "The Durable Task Scheduler. Holds no key."),
        new("AZURE_CLIENT_ID", null, "Client id of the app's identity, for vaults and DNS."),
        new("APPLICATIONINSIGHTS_CONNECTION_STRING", null, "Where the host sends telemetry."),
        new("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", null, "By which identity: Authorization=AAD;ClientId=…"),
        new("WEBSITE_HOSTNAME", null, "Set by Azure: the app's own name, for Http01:Hosts."),
    ]);

    [GeneratedRegex(@":\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Number { get; }
}
