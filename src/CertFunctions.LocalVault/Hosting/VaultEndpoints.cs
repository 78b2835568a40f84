using System.Text.Json;
using CertFunctions.LocalVault.Faults;
using CertFunctions.LocalVault.Identity;
using CertFunctions.LocalVault.Storage;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.LocalVault.Hosting;

/// <summary>One vault's answers. In this order: who asks, in which version of the API, for what, may they, and only then is a body read.</summary>
internal sealed class VaultEndpoints(string vault, Routes routes, SoftDelete deletion, TokenIssuer tokens, Identities identities, ManagedIdentity? managedIdentity)
{
    /// <summary>Null unless faults are switched on.</summary>
    public VaultFaults? Faults { get; init; }

    public Throttle? Throttle { get; init; }

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await AnswerAsync(context);
        }
        catch (VaultException e)
        {
            if (e.Allowed.Count > 0) { context.Response.Headers.Allow = string.Join(", ", e.Allowed); }
            await Call.RefuseAsync(context, e);
        }
        catch (JsonException)
        {
            await Call.RefuseAsync(context, VaultException.BadParameter("The request body is not valid JSON, or a member has the wrong type."));
        }
        catch (Exception e) when (e is not (BadHttpRequestException or OperationCanceledException) && !context.Response.HasStarted)
        {
            // A defect. Its text could hold what was sent, its place cannot.
            await Console.Error.WriteLineAsync($"{e.GetType()}\n{e.StackTrace}");
            await Call.RefuseAsync(context, new VaultException(500, "InternalServerError", $"The local vault failed: {e.GetType().Name}."));
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await Call.RefuseAsync(context, new VaultException(e.StatusCode, e.StatusCode == 413 ? "RequestEntityTooLarge" : "BadRequest", e.Message));
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (managedIdentity is not null && HttpMethods.IsGet(request.Method) && request.Path == ManagedIdentity.Path)
        {
            await Call.AnswerAsync(context, managedIdentity.Answer(request), WireJson.Default.TokenBody);
            return;
        }

        if (tokens.HolderOf(request.Headers.Authorization) is not { } holder)
        {
            context.Response.Headers.WWWAuthenticate = TokenIssuer.Challenge;
            throw new VaultException(401, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token.");
        }

        if (Faults is not null && request.Path == VaultFaults.HookPath)
        {
            await Faults.AnswerHookAsync(context);
            return;
        }

        ApiVersions.Check(request.Query);
        var (operation, name, version) = routes.Match(request.Method, request.Path.Value!);
        if (name.Length > 0) { Rules.CheckName(name); }
        var call = new Call(context, name, version, new View(request.Host.Value!, deletion.RecoveryLevel, deletion.RetentionDays));

        if (Faults?.Take(request.Method, request.Path.Value!) is { } fault)
        {
            await VaultFaults.MeetAsync(context, fault, () => RunAsync(call, operation, holder));
        }
        else
        {
            await RunAsync(call, operation, holder);
        }
    }

    private Task RunAsync(Call call, Operation operation, string holder)
    {
        if (identities.Find(holder)?.May(operation.Action, vault, call.Name) is not true)
        {
            throw VaultException.ForbiddenByRbac(holder, TokenIssuer.Issuer, operation.Action, vault, operation.Action.Split('/')[0], call.Name);
        }

        Throttle?.Count(operation.Action, call.Context.Response);
        return operation.Run(call);
    }
}
