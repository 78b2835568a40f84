using CertFunctions.App.Api;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.Acme.Orders;

/// <summary>Order, as the resource API shows it: nobody writes one from outside (GHSA-8rvj).</summary>
public static class OrderKind
{
    public static ResourceKind<Order> Kind { get; } = new()
    {
        Group = "acme.cert-manager.io",
        Plural = "orders",
        Singular = "order",
        Kind = "Order",
        ShortNames = [],
        IsNamespaced = true,
        IsReadOnly = true,
        Columns = [new("State", "state"), new("Issuer", "issuer", Priority: 1), new("Reason", "reason", Priority: 1)],
        Orchestrator = "ReconcileOrder",
        InstancePrefix = "order",
        Json = ResourceJson.Default.Order,
        Rules = _ => [],
        Spec = resource => resource.Spec,
        Prepare = (resource, _) => resource,
        Index = order => ValueMap.From([new("state", order.Status?.State ?? ""), new("issuer", order.Spec.IssuerRef.Name), new("reason", order.Status?.Reason ?? "")]),
        IndexEntries = _ => [],
    };

    /// <summary>The name of a request's order: one request, one order resource, however often the CA is asked.</summary>
    public static ResourceName NameFor(CertificateRequest request) =>
        new(request.Metadata.Namespace, OrderNaming.Name(request.Metadata.Name, request.Metadata.Uid!));
}

/// <summary>Names as cert-manager makes them: what it is for, cut, and a number (semantics §6.1).</summary>
public static class OrderNaming
{
    private const int LongestPrefix = 52;

    public static string Name(string prefix, string unique)
    {
        var cut = (prefix.Length > LongestPrefix ? prefix[..LongestPrefix] : prefix).TrimEnd('-', '.');
        return $"{cut}-{Fnv(unique)}";
    }

    /// <summary>FNV-1, 32 bits.</summary>
    private static uint Fnv(string text) => System.Text.Encoding.UTF8.GetBytes(text).Aggregate(2166136261u, (hash, octet) => unchecked(hash * 16777619u) ^ octet);
}
