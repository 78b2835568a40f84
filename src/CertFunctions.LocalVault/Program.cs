using CertFunctions.LocalVault;

string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
int Port(string name) => int.TryParse(Argument(name), System.Globalization.CultureInfo.InvariantCulture, out var port) ? port : 0;

using var stop = new CancellationTokenSource();
using var interrupt = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGINT, Stop);
using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, Stop);

await using var vault = await LocalVaultHost.StartAsync(
    new LocalVaultOptions
    {
        DataDirectory = Argument("--data") ?? ".certfunctions",
        DefaultPort = Port("--port"),
        SystemPort = Port("--system-port"),
        Shared = args.Contains("--shared"),
        DeletionDelay = Argument("--deletion-delay") is { } seconds ? TimeSpan.FromSeconds(double.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture)) : TimeSpan.FromMilliseconds(500),
        RetentionDays = Argument("--retention-days") is { } days ? int.Parse(days, System.Globalization.CultureInfo.InvariantCulture) : 90,
        PurgeProtection = args.Contains("--purge-protection"),
        EmptyPages = args.Contains("--empty-pages"),
        Throttling = args.Contains("--throttling"),
        Faults = args.Contains("--faults"),
    },
    stop.Token);

Console.WriteLine($"""
    Default vault      {vault.DefaultVault}
    System vault       {vault.SystemVault}
    CA                 {vault.CaPath}
    Identity endpoint  {vault.IdentityEndpoint}

    In another terminal, for DefaultAzureCredential:
    export SSL_CERT_FILE='{vault.CaPath}' AZURE_TOKEN_CREDENTIALS=ManagedIdentityCredential
    export IDENTITY_ENDPOINT='{vault.IdentityEndpoint}' IDENTITY_HEADER="$(cat '{vault.IdentityHeaderPath}')"
    """);
try
{
    await Task.Delay(Timeout.Infinite, stop.Token);
}
catch (OperationCanceledException)
{
    // Asked to stop.
}

void Stop(System.Runtime.InteropServices.PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
