using System.Net;
using CertFunctions.LocalRuntime.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CertFunctions.LocalRuntime.Tests.Hosting;

public sealed class HttpFunctionsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/apis/cert-manager.io/v1", HttpStatusCode.OK, "get cert-manager.io/v1")]
    [InlineData("GET", "/apis", HttpStatusCode.OK, "get ")]
    [InlineData("PUT", "/apis/x", HttpStatusCode.OK, "put x scoped")]
    [InlineData("GET", "/ca/shop/web/ca.crt", HttpStatusCode.OK, "shop/web")]
    [InlineData("POST", "/apis/x", HttpStatusCode.MethodNotAllowed, "")]
    [InlineData("GET", "/nowhere", HttpStatusCode.NotFound, "")]
    public async Task Routes_by_method_and_template(string method, string path, HttpStatusCode status, string body)
    {
        await using var host = await TestHost.StartAsync([typeof(Api)], b => b.Services.AddScoped<Scoped>());

        using var answer = await host.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), Cancel);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(body, await answer.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Uses_the_prefix_of_host_json()
    {
        var folder = TestHost.NewFolder();
        File.WriteAllText(Path.Combine(folder, "host.json"), """{ "extensions": { "http": { "routePrefix": "v9" } } }""");
        await using var host = await TestHost.StartAsync([typeof(Api)], folder: folder);

        Assert.Equal("shop/web", await host.Http.GetStringAsync("/v9/ca/shop/web/ca.crt", Cancel));
    }

    [Fact]
    public void Refuses_overlapping_templates_and_names_both()
    {
        var builder = TestHost.NewBuilder([typeof(Api), typeof(Overlapping)], TestHost.NewFolder());

        var refused = Assert.Throws<HostStartException>(() => builder.Build());

        Assert.Contains("GetResource ('/apis/{*path}') and GetVersion ('/apis/{version}')", refused.Message, StringComparison.Ordinal);
        Assert.Contains("azure-functions-host#9876", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_function_name_used_twice()
    {
        var builder = TestHost.NewBuilder([typeof(Api), typeof(SameName)], TestHost.NewFolder());

        Assert.Contains("getresource", Assert.Throws<HostStartException>(() => builder.Build()).Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_function_that_throws_answers_500_without_a_word()
    {
        await using var host = await TestHost.StartAsync([typeof(Failing)]);

        using var answer = await host.Http.GetAsync("/fails", Cancel);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Middleware_runs_in_order_and_may_answer_instead()
    {
        await using var host = await TestHost.StartAsync([typeof(Api)], b =>
        {
            b.UseMiddleware<Stamp>();
            b.UseMiddleware<Deny>();
        });

        using var denied = await host.Http.GetAsync("/apis/x", Cancel);
        using var passed = await host.Http.GetAsync("/ca/shop/web/ca.crt", Cancel);

        Assert.Equal(HttpStatusCode.Unauthorized, denied.StatusCode);
        Assert.Equal("GetResource:httpTrigger", denied.Headers.GetValues("X-Stamp").Single());
        Assert.Equal(HttpStatusCode.OK, passed.StatusCode);
    }

    [Theory]
    [InlineData("localhost:1", null, HttpStatusCode.OK)]
    [InlineData("127.0.0.1", null, HttpStatusCode.OK)]
    [InlineData("[::1]:7071", null, HttpStatusCode.OK)]
    [InlineData("localhost:3000", "http://localhost:3000", HttpStatusCode.OK)]
    [InlineData("localhost:7071", "http://localhost:3000", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1:7071", "http://localhost:7071", HttpStatusCode.Forbidden)]
    [InlineData("attacker.example", null, HttpStatusCode.Forbidden)]
    [InlineData("localhost.attacker.example", null, HttpStatusCode.Forbidden)]
    [InlineData("localhost", "https://attacker.example", HttpStatusCode.Forbidden)]
    [InlineData("localhost", "null", HttpStatusCode.Forbidden)]
    public async Task While_open_only_loopback_names_are_served(string name, string? origin, HttpStatusCode expected)
    {
        await using var host = await TestHost.StartAsync([typeof(Api)]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/apis/x") { Headers = { Host = name } };
        if (origin is not null) { request.Headers.Add("Origin", origin); }

        using var answer = await host.Http.SendAsync(request, Cancel);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task With_a_closed_api_other_names_are_served()
    {
        await using var host = await TestHost.StartAsync([typeof(Api)], args: ["--Api:Open", "false"]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/apis/x") { Headers = { Host = "certs.example" } };

        using var answer = await host.Http.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    public sealed class Scoped;

    public sealed class Api(IServiceProvider services)
    {
        [Function("GetResource")]
        public static IResult Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "apis/{*path}")] HttpRequest request, string? path) =>
            Results.Text($"{request.Method.ToLowerInvariant()} {path}");

        [Function("PutResource")]
        public async Task<IResult> PutAsync(
            [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "apis/{*path}")] HttpRequest request, string path, FunctionContext context, CancellationToken cancellationToken)
        {
            await Task.Delay(1, cancellationToken);
            var same = services.GetService<Scoped>() == request.HttpContext.RequestServices.GetService<Scoped>()
                && context.GetHttpContext() == request.HttpContext;
            return Results.Text($"put {path} {(same ? "scoped" : "foreign")}");
        }

        [Function("GetCa")]
        public static Task<IResult> Ca(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "ca/{ns}/{secretName}/ca.crt")] HttpRequest request, string ns, string secretName) =>
            Task.FromResult(Results.Text($"{ns}/{secretName}"));
    }

    public sealed class Overlapping
    {
        [Function("GetVersion")]
        public static IResult Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", "patch", Route = "apis/{version}")] HttpRequest request) => Results.Ok();
    }

    public sealed class SameName
    {
        [Function("getResource")]
        public static IResult Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "other")] HttpRequest request) => Results.Ok();
    }

    public sealed class Failing
    {
        [Function("Fail")]
        public static IResult Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "fails")] HttpRequest request) =>
            throw new InvalidOperationException("The caller must not see this.");
    }

    public sealed class Stamp : IFunctionsWorkerMiddleware
    {
        public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            context.GetHttpContext()!.Response.Headers["X-Stamp"] = $"{context.FunctionDefinition.Name}:{context.FunctionDefinition.InputBindings.Values.Single().Type}";
            return next(context);
        }
    }

    public sealed class Deny : IFunctionsWorkerMiddleware
    {
        public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            if (context.FunctionDefinition.Name == "GetCa") { return next(context); }

            context.GetInvocationResult().Value = Results.Unauthorized();
            return Task.CompletedTask;
        }
    }
}
