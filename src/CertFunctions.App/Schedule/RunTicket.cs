namespace CertFunctions.App.Schedule;

/// <summary>What a run is started with: which resource, and the due entry that the run will remove when it ends.</summary>
public sealed record RunTicket(string Plural, string? Namespace, string Name, string Uid, string Entry);
