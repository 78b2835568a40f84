using System.Security.Cryptography;
using CertFunctions.App.Bundles.Publishing;
using CertFunctions.Core.Pki.Trust;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Bundles.Sources;

/// <summary>The public roots that the machine's distribution installs and updates: what <c>useDefaultCAs</c> means.</summary>
public sealed class PublicRoots(IOptions<CaBundlesOptions> options)
{
    private const string Source = "useDefaultCAs";

    // Debian and its like, then Fedora and its like.
    private static readonly string[] Usual = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

    private (DateTime Written, long Length, SourceContent Content)? _read;

    /// <summary>The file is read anew when it has changed.</summary>
    public async Task<SourceContent> ReadAsync(CancellationToken cancellationToken)
    {
        if ((options.Value.PublicRootsFile ?? Usual.FirstOrDefault(File.Exists)) is not { } path || new FileInfo(path) is not { Exists: true } file)
        {
            return SourceContent.NotFound(Source, $"There is no file {options.Value.PublicRootsFile ?? string.Join(" nor ", Usual)} with public roots (package ca-certificates, setting CaBundles__PublicRootsFile).");
        }

        if (_read is var (written, length, content) && (written, length) == (file.LastWriteTimeUtc, file.Length)) { return content; }
        if (file.Length > TrustPem.MaxSourceBytes) { return SourceContent.Failed(Source, $"{path} has {file.Length} bytes; at most {TrustPem.MaxSourceBytes} are read."); }

        try { content = Read(path, await File.ReadAllBytesAsync(path, cancellationToken), file.LastWriteTimeUtc); }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException) { return SourceContent.Failed(Source, unreadable.Message); }

        _read = (file.LastWriteTimeUtc, file.Length, content);
        return content;
    }

    private static SourceContent Read(string path, byte[] pem, DateTime written)
    {
        var read = TrustPem.Read(pem);
        if (read.Problem is not null) { return SourceContent.Failed(Source, $"{path}: {read.Problem}"); }
        if (read.Certificates.Count == 0) { return SourceContent.NotFound(Source, $"{path} holds no certificate."); }

        var digest = Convert.ToHexStringLower(SHA256.HashData(pem))[..16];
        return new SourceContent(read.Certificates, DefaultCAVersion: $"{Path.GetFileName(path)}-{written:yyyy-MM-dd}-{digest}");
    }
}
