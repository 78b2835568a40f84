// Stand-in for FunctionsApplication, FunctionsApplicationBuilder of package Microsoft.Azure.Functions.Worker 2.52.0 and
// FunctionsApplicationBuilderAspNetCoreExtensions of ...Extensions.Http.AspNetCore 2.1.1; only what we use; written by us
using CertFunctions.LocalRuntime.Hosting;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Builder;

public class FunctionsApplication
{
    private FunctionsApplication()
    {
    }

    public static FunctionsApplicationBuilder CreateBuilder(string[] args) => new(LocalHostBuilder.Create(args));
}

public class FunctionsApplicationBuilder : IHostApplicationBuilder, IFunctionsWorkerApplicationBuilder
{
    internal FunctionsApplicationBuilder(LocalHostBuilder local) => Local = local;

    public IDictionary<object, object> Properties => Local.Web.Properties;

    public ConfigurationManager Configuration => Local.Configuration;

    public IHostEnvironment Environment => Local.Web.Environment;

    public ILoggingBuilder Logging => Local.Web.Logging;

    public IMetricsBuilder Metrics => Local.Web.Metrics;

    public IServiceCollection Services => Local.Web.Services;

    internal LocalHostBuilder Local { get; }

    IConfigurationManager IHostApplicationBuilder.Configuration => Local.Configuration;

    public IHost Build() => Local.Build();

    public void ConfigureContainer<TContainerBuilder>(IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull => Local.Web.ConfigureContainer(factory, configure);

    public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)
    {
        Local.Middleware.Add(middleware);
        return this;
    }
}

public static class FunctionsApplicationBuilderAspNetCoreExtensions
{
    public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder)
    {
        builder.Local.AddLaptopDefaults();
        return builder;
    }
}
