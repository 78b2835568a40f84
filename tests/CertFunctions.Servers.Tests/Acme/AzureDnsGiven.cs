using CertFunctions.App.Acme.Dns01;
using CertFunctions.Core.Resources;
using Microsoft.AspNetCore.Http;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>Where the tests of Azure DNS start: a solver, the feature over the stand-in, and the stand-in's knobs.</summary>
internal static class AzureDnsGiven
{
    public static AzureDns Spec { get; } = new() { SubscriptionID = "sub", ResourceGroupName = "dns", ManagedIdentity = new() { ClientID = "id-of-the-app" } };

    public static DnsSolver Solver(AzureDns spec, bool allowsAmbient = false) => new(new Dns01Solver { AzureDNS = spec }, "ns", allowsAmbient);

    public static SolverRig Rig(string endpoint) => new(new Dictionary<string, string?> { ["Dns01:ArmEndpoint"] = endpoint });

    /// <summary>Knobs and records of the shared server, for one test; put back afterwards.</summary>
    internal sealed class Alone : IDisposable
    {
        private readonly FakeArm _arm;

        public Alone(FakeArm arm)
        {
            _arm = arm;
            arm.Requests.Clear();
            arm.Callers.Clear();
        }

        public Func<HttpRequest, (int, string?, int?)?> Fault { init => _arm.Fault = value; }

        public Action Rival { init => _arm.Rival = value; }

        public string NextLink { init => _arm.NextLink = value; }

        public void Dispose() => (_arm.Fault, _arm.Rival, _arm.NextLink) = (_ => null, null, null);
    }
}
