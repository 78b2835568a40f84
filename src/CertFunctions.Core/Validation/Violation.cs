namespace CertFunctions.Core.Validation;

/// <summary>One rule broken by one field, as a Kubernetes Status names its causes.</summary>
/// <param name="Field">Path with indexes, e.g. <c>spec.ipAddresses[1]</c>.</param>
/// <param name="Reason"><c>FieldValueRequired</c>, <c>FieldValueInvalid</c>, <c>FieldValueForbidden</c>, <c>FieldValueNotSupported</c>, <c>FieldValueDuplicate</c> or <c>FieldValueTooMany</c>.</param>
public sealed record Violation(string Field, string Reason, string Message)
{
    private const int MaxShown = 256;

    public static Violation Required(string field, string? why = null) =>
        new(field, "FieldValueRequired", why is null ? "Required value" : $"Required value: {why}");

    public static Violation Invalid(string field, object value, string mustBe) => new(field, "FieldValueInvalid", $"Invalid value: \"{Shown(value)}\": {mustBe}");

    public static Violation Forbidden(string field, string why) => new(field, "FieldValueForbidden", $"Forbidden: {why}");

    /// <param name="why">What the list rests on, where that is not plain.</param>
    public static Violation NotSupported(string field, object value, IEnumerable<object> supported, string? why = null) =>
        new(field, "FieldValueNotSupported",
            $"Unsupported value: \"{Shown(value)}\": supported values: {string.Join(", ", supported.Select(each => $"\"{each}\""))}{(why is null ? "" : $": {why}")}");

    public static Violation Duplicate(string field, object value) => new(field, "FieldValueDuplicate", $"Duplicate value: \"{Shown(value)}\"");

    public static Violation TooMany(string field, int count, int most) => new(field, "FieldValueTooMany", $"Too many: {count}: must have at most {most} items");

    /// <summary>What a stranger wrote, fit for logs and terminals: no control characters, and not all of a long text.</summary>
    private static string Shown(object value)
    {
        var text = Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "";
        var printable = string.Concat(text.Take(MaxShown).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));
        return text.Length > MaxShown ? printable + "…" : printable;
    }
}
