using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CertFunctions.LocalRuntime.Hosting.Apply;

/// <summary>One document of a manifest file: what names it, and its text as it is sent.</summary>
internal sealed partial record Manifest(string Source, string Text, string ApiVersion, string Kind, string Namespace, string Name)
{
    public static IEnumerable<Manifest> ReadAll(string source, string text) =>
        Separator().Split(text).Where(HasContent).Select(document => Read(source, document));

    private static bool HasContent(string document) =>
        document.Split('\n').Any(line => line.Trim() is { Length: > 0 } content && !content.StartsWith('#'));

    private static Manifest Read(string source, string document)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(document));
        }
        catch (YamlException broken)
        {
            throw new HostStartException($"{source} is not YAML: {broken.Message}");
        }

        var root = yaml.Documents is [var first, ..] ? first.RootNode as YamlMappingNode : null;
        var metadata = root is null ? null : Child(root, "metadata") as YamlMappingNode;
        return new Manifest(source, document, Text(root, "apiVersion"), Text(root, "kind"), Text(metadata, "namespace", "default"), Text(metadata, "name"));

        string Text(YamlMappingNode? node, string key, string? absent = null) =>
            (node is null ? null : Child(node, key) as YamlScalarNode)?.Value ?? absent
                ?? throw new HostStartException($"{source}: a document has no {(ReferenceEquals(node, metadata) ? "metadata." : "")}{key}.");
    }

    private static YamlNode? Child(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

    [GeneratedRegex(@"^---[^\S\n]*(?:#.*)?$", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Separator();
}
