using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertFunctions.Core.Acme;
using CertFunctions.Core.Resources;

namespace CertFunctions.Servers.Tests.Acme;

/// <summary>The shortest way from a name to a chain, by the client alone.</summary>
internal sealed class Issuance(AcmeClient client, AccountKey key) : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ECDsa CertificateKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static T Value<T>(AcmeAnswer<T> answer)
        where T : class
    {
        Assert.True(answer.Problem is null, answer.Problem?.Describe());
        return answer.Value!;
    }

    public async Task<AcmeIdentity> RegisterAsync() => new(key, Value(await client.NewAccountAsync(key, ["mailto:a@b.test"], binding: null, Cancel)).Url);

    public async Task<AcmeChain> IssueAsync(AcmeIdentity identity, Http01Server answers, params string[] names)
    {
        var order = Value(await client.NewOrderAsync(identity, new AcmeNewOrder(names.Select(AcmeIdentifier.Dns).ToValueList()), Cancel));
        foreach (var url in order.Authorizations) { await ProveAsync(identity, answers, new Uri(url)); }

        var ready = await OrderAsync(identity, order.Url, status => status != "pending");
        Assert.True(ready.Status == "ready", $"{ready.Status}: {ready.Error?.Describe()}");
        var finalized = Value(await client.FinalizeAsync(identity, order.Finalize, Csr(names), Cancel));
        Assert.Equal(order.Url, finalized.Url);

        var valid = await OrderAsync(identity, order.Url, status => status != "processing");
        Assert.True(valid.Status == "valid", $"{valid.Status}: {valid.Error?.Describe()}");
        return Value(await client.DownloadAsync(identity, valid.Certificate!, Cancel));
    }

    public async Task<AcmeOrder> OrderAsync(AcmeIdentity identity, Uri url, Predicate<string> until)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            var answer = await client.GetOrderAsync(identity, url, Cancel);
            var order = Value(answer);
            if (until(order.Status) || clock.Elapsed > Longest) { return order; }

            await Task.Delay(50, Cancel);
        }
    }

    public byte[] Csr(params string[] names)
    {
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("", CertificateKey, HashAlgorithmName.SHA256);
        var alternative = new SubjectAlternativeNameBuilder();
        foreach (var name in names) { alternative.AddDnsName(name); }
        request.CertificateExtensions.Add(alternative.Build());
        return request.CreateSigningRequest();
    }

    public void Dispose() => CertificateKey.Dispose();

    private async Task ProveAsync(AcmeIdentity identity, Http01Server answers, Uri url)
    {
        var authorization = Value(await client.GetAuthorizationAsync(identity, url, Cancel));
        if (authorization.Status == "valid") { return; }

        var challenge = authorization.Challenges.Single(each => each.Type == "http-01");
        answers.Answers[challenge.Token] = key.KeyAuthorization(challenge.Token);
        Value(await client.AcceptChallengeAsync(identity, challenge.Url, Cancel));
    }
}
