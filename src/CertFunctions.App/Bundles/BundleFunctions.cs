using CertFunctions.App.Bundles.Publishing;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace CertFunctions.App.Bundles;

/// <summary>Published bundles for anybody to read. In Azure they are fetched from their storage account; this is for laptops, and points there otherwise.</summary>
public sealed class BundleFunctions(IBundleStore published, IOptions<CaBundlesOptions> options)
{
    [Function("GetCaBundle")]
    public async Task<IResult> GetCaBundleAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "ca-bundles/{*path}")] HttpRequest request, string? path, CancellationToken cancellationToken)
    {
        if (!IsFile(path)) { return Results.NotFound(); }
        if (Uri.IsWellFormedUriString(published.Location, UriKind.Absolute)) { return Results.Redirect($"{published.Location}/{path}"); }
        if (await published.FindAsync(path!, cancellationToken) is not { } file || await published.ReadAsync(path!, cancellationToken) is not { } content) { return Results.NotFound(); }

        request.HttpContext.Response.Headers.CacheControl = PublishedNames.CacheControl(path!, options.Value.MaxAge);
        return Results.Bytes(content.ToArray(), PublishedNames.ContentType(path!), lastModified: file.Modified.InWholeSeconds(), entityTag: new EntityTagHeaderValue($"\"{file.ETag}\""));
    }

    /// <summary>Only names that can be published: nothing else is looked up, or put into a redirection.</summary>
    private static bool IsFile(string? path) => path?.Split('/') switch
    {
        [var bundle, var file] => MetadataRules.IsSubdomain(bundle) && BundleFiles.All.Contains(file),
        [var bundle, "versions", var version] => MetadataRules.IsSubdomain(bundle) && version.EndsWith(".pem", StringComparison.Ordinal) && version[..^4].All(char.IsAsciiHexDigitLower),
        _ => false,
    };
}
