using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>The outputs of one Certificate beside what the vault holds of them. Public data only: it goes into history.</summary>
/// <param name="Vault">Base URI of the vault they lie in.</param>
/// <param name="Problem">Set when nothing could be looked at.</param>
/// <param name="RetryAt">When the vault said so.</param>
public sealed record OutputFacts(string Vault, ValueList<OutputFact> All, Reason? Problem = null, DateTimeOffset? RetryAt = null)
{
    /// <summary>Whether there is anything to write or to disable.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool NeedWork => Problem is null && All.Any(fact => fact.Step is not OutputStep.None);
}

/// <summary>What to do about one output.</summary>
public enum OutputStep
{
    None,
    Write,
    Disable,
}

/// <param name="Type">One of <see cref="OutputNames.Types"/>.</param>
/// <param name="Secret">Name of the vault secret.</param>
/// <param name="Wanted">Digest of what it should be made from; null: not wanted any more.</param>
/// <param name="Found">Digest on the newest version; null: absent, disabled or without one.</param>
/// <param name="Version">The newest enabled version of ours; null: none.</param>
/// <param name="Problem">Why it cannot be written now.</param>
public sealed record OutputFact(string Type, string Secret, string? Wanted, string? Found, string? Version, Reason? Problem = null)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public OutputStep Step => (Problem, Wanted) switch
    {
        ({ }, _) => OutputStep.None,
        (_, null) => Version is null ? OutputStep.None : OutputStep.Disable,
        _ => Found == Wanted ? OutputStep.None : OutputStep.Write,
    };
}
