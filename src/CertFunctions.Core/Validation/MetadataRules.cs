using System.Buffers;
using System.Text;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Validation;

/// <summary>The rules for names, labels and annotations, the same for every kind (Kubernetes' own).</summary>
public static class MetadataRules
{
    private const int MaxAnnotationBytes = 256 * 1024;
    private const int MaxPart = 63;
    private const int MaxSubdomain = 253;

    private const string SubdomainRule =
        "must consist of lower case letters, digits, '-' and '.', start and end with a letter or digit, and have at most 253 characters (RFC 1123 subdomain)";

    internal const string LabelRule =
        "must consist of lower case letters, digits and '-', start and end with a letter or digit, and have at most 63 characters (RFC 1123 label)";

    private static readonly SearchValues<char> LowerLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    private static readonly SearchValues<char> NameLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>Everything wrong with a resource's metadata. The kinds' own rules do not repeat it.</summary>
    /// <param name="isNamespaced">False for cluster-scoped kinds, which must not name a namespace.</param>
    public static IEnumerable<Violation> Check(ObjectMeta metadata, bool isNamespaced) =>
    [
        .. Name("metadata.name", metadata.Name),
        .. Namespace(metadata.Namespace, isNamespaced),
        .. Labels("metadata.labels", metadata.Labels ?? ValueMap.Empty),
        .. AnnotationKeys("metadata.annotations", metadata.Annotations ?? ValueMap.Empty),
    ];

    /// <summary>A required RFC 1123 subdomain, as for <c>metadata.name</c> and <c>spec.secretName</c>.</summary>
    public static IEnumerable<Violation> Name(string field, string? name)
    {
        if (string.IsNullOrEmpty(name)) { return [Violation.Required(field)]; }

        return IsSubdomain(name) ? [] : [Violation.Invalid(field, name, SubdomainRule)];
    }

    public static bool IsLabel(string text) =>
        text.Length is > 0 and <= MaxPart && !text.AsSpan().ContainsAnyExcept(LowerLetters) && text[0] != '-' && text[^1] != '-';

    /// <summary>Its labels may be longer than 63 characters, as in Kubernetes.</summary>
    public static bool IsSubdomain(string text) =>
        text.Length is > 0 and <= MaxSubdomain
        && text.Split('.').All(part => part.Length > 0 && !part.AsSpan().ContainsAnyExcept(LowerLetters) && part[0] != '-' && part[^1] != '-');

    private static IEnumerable<Violation> Namespace(string? name, bool isNamespaced) => (isNamespaced, name) switch
    {
        (false, null or "") => [],
        (false, _) => [Violation.Forbidden("metadata.namespace", "this kind belongs to no namespace")],
        (true, null or "") => [Violation.Required("metadata.namespace")],
        (true, { } given) => IsLabel(given) ? [] : [Violation.Invalid("metadata.namespace", given, LabelRule)],
    };

    internal static IEnumerable<Violation> Labels(string field, ValueMap labels)
    {
        foreach (var (key, value) in labels)
        {
            if (!IsQualifiedName(key)) { yield return BadKey(field, key); }
            if (value.Length > 0 && !IsNamePart(value))
            {
                yield return Violation.Invalid(
                    field, value, $"must be empty or 1 to {MaxPart} letters, digits, '-', '_' or '.', starting and ending with a letter or digit");
            }
        }
    }

    internal static IEnumerable<Violation> AnnotationKeys(string field, ValueMap annotations)
    {
        var bytes = 0L;
        foreach (var (key, value) in annotations)
        {
            bytes += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value);
            if (!IsQualifiedName(key.ToLowerInvariant())) { yield return BadKey(field, key); }
        }

        if (bytes > MaxAnnotationBytes)
        {
            yield return new Violation(field, "FieldValueTooLong", $"Too long: may not be more than {MaxAnnotationBytes} bytes in all");
        }
    }

    private static Violation BadKey(string field, string key) => Violation.Invalid(
        field, key, $"must be a name of 1 to {MaxPart} letters, digits, '-', '_' or '.', starting and ending with a letter or digit, optionally after a DNS subdomain and '/'");

    private static bool IsQualifiedName(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? IsNamePart(key) : IsSubdomain(key[..slash]) && IsNamePart(key[(slash + 1)..]);
    }

    private static bool IsNamePart(string text) =>
        text.Length is > 0 and <= MaxPart && !text.AsSpan().ContainsAnyExcept(NameLetters)
        && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]);
}
