using System.Buffers;

namespace CertFunctions.Core.Validation;

/// <summary>Keys of ConfigMaps and secrets, which become file names (Kubernetes' own rule).</summary>
public static class FileNames
{
    private const int MaxLength = 253;
    private const string Rule = "must be 1 to 253 letters, digits, '-', '_' or '.', and neither '.' nor '..'";

    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    public static IEnumerable<Violation> Check(string field, string key) =>
        key.Length == 0 ? [Violation.Required(field)] : IsFileName(key) ? [] : [Violation.Invalid(field, key, Rule)];

    public static bool IsFileName(string key) => key.Length is > 0 and <= MaxLength && !key.AsSpan().ContainsAnyExcept(Letters) && key is not ("." or "..");
}
