using System.Collections.Concurrent;
using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Acme.Dns01.Arm;

/// <summary>One pipeline an identity, kept: it holds the token and the connections.</summary>
public sealed class ArmClients(IOptions<Dns01Options> options, TimeProvider time)
{
    // More identities than any fleet has; past it all start over, so that replaced client secrets do not pile up.
    private const int MostPipelines = 1000;

    private readonly ConcurrentDictionary<(AzureCloud, AzureIdentity), ArmClient> _clients = new();

    internal ArmClient For(AzureCloud cloud, AzureIdentity identity, Core.Ports.SecretText? secret)
    {
        if (_clients.Count >= MostPipelines) { _clients.Clear(); }

        return _clients.GetOrAdd((cloud, identity), static (key, state) => state.self.Create(key.Item1, key.Item2, state.secret), (secret, self: this));
    }

    private ArmClient Create(AzureCloud cloud, AzureIdentity identity, Core.Ports.SecretText? secret)
    {
        var standIn = options.Value.ArmEndpoint;

        // A stand-in is told who would have come; it never sees a token.
        HttpPipelinePolicy authentication = standIn is null
            ? new BearerTokenAuthenticationPolicy(identity.Credential(cloud, secret), cloud.Scope)
            : new NamedCaller(identity.Describe());
        return new ArmClient(standIn ?? cloud.Arm, HttpPipelineBuilder.Build(new ArmOptions(), authentication), time);
    }

    /// <summary>No retries of its own: who waits, and how long, is decided above.</summary>
    private sealed class ArmOptions : ClientOptions
    {
        public ArmOptions()
        {
            Retry.MaxRetries = 0;
            Retry.NetworkTimeout = TimeSpan.FromSeconds(30);
            Diagnostics.IsLoggingContentEnabled = false;
            Diagnostics.ApplicationId = "CertFunctions";
        }
    }

    private sealed class NamedCaller(string name) : HttpPipelineSynchronousPolicy
    {
        public override void OnSendingRequest(HttpMessage message) => message.Request.Headers.SetValue("Authorization", $"Test {name}");
    }
}
