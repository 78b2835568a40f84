namespace CertFunctions.Core.Validation;

/// <summary>One rule broken by one field, as a Kubernetes Status names its causes.</summary>
/// <param name="Field">Path with indexes, e.g. <c>spec.ipAddresses[1]</c>.</param>
/// <param name="Reason"><c>FieldValueRequired</c>, <c>FieldValueInvalid</c>, <c>FieldValueForbidden</c> or <c>FieldValueNotSupported</c>.</param>
public sealed record Violation(string Field, string Reason, string Message)
{
    public static Violation Required(string field, string? why = null) =>
        new(field, "FieldValueRequired", why is null ? "Required value" : $"Required value: {why}");

    public static Violation Invalid(string field, object value, string mustBe) => new(field, "FieldValueInvalid", $"Invalid value: \"{value}\": {mustBe}");

    public static Violation Forbidden(string field, string why) => new(field, "FieldValueForbidden", $"Forbidden: {why}");

    public static Violation NotSupported(string field, object value, IEnumerable<object> supported) =>
        new(field, "FieldValueNotSupported", $"Unsupported value: \"{value}\": supported values: {string.Join(", ", supported.Select(each => $"\"{each}\""))}");
}
