using System.Runtime.CompilerServices;

namespace CertFunctions.App.Tests.Infra;

/// <summary>Files of the repository that are no test's own: templates, documents, samples.</summary>
internal static class Repository
{
    private static string Root { get; } = Up(4);

    public static string PathOf(string file) => Path.Combine(Root, file);

    public static string Read(string file) => File.ReadAllText(PathOf(file));

    private static string Up(int levels, [CallerFilePath] string caller = "") => Enumerable.Range(0, levels).Aggregate(caller, (path, _) => Path.GetDirectoryName(path)!);
}
