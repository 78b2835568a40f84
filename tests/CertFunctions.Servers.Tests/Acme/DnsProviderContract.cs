using CertFunctions.App.Acme.Dns01;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>What every <see cref="IDnsProvider"/> promises. One subclass a provider; nothing of a provider's own in here.</summary>
public abstract class DnsProviderContract
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected abstract Task<IDnsProvider> ProviderAsync();

    /// <summary>A solver for the zone <c>example.test</c>.</summary>
    protected abstract Task<DnsSolver> SolverAsync();

    /// <summary>The same, at an address where nobody is.</summary>
    protected abstract Task<(IDnsProvider Provider, DnsSolver Solver)> UnreachableAsync();

    protected abstract Task<string[]> ValuesAsync(string fqdn);

    [Fact]
    public async Task Puts_a_value_beside_another()
    {
        var (provider, solver) = (await ProviderAsync(), await SolverAsync());

        Assert.Equal(SolverOutcome.Done, await provider.AddAsync(Record("beside", "apex"), solver, Cancel));
        Assert.Equal(SolverOutcome.Done, await provider.AddAsync(Record("beside", "wildcard"), solver, Cancel));

        Assert.Equal(["apex", "wildcard"], await ValuesAsync(Record("beside", "").Fqdn));
    }

    [Fact]
    public async Task Adds_the_same_value_once()
    {
        var (provider, solver) = (await ProviderAsync(), await SolverAsync());

        await provider.AddAsync(Record("repeat", "value"), solver, Cancel);
        Assert.Equal(SolverOutcome.Done, await provider.AddAsync(Record("repeat", "value"), solver, Cancel));

        Assert.Equal(["value"], await ValuesAsync(Record("repeat", "").Fqdn));
    }

    [Fact]
    public async Task Takes_only_this_value_away()
    {
        var (provider, solver) = (await ProviderAsync(), await SolverAsync());
        await provider.AddAsync(Record("only", "mine"), solver, Cancel);
        await provider.AddAsync(Record("only", "theirs"), solver, Cancel);

        Assert.Equal(SolverOutcome.Done, await provider.RemoveAsync(Record("only", "mine"), solver, Cancel));

        Assert.Equal(["theirs"], await ValuesAsync(Record("only", "").Fqdn));
    }

    [Fact]
    public async Task Takes_the_last_value_away()
    {
        var (provider, solver) = (await ProviderAsync(), await SolverAsync());
        await provider.AddAsync(Record("last", "value"), solver, Cancel);

        Assert.Equal(SolverOutcome.Done, await provider.RemoveAsync(Record("last", "value"), solver, Cancel));

        Assert.Empty(await ValuesAsync(Record("last", "").Fqdn));
    }

    [Fact]
    public async Task Finds_nothing_to_take_away_and_is_content()
    {
        var (provider, solver) = (await ProviderAsync(), await SolverAsync());
        await provider.AddAsync(Record("absent", "other"), solver, Cancel);

        Assert.Equal(SolverOutcome.Done, await provider.RemoveAsync(Record("never-there", "value"), solver, Cancel));
        Assert.Equal(SolverOutcome.Done, await provider.RemoveAsync(Record("absent", "value"), solver, Cancel));

        Assert.Equal(["other"], await ValuesAsync(Record("absent", "").Fqdn));
    }

    [Fact]
    public async Task Keeps_long_values_whole()
    {
        var (provider, solver) = (await ProviderAsync(), await SolverAsync());
        var value = string.Concat(Enumerable.Range(0, 150).Select(i => $"{i:000}."));

        Assert.Equal(SolverOutcome.Done, await provider.AddAsync(Record("long-value", value), solver, Cancel));
        Assert.Equal([value], await ValuesAsync(Record("long-value", "").Fqdn));
        Assert.Equal(SolverOutcome.Done, await provider.RemoveAsync(Record("long-value", value), solver, Cancel));
        Assert.Empty(await ValuesAsync(Record("long-value", "").Fqdn));
    }

    [Fact]
    public async Task Returns_that_nobody_answers()
    {
        var (provider, solver) = await UnreachableAsync();

        var outcome = await provider.AddAsync(Record("dead", "value"), solver, Cancel);

        Assert.Equal("SolverUnavailable", outcome.Code);
        Assert.NotNull(outcome.Message);
    }

    protected static TxtRecord Record(string name, string value) => new($"_acme-challenge.{name}.example.test", value, $"{name}.example.test");
}
