using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Policy;

/// <summary>A Certificate that a person told to stand still: it is looked at, and says so, but nothing is issued, renewed or repaired.</summary>
public static class PausePolicy
{
    /// <summary>Condition of ours; absent unless paused.</summary>
    public const string Paused = "Paused";

    /// <summary>Only Ready may change meanwhile, when what is stored expires.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromHours(1);

    public static bool IsPaused(Certificate certificate) => certificate.Metadata.Annotations?.Find(Annotations.Paused) == "true";

    public static CertificatePlan? Plan(CertificateFacts facts) => IsPaused(facts.Certificate) ? new(CertificateStep.Wait, Until: facts.Now + Pace) : null;

    /// <summary>The conditions with what the annotation says now.</summary>
    public static ValueList<Condition> Show(ValueList<Condition> conditions, CertificateFacts facts) => IsPaused(facts.Certificate)
        ? conditions.With(new Condition
        {
            Type = Paused,
            Status = "True",
            Reason = Paused,
            Message = $"Nothing is issued or renewed while the annotation {Annotations.Paused} is \"true\"",
            ObservedGeneration = facts.Certificate.Metadata.Generation,
        }, facts.Now)
        : conditions.Without(Paused);
}
