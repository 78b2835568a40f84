using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>What stands behind the mirrored application builder: one web application that serves functions, timers and the durable engine.</summary>
internal sealed class LocalHostBuilder
{
    private readonly WebApplicationBuilder _web;

    private LocalHostBuilder(WebApplicationBuilder web) => _web = web;

    public IHostApplicationBuilder Web => _web;

    public ConfigurationManager Configuration => _web.Configuration;

    /// <summary>In the order of registration: the first is the outermost.</summary>
    public List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> Middleware { get; } = [];

    public static LocalHostBuilder Create(string[] args) =>
        new(WebApplication.CreateEmptyBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory }));

    public void AddLaptopDefaults() => Configuration["Api:Open"] ??= "true";

    public IHost Build() => _web.Build();
}
