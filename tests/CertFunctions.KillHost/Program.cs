using System.Reflection;
using CertFunctions.App.Api;
using CertFunctions.Core.Ports;
using CertFunctions.KillHost;
using CertFunctions.LocalRuntime.Hosting;
using Microsoft.Azure.Functions.Worker;

// The app's own Program.cs, unchanged, with every activity and every write to a port wrapped: the parent process names the moment, and sends SIGKILL.
var app = typeof(ResourceKind).Assembly;
Assembly.SetEntryAssembly(app);
LocalHostBuilder.BeforeBuild = host =>
{
    Decoration.Of<IObjectStore>(host.Web.Services);
    Decoration.Of<IVault>(host.Web.Services);
    Decoration.Of<IBundleStore>(host.Web.Services);
    host.Middleware.Add(next => context => context is Invocation { Function.Trigger: ActivityTriggerAttribute } invocation
        ? KillSwitch.AroundAsync($"activity {invocation.Function.Name}", () => next(context))
        : next(context));
};
KillSwitch.Listen();
app.EntryPoint!.Invoke(obj: null, [args]);
