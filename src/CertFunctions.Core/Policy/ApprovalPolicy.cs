using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.Core.Policy;

/// <summary>What an approval or a refusal amounts to.</summary>
/// <param name="Set">The condition to add; null when nothing changes.</param>
public sealed record ApprovalVerdict(Condition? Set, IReadOnlyList<Violation> Violations);

/// <summary>Who decides about a request decides once: <c>Approved</c> and <c>Denied</c> are added, never changed, never both (cert-manager's webhook, semantics §5).</summary>
public static class ApprovalPolicy
{
    public const string Approved = "Approved";
    public const string Denied = "Denied";

    private const int LongestReason = 128;
    private const int LongestMessage = 1024;

    private const string Field = "status.conditions";

    /// <summary>One decision, told by itself. The same decision again changes nothing, whatever reason it gives.</summary>
    /// <param name="type"><see cref="Approved"/> or <see cref="Denied"/>.</param>
    public static ApprovalVerdict Decide(ValueList<Condition>? stored, string type, string reason, string message)
    {
        if (Find(stored) is { } earlier)
        {
            return new(null, earlier.Type == type ? [] : [Violation.Forbidden(Field, $"the request is {earlier.Type} already ({earlier.Reason}: {earlier.Message})")]);
        }

        List<Violation> broken = [.. Text("reason", reason, LongestReason), .. Text("message", message, LongestMessage)];
        return new(broken.Count > 0 ? null : new Condition { Type = type, Status = "True", Reason = reason, Message = message }, broken);
    }

    /// <summary>A decision as <c>cmctl approve</c> and <c>deny</c> tell it: among the conditions of the whole resource, of which the others do not count.</summary>
    public static ApprovalVerdict Decide(ValueList<Condition>? stored, IEnumerable<Condition> told)
    {
        var decisions = told.Where(IsDecision).ToList();
        var earlier = Find(stored);
        if (decisions.Count > 1) { return Refused($"at most one of {Approved} and {Denied}, once"); }
        if (earlier is not null && (decisions is not [var repeated] || (repeated.Type, repeated.Status, repeated.Reason, repeated.Message) != (earlier.Type, earlier.Status, earlier.Reason, earlier.Message)))
        {
            return Refused($"{earlier.Type} was set and may not be changed or removed");
        }

        if (earlier is not null || decisions is not [var decision]) { return new(null, []); }
        if (!decision.IsTrue) { return Refused($"{decision.Type} may only be \"True\""); }

        return Decide(stored, decision.Type, decision.Reason ?? "", decision.Message ?? "");
    }

    private static Condition? Find(ValueList<Condition>? conditions) => conditions?.FirstOrDefault(IsDecision);

    private static bool IsDecision(Condition condition) => condition.Type is Approved or Denied;

    private static ApprovalVerdict Refused(string why) => new(null, [Violation.Forbidden(Field, why)]);

    /// <summary>What is said shows in conditions, events and logs: one line, and no novel.</summary>
    private static IEnumerable<Violation> Text(string field, string text, int longest)
    {
        if (text.Length == 0) { yield return Violation.Required(field); }
        if (text.Length > longest) { yield return new(field, "FieldValueInvalid", $"Invalid value: must have at most {longest} characters"); }
        if (text.Any(char.IsControl)) { yield return new(field, "FieldValueInvalid", "Invalid value: must not contain control characters"); }
    }
}
