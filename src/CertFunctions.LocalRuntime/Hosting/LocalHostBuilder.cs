using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>What the host takes from its surroundings; tests bring their own.</summary>
internal sealed record HostSurroundings
{
    /// <summary>Where functions are looked for; the entry assembly's types if null.</summary>
    public IReadOnlyList<Type>? Types { get; init; }

    public string WorkingDirectory { get; init; } = Directory.GetCurrentDirectory();

    public string BinaryDirectory { get; init; } = AppContext.BaseDirectory;

    public TextWriter Output { get; init; } = Console.Out;

    /// <summary>A start that fails prints one sentence and ends the process, instead of throwing.</summary>
    public bool EndProcessOnFailure { get; init; }
}

/// <summary>What stands behind the mirrored application builder: one web application that serves functions, timers and the durable engine.</summary>
internal sealed class LocalHostBuilder
{
    private readonly WebApplicationBuilder _web;
    private readonly SettingDefaults _defaults = new();
    private DataDirectory? _data;

    private LocalHostBuilder(HostArguments arguments, HostSurroundings surroundings)
    {
        Arguments = arguments;
        Surroundings = surroundings;
        _web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = surroundings.BinaryDirectory });
        HostSettings.AddTo(_web.Configuration, _defaults, arguments.Settings, surroundings.WorkingDirectory, surroundings.BinaryDirectory);
        AddServer(_web, arguments);
        AddLogging(_web, arguments);
        _web.Services.TryAddSingleton(TimeProvider.System);
    }

    /// <summary>A test program's hand on the host that an unchanged <c>Program.cs</c> builds.</summary>
    internal static Action<LocalHostBuilder>? BeforeBuild { get; set; }

    public HostArguments Arguments { get; }

    public HostSurroundings Surroundings { get; }

    public IHostApplicationBuilder Web => _web;

    public ConfigurationManager Configuration => _web.Configuration;

    /// <summary>In the order of registration: the first is the outermost.</summary>
    public List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> Middleware { get; } = [];

    public static LocalHostBuilder Create(string[] args, HostSurroundings? surroundings = null)
    {
        surroundings ??= new HostSurroundings { EndProcessOnFailure = true };
        return OrEnd(surroundings, () => new LocalHostBuilder(HostArguments.Parse(args, surroundings.WorkingDirectory), surroundings));
    }

    /// <summary>Opens the data directory, starts the local vault unless a real one is configured, and sets what follows from both.</summary>
    public void AddLaptopDefaults() => OrEnd(Surroundings, () =>
    {
        _data = DataDirectory.Open(Arguments.DataDirectory, Arguments.Shared);
        _defaults.Set("Store:Path", _data.PathOf("store.db"));
        _defaults.Set("CaBundles:Path", _data.PathOf("ca-bundles.db"));
        _defaults.Set("Api:LongestWatch", "01:00:00");   // no front end cuts it
        _defaults.Set("Api:Open", "true");   // the server listens on loopback addresses alone
        if (string.IsNullOrEmpty(Configuration["Vaults:Default"])) { Vault = LaptopVault.Start(_data, Arguments.Shared, Configuration, _defaults, _web.Services); }
        return true;
    });

    /// <summary>Null when a real vault is configured.</summary>
    public LaptopVault? Vault { get; private set; }

    public IHost Build() => OrEnd(Surroundings, () =>
    {
        BeforeBuild?.Invoke(this);
        var types = Surroundings.Types ?? Assembly.GetEntryAssembly()!.GetExportedTypes();
        var functions = FunctionCatalog.Discover(types).Where(IsEnabled).ToList();
        var invoker = new FunctionInvoker(Middleware);
        var data = _data ?? DataDirectory.Open(Arguments.DataDirectory, Arguments.Shared);
        _web.Services.AddSingleton(invoker);
        _web.Services.AddSingleton(data);

        _web.Services.AddSingleton<IParameterSource>(provider => new DurableFunctions(functions, provider, invoker, data));
        var app = _web.Build();
        if (Configuration.GetValue("Api:Open", defaultValue: false)) { app.Use(next => http => LoopbackGuard.InvokeAsync(http, next)); }

        var routes = HttpFunctions.Map(app, functions, HostSettings.RoutePrefix(Surroundings.BinaryDirectory), invoker);
        var timers = TimerHost.Create(functions, Configuration, app.Services, invoker, data);
        return new LocalHost(app, this, timers, new FunctionBanner(functions, routes));
    });

    internal static T OrEnd<T>(HostSurroundings surroundings, Func<T> start)
    {
        try
        {
            return start();
        }
        catch (HostStartException refused) when (surroundings.EndProcessOnFailure)
        {
            Console.Error.WriteLine(refused.Message);
            Environment.Exit(1);
            throw;
        }
    }

    // As the host reads it; the environment of Linux holds no dots, hence the second spelling.
    private bool IsEnabled(FunctionEntry function) =>
        !Configuration.GetValue($"AzureWebJobs.{function.Name}.Disabled", defaultValue: false) && !Configuration.GetValue($"AzureWebJobs_{function.Name}_Disabled", defaultValue: false);

    private static void AddServer(WebApplicationBuilder web, HostArguments arguments)
    {
        web.Services.AddRoutingCore();
        web.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (arguments.Port == 0) { kestrel.Listen(System.Net.IPAddress.Loopback, 0); }
            else { kestrel.ListenLocalhost(arguments.Port); }
        });
    }

    private static void AddLogging(WebApplicationBuilder web, HostArguments arguments)
    {
        web.Logging.AddConfiguration(web.Configuration.GetSection("Logging"));
        web.Logging.AddSimpleConsole(console => console.SingleLine = true);
        web.Logging.AddFilter("Microsoft", LogLevel.Warning);

        // The table of --apply is redrawn in place: only what went wrong may interrupt it.
        web.Logging.SetMinimumLevel(arguments.Apply.Count > 0 ? LogLevel.Warning : LogLevel.Information);
    }
}

/// <summary>The settings of lowest precedence; may be added to until the host is built.</summary>
internal sealed class SettingDefaults : ConfigurationProvider, IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;
}
