using CertFunctions.LocalRuntime.Hosting;
using Microsoft.Azure.Functions.Worker.Builder;

namespace CertFunctions.LocalRuntime.Tests.Hosting;

public sealed class HostSettingsTests : IDisposable
{
    private readonly string _folder = TestHost.NewFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Command_line_beats_environment_beats_local_settings_beats_defaults()
    {
        File.WriteAllText(Path.Combine(_folder, "local.settings.json"), """
            { "Values": { "Host__Test__A": "file", "Host:Test:B": "file", "Host:Test:C": "file", "Api:Open": "false" } } // as func writes it
            """);
        Environment.SetEnvironmentVariable("Host__Test__B", "environment");
        Environment.SetEnvironmentVariable("Host__Test__C", "environment");

        var builder = TestHost.NewBuilder([], _folder, ["--Host:Test:C", "line", "Host:Test:D=line"]);
        builder.ConfigureFunctionsWebApplication();
        var settings = builder.Configuration;

        Assert.Equal("file", settings["Host:Test:A"]);
        Assert.Equal("environment", settings["Host:Test:B"]);
        Assert.Equal("line", settings["Host:Test:C"]);
        Assert.Equal("line", settings["Host:Test:D"]);
        Assert.Equal("false", settings["Api:Open"]);
        Assert.Equal(Path.Combine(_folder, ".certfunctions", "store.db"), settings["Store:Path"]);
    }

    [Fact]
    public void Arguments_of_the_host_are_not_settings()
    {
        var parsed = HostArguments.Parse(["--apply", "a.yaml", "b.yaml", "Key=value", "--data", "d", "--shared", "--port=0", "--Other", "x"], "/home");

        Assert.Equal(["a.yaml", "b.yaml"], parsed.Apply);
        Assert.Equal(["Key=value", "--Other", "x"], parsed.Settings);
        Assert.Equal(("/home/d", true, 0), (parsed.DataDirectory, parsed.Shared, parsed.Port));
    }

    [Theory]
    [InlineData("--port")]
    [InlineData("--port", "many")]
    [InlineData("--port", "65536")]
    public void Refuses_a_port_that_is_none(params string[] args) =>
        Assert.Throws<HostStartException>(() => HostArguments.Parse(args, "/home"));

    [Fact]
    public void A_data_directory_serves_one_process_unless_all_share_it()
    {
        var path = Path.Combine(_folder, "data");
        using (DataDirectory.Open(path, shared: false))
        {
            var refused = Assert.Throws<HostStartException>(() => DataDirectory.Open(path, shared: false));
            Assert.Contains($"process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
            Assert.Contains("--shared", refused.Message, StringComparison.Ordinal);
            Assert.Throws<HostStartException>(() => DataDirectory.Open(path, shared: true));
            if (!OperatingSystem.IsWindows()) { Assert.Equal(Convert.ToInt32("700", 8), (int)File.GetUnixFileMode(path)); }
        }

        using var first = DataDirectory.Open(path, shared: true);
        using var second = DataDirectory.Open(path, shared: true);
        Assert.Throws<HostStartException>(() => DataDirectory.Open(path, shared: false));
        Assert.Equal(["engine.db", "engine-2.db"], new[] { first, second }.Select(data => Path.GetFileName(data.OwnPathOf("engine.db"))));
        Assert.Equal(first.PathOf("store.db"), second.PathOf("store.db"));
    }
}
