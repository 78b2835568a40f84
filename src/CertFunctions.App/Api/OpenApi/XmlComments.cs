using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace CertFunctions.App.Api.OpenApi;

/// <summary>The <c>&lt;summary&gt;</c> comments of an assembly, from the XML file that the compiler puts beside it: the one text for readers of the code and of the API.</summary>
public sealed partial class XmlComments
{
    private readonly Dictionary<string, string> _summaries;

    private XmlComments(Dictionary<string, string> summaries) => _summaries = summaries;

    /// <summary>Empty when there is no such file: an API without descriptions still works.</summary>
    public static XmlComments Beside(Assembly assembly)
    {
        var path = Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml");
        if (!File.Exists(path)) { return new([]); }

        var members = XDocument.Load(path).Descendants("member");
        return new(members
            .Where(member => member.Element("summary") is not null)
            .ToDictionary(member => (string)member.Attribute("name")!, member => Plain(member.Element("summary")!), StringComparer.Ordinal));
    }

    /// <summary>What a member is for; without a comment of its own, what its type is for. Empty when nobody said.</summary>
    public string Of(MemberInfo member, Type type) =>
        _summaries.GetValueOrDefault($"P:{member.DeclaringType!.FullName!.Replace('+', '.')}.{member.Name}") ?? Of(type);

    public string Of(Type type) => _summaries.GetValueOrDefault($"T:{type.FullName!.Replace('+', '.')}") ?? "";

    /// <summary>References become the names they refer to, as JSON spells them.</summary>
    private static string Plain(XElement summary)
    {
        var text = string.Concat(summary.Nodes().Select(node => node switch
        {
            XElement { Name.LocalName: "see" or "paramref" } reference => Name((string?)(reference.Attribute("cref") ?? reference.Attribute("name")) ?? ""),
            XElement element => element.Value,
            _ => node.ToString(),
        }));
        return Spaces.Replace(System.Net.WebUtility.HtmlDecode(text), " ").Trim();
    }

    private static string Name(string reference)
    {
        var last = reference.Split('.')[^1];
        return reference.StartsWith("P:", StringComparison.Ordinal) ? char.ToLowerInvariant(last[0]) + last[1..] : last;
    }

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spaces { get; }
}
