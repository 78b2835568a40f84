using System.Text.Json;
using CertFunctions.LocalVault.Hosting;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.LocalVault.Faults;

/// <summary>The faults that requests are to meet, first come first served. There is none unless <see cref="LocalVaultOptions.Faults"/> says so.</summary>
/// <remarks>Over HTTP: <c>POST /faults</c> adds one, <c>DELETE /faults</c> removes all; with any token. They live in the process asked.</remarks>
public sealed class VaultFaults
{
    internal const string HookPath = "/faults";
    private readonly Lock _lock = new();
    private readonly List<VaultFault> _planned = [];

    public void Add(VaultFault fault)
    {
        if (fault.Status is not (0 or 429 or (>= 500 and <= 599))) { throw new ArgumentException("The status of a fault is 0, 429 or 5xx.", nameof(fault)); }
        lock (_lock) { _planned.Add(fault); }
    }

    public void Clear()
    {
        lock (_lock) { _planned.Clear(); }
    }

    internal VaultFault? Take(string method, string path)
    {
        lock (_lock)
        {
            var at = _planned.FindIndex(fault => fault.Fits(method, path));
            if (at < 0) { return null; }

            var fault = _planned[at];
            if (fault.Times is > 1 and var times) { _planned[at] = fault with { Times = times - 1 }; }
            else { _planned.RemoveAt(at); }
            return fault;
        }
    }

    internal async Task AnswerHookAsync(HttpContext context)
    {
        switch (context.Request.Method)
        {
            case "POST":
                var fault = await JsonSerializer.DeserializeAsync(context.Request.Body, WireJson.Default.VaultFault, context.RequestAborted) ?? throw new JsonException();
                try { Add(fault); }
                catch (ArgumentException e) { throw VaultException.BadParameter(e.Message); }
                break;
            case "DELETE":
                Clear();
                break;
            default:
                throw VaultException.MethodNotAllowed(["POST", "DELETE"]);
        }

        context.Response.StatusCode = 204;
    }

    /// <summary>Answers with the fault, after running <paramref name="operation"/> unheard if it is to have its effect.</summary>
    internal static async Task MeetAsync(HttpContext context, VaultFault fault, Func<Task> operation)
    {
        if (fault.AfterEffect)
        {
            var answer = context.Response.Body;
            context.Response.Body = Stream.Null;
            try { await operation(); }
            finally { context.Response.Body = answer; }
            context.Response.Clear();
        }

        if (fault.Status == 0)
        {
            context.Abort();
            return;
        }

        if (fault.RetryAfterSeconds is { } seconds) { context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture); }
        await Call.RefuseAsync(context, fault.Status == 429
            ? VaultException.Throttled()
            : new VaultException(fault.Status, fault.Status == 503 ? "ServiceUnavailable" : "InternalServerError", "A fault was asked for."));
    }
}
