using Microsoft.AspNetCore.Http;

namespace CertFunctions.App.Api;

/// <summary>An answer with <c>Warning: 299</c> headers, which kubectl prints.</summary>
public sealed class Warned(IResult answer, IReadOnlyList<string> warnings) : IResult
{
    private const int Most = 20;
    private const int Longest = 200;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        foreach (var warning in warnings.Take(Most)) { httpContext.Response.Headers.Append("Warning", $"299 - \"{Quotable(warning)}\""); }
        return answer.ExecuteAsync(httpContext);
    }

    /// <summary>A caller's words come back in it: nothing but printable ASCII may reach a header, and no quote.</summary>
    private static string Quotable(string text) => string.Concat(
        (text.Length > Longest ? text[..Longest] : text).Select(each => each is '"' or '\\' ? '\'' : each is >= ' ' and <= '~' ? each : '?'));
}
