namespace CertFunctions.LocalRuntime.Engine;

/// <summary>How much the engine does at once, and where its history lives.</summary>
public sealed class DurableEngineOptions
{
    /// <summary>SQLite file; default <c>:memory:</c>, which dies with the engine.</summary>
    public string DatabasePath { get; set; } = ":memory:";

    /// <summary>Orchestration episodes that run at the same time; default 2 per core.</summary>
    public int MaxConcurrentOrchestrations { get; set; } = Math.Max(4, Environment.ProcessorCount * 2);

    /// <summary>Activities that run at the same time; default 10 per core, as host.json's default.</summary>
    public int MaxConcurrentActivities { get; set; } = Math.Max(20, Environment.ProcessorCount * 10);

    /// <summary>How long a stop waits for running activities before it cancels them; default 5 s.</summary>
    public TimeSpan StopPatience { get; set; } = TimeSpan.FromSeconds(5);
}
