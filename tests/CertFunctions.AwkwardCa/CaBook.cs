using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace CertFunctions.AwkwardCa;

/// <summary>What the CA remembers, and what a test may make it forget.</summary>
public sealed class CaBook(TimeProvider time)
{
    private readonly ConcurrentQueue<ValidationRecord> _validations = new();
    private int _ids = 1000;
    private int _effectiveFinalizes;

    internal Lock Gate { get; } = new();

    internal ConcurrentDictionary<string, CaAccount> AccountsById { get; } = new(StringComparer.Ordinal);

    internal ConcurrentDictionary<string, CaOrder> OrdersById { get; } = new(StringComparer.Ordinal);

    internal ConcurrentDictionary<string, CaAuthorization> AuthorizationsById { get; } = new(StringComparer.Ordinal);

    internal ConcurrentDictionary<string, IssuedCertificate> CertificatesBySerial { get; } = new(StringComparer.Ordinal);

    /// <summary>MAC keys for new accounts by key id (§7.3.4); one is taken away by its first use.</summary>
    public ConcurrentDictionary<string, byte[]> ExternalAccounts { get; } = new(StringComparer.Ordinal);

    public IReadOnlyCollection<CaAccount> Accounts => [.. AccountsById.Values];

    /// <summary>All orders ever made and not forgotten, oldest first; one handed out twice counts once.</summary>
    public IReadOnlyList<CaOrder> Orders => [.. OrdersById.Values.OrderBy(order => order.Id, StringComparer.Ordinal)];

    public IReadOnlyList<CaAuthorization> Authorizations => [.. AuthorizationsById.Values.OrderBy(each => each.Id, StringComparer.Ordinal)];

    public IReadOnlyList<IssuedCertificate> Certificates => [.. CertificatesBySerial.Values.OrderBy(each => each.NotBefore)];

    public IReadOnlyList<ValidationRecord> Validations => [.. _validations];

    /// <summary>Finalize calls that started an issuance.</summary>
    public int EffectiveFinalizes => Volatile.Read(ref _effectiveFinalizes);

    internal DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Row 20: accounts, orders and authorizations are gone; the CA's own keys and what it issued are not.</summary>
    public void ForgetAccounts()
    {
        AccountsById.Clear();
        ForgetOrders();
    }

    /// <summary>Row 16: orders and authorizations are 404.</summary>
    public void ForgetOrders()
    {
        OrdersById.Clear();
        AuthorizationsById.Clear();
    }

    /// <summary>Row 16: open orders run out.</summary>
    public void ExpireOrders()
    {
        foreach (var order in OrdersById.Values.Where(order => order.Status(Now) is "pending" or "ready")) { order.Expires = Now; }
    }

    /// <summary>Row 16: authorizations run out, and orders that lean on them with them.</summary>
    /// <param name="name">Null: all.</param>
    public void ExpireAuthorizations(string? name = null)
    {
        foreach (var each in AuthorizationsById.Values.Where(each => name is null || each.Identifier.Value == name)) { each.Expires = Now; }
    }

    internal string NewId() => $"{Interlocked.Increment(ref _ids)}";

    internal static string NewToken() => Base64Url(RandomNumberGenerator.GetBytes(32));

    internal static string Base64Url(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    internal void CountFinalize() => Interlocked.Increment(ref _effectiveFinalizes);

    internal void Record(ValidationRecord record) => _validations.Enqueue(record);
}
