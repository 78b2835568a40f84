using System.Reflection;
using System.Text.RegularExpressions;

namespace CertFunctions.LocalRuntime.Tests.Vault;

/// <summary>Keeps the table of rules in LocalVault's README true: every rule has tests, every test it names exists, and none is left out.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string[] Sources = ["R", "S", "A", "O"];

    [Fact]
    public void Every_test_that_the_README_names_exists() => Assert.Empty(Named().Except(Existing()));

    [Fact]
    public void Every_test_of_the_vault_is_named_by_a_rule() => Assert.Empty(Existing().Except(Named()));

    [Fact]
    public void Every_rule_has_a_source_and_a_test() => Assert.All(Rules(), row =>
    {
        Assert.True(row.Source.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Intersect(Sources).Any(), $"No source: {row.Rule}");
        Assert.True(TestName().IsMatch(row.Tests), $"No test: {row.Rule}");
    });

    private static IEnumerable<string> Named() => Rules().SelectMany(row => TestName().Matches(row.Tests)).Select(match => match.Value.Trim('`'));

    private static HashSet<string> Existing() => typeof(ReadmeTests).Assembly.GetTypes()
        .Where(type => type.Namespace == typeof(ReadmeTests).Namespace && type != typeof(ReadmeTests))
        .SelectMany(type => type.GetMethods().Where(method => method.GetCustomAttributes<FactAttribute>().Any()).Select(method => method.Name))
        .ToHashSet();

    private static List<(string Rule, string Source, string Tests)> Rules()
    {
        var rows = File.ReadLines(ReadmePath()).SkipWhile(line => line != "| rule | source | test |").Skip(2).TakeWhile(line => line.StartsWith('|')).ToList();
        Assert.True(rows.Count > 20, "The table of rules was not found.");
        return rows.ConvertAll(line => line.Trim('|').Split('|') is [var rule, var source, var tests] ? (rule.Trim(), source, tests) : throw new InvalidDataException(line));
    }

    private static string ReadmePath()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "CertFunctions.sln"))) { folder = folder.Parent!; }
        return Path.Combine(folder.FullName, "src", "CertFunctions.LocalVault", "README.md");
    }

    [GeneratedRegex("`[A-Z][A-Za-z0-9]*_[A-Za-z0-9_]*`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TestName();
}
