using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>Serves HTTP-triggered functions under their route templates.</summary>
internal static class HttpFunctions
{
    public static IReadOnlyList<HttpRoute> Map(IEndpointRouteBuilder endpoints, IReadOnlyList<FunctionEntry> functions, string prefix, FunctionInvoker invoker)
    {
        var routes = functions.Where(f => f.Trigger is HttpTriggerAttribute).Select(f => HttpRoute.Of(f, prefix)).ToList();
        RouteOverlap.Refuse(routes);
        foreach (var route in routes)
        {
            RequestDelegate serve = http => ServeAsync(http, route.Function, invoker);
            if (route.Methods.Count == 0) { endpoints.Map(route.Pattern, serve); }
            else { endpoints.MapMethods(route.Template, route.Methods, serve); }
        }

        return routes;
    }

    private static async Task ServeAsync(HttpContext http, FunctionEntry function, FunctionInvoker invoker)
    {
        await using var scope = http.RequestServices.CreateAsyncScope();
        http.RequestServices = scope.ServiceProvider;
        var values = new Dictionary<string, object?>(http.Request.RouteValues, StringComparer.OrdinalIgnoreCase);
        var invocation = new Invocation(function, scope.ServiceProvider, http.RequestAborted) { Http = http, Values = values };
        try
        {
            if (await invoker.InvokeAsync(invocation) is IResult result) { await result.ExecuteAsync(http); }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; nobody reads an answer.
        }
        catch (Exception failure)
        {
            var log = scope.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger("Function." + function.Name);
            log.LogError(failure, "Function {Function} failed", function.Name);
            if (http.Response.HasStarted) { http.Abort(); }
            else
            {
                http.Response.Clear();
                http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            }
        }
    }
}

/// <summary>Where one HTTP function answers. No methods means every method.</summary>
internal sealed record HttpRoute(FunctionEntry Function, string Template, RoutePattern Pattern, IReadOnlyList<string> Methods)
{
    public static HttpRoute Of(FunctionEntry function, string prefix)
    {
        var trigger = (HttpTriggerAttribute)function.Trigger;
        var own = trigger.Route ?? function.Name;
        if (own.StartsWith('/')) { throw new HostStartException($"The route of function {function.Name} must not start with '/': '{own}'."); }

        var template = string.Join('/', new[] { prefix.Trim('/'), own }.Where(part => part.Length > 0));
        return new HttpRoute(function, "/" + template, RoutePatternFactory.Parse(template), [.. (trigger.Methods ?? []).Select(m => m.ToUpperInvariant())]);
    }
}

/// <summary>
/// Refuses templates that can match the same request. The real host takes the first match by function name, not the best
/// template (azure-functions-host#9876): overlapping templates work here and fail in Azure.
/// </summary>
internal static class RouteOverlap
{
    public static void Refuse(IReadOnlyList<HttpRoute> routes)
    {
        for (var i = 0; i < routes.Count; i++)
        {
            for (var j = i + 1; j < routes.Count; j++)
            {
                var (one, other) = (routes[i], routes[j]);
                if (!ShareMethod(one, other) || !Overlap(one.Pattern.PathSegments, other.Pattern.PathSegments)) { continue; }

                throw new HostStartException(
                    $"Functions {one.Function.Name} ('{one.Template}') and {other.Function.Name} ('{other.Template}') can match the same request. "
                    + "The Functions host in Azure takes the first by name, not the best template (azure-functions-host#9876).");
            }
        }
    }

    private static bool ShareMethod(HttpRoute one, HttpRoute other) =>
        one.Methods.Count == 0 || other.Methods.Count == 0 || one.Methods.Intersect(other.Methods, StringComparer.Ordinal).Any();

    // Parameter constraints are ignored: the cautious answer.
    private static bool Overlap(IReadOnlyList<RoutePatternPathSegment> one, IReadOnlyList<RoutePatternPathSegment> other, int at = 0)
    {
        if (IsCatchAll(one, at) || IsCatchAll(other, at)) { return true; }
        if (at >= one.Count && at >= other.Count) { return true; }
        if (at >= one.Count) { return CanEnd(other, at); }
        if (at >= other.Count) { return CanEnd(one, at); }

        return Meet(one[at], other[at]) && Overlap(one, other, at + 1);
    }

    private static bool IsCatchAll(IReadOnlyList<RoutePatternPathSegment> pattern, int at) =>
        at < pattern.Count && pattern[at].Parts is [RoutePatternParameterPart { IsCatchAll: true }];

    private static bool CanEnd(IReadOnlyList<RoutePatternPathSegment> pattern, int at) =>
        pattern.Skip(at).All(s => s.Parts is [RoutePatternParameterPart { IsOptional: true } or RoutePatternParameterPart { IsCatchAll: true }]);

    private static bool Meet(RoutePatternPathSegment one, RoutePatternPathSegment other) =>
        one.Parts is not [RoutePatternLiteralPart a] || other.Parts is not [RoutePatternLiteralPart b]
            || string.Equals(a.Content, b.Content, StringComparison.OrdinalIgnoreCase);
}
