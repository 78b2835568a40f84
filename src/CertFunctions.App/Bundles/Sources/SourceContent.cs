using CertFunctions.Core.Pki.Trust;

namespace CertFunctions.App.Bundles.Sources;

/// <summary>What one source of a Bundle holds now: every certificate, whether it may be published or not; or why it cannot be told.</summary>
/// <param name="Problem">Begins with the source, so that people find it: <c>configMap team-roots/ca.crt: …</c></param>
/// <param name="DefaultCAVersion">Only of the public roots.</param>
public sealed record SourceContent(IReadOnlyList<CaCertificate> Certificates, string? Problem = null, string? DefaultCAVersion = null)
{
    /// <summary>What it says is missing: the condition's reason is <c>SourceNotFound</c>, not <c>SourceBuildError</c> (semantics §8.3).</summary>
    public bool IsMissing { get; init; }

    public static SourceContent Nothing { get; } = new([]);

    public static SourceContent Failed(string source, string problem) => new([], $"{source}: {problem}");

    public static SourceContent NotFound(string source, string problem) => Failed(source, problem) with { IsMissing = true };
}
