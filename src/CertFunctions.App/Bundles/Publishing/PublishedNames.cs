namespace CertFunctions.App.Bundles.Publishing;

/// <summary>What published files are called and served as.</summary>
public static class PublishedNames
{
    /// <summary>The file that everybody reads.</summary>
    public const string Pem = "ca-bundle.pem";

    public const string Pkcs12 = "ca-bundle.p12";

    public const string Jks = "ca-bundle.jks";

    /// <summary>Everything that belongs to one Bundle starts with this.</summary>
    public static string Prefix(string bundle) => $"{bundle}/";

    /// <summary>The newest version of a file.</summary>
    public static string Current(string bundle, string file) => $"{bundle}/{file}";

    /// <summary>One version for good.</summary>
    /// <param name="sha256">Of the content, lower-case hex.</param>
    public static string Version(string bundle, string file, string sha256) => $"{bundle}/versions/{sha256}{Path.GetExtension(file)}";

    public static bool IsVersion(string name) => name.Contains("/versions/", StringComparison.Ordinal);

    public static string ContentType(string name) => Path.GetExtension(name) switch
    {
        ".p12" => "application/x-pkcs12",
        ".jks" => "application/x-java-keystore",
        _ => "application/x-pem-file",
    };

    public static string CacheControl(string name, TimeSpan maxAge) =>
        IsVersion(name) ? "public, max-age=31536000, immutable" : $"public, max-age={(long)maxAge.TotalSeconds}";
}
