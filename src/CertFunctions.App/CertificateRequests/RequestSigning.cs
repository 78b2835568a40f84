using System.Collections.Frozen;
using System.Security.Cryptography;
using CertFunctions.App.Adapters.KeyVault;
using CertFunctions.App.Api;
using CertFunctions.App.Certificates;
using CertFunctions.App.Issuers;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.App.CertificateRequests;

/// <summary>What an issuer is asked to sign: read, checked and approved.</summary>
public sealed record SigningJob(CertificateRequest Request, CsrFacts Csr, IssuerView Issuer, SigningTerms Terms);

/// <summary>An issuer's answer. In process only: the chain goes into the request, not into history.</summary>
/// <param name="Chain">DER, leaf first; null unless <paramref name="State"/> is <c>Issued</c>.</param>
public sealed record SigningAnswer(string State, string? Reason, string? Message, TimeSpan? RetryAfter, IReadOnlyList<byte[]>? Chain, byte[]? Ca)
{
    /// <summary>What the requester should know about what was issued; each becomes a condition.</summary>
    public ValueList<SigningNote> Notes { get; init; } = [];

    public static SigningAnswer Issued(IReadOnlyList<byte[]> chain, byte[]? ca) => new(RequestPolicy.Issued, null, null, null, chain, ca);

    public static SigningAnswer Failed(string reason, string message) => new(RequestPolicy.Failed, reason, message, null, null, null);

    public static SigningAnswer Pending(string reason, string message, TimeSpan? retryAfter = null) => new(RequestPolicy.Pending, reason, message, retryAfter, null, null);
}

/// <summary>The port to whatever signs. One implementation an issuer type.</summary>
public interface IIssuer
{
    /// <summary>The member of the issuer's spec that it serves.</summary>
    string Type { get; }

    /// <summary>Must be safe to repeat. Refusals are returned, <see cref="SigningRefusedException"/> and <see cref="VaultException"/> may be thrown.</summary>
    Task<SigningAnswer> SignAsync(SigningJob job, CancellationToken cancellationToken);
}

/// <summary>Finds the issuer's hand, lets it sign, and checks what comes back before anybody relies on it.</summary>
public sealed class RequestSigning(
    IEnumerable<IIssuer> signers, IssuerStore issuers, ResourceStore store, IVault vault, VaultPlaces places, BlockedKeys blocked, IIds ids, TimeProvider time)
{
    private readonly FrozenDictionary<string, IIssuer> _signers = signers.ToFrozenDictionary(signer => signer.Type);

    public async Task<SigningAnswer> SignAsync(CertificateRequest request, CancellationToken cancellationToken)
    {
        if (await issuers.FindAsync(request.Spec.IssuerRef, request.Metadata.Namespace, cancellationToken) is not { IsReady: true, Type: { } type } issuer
            || !_signers.TryGetValue(type, out var signer))
        {
            return SigningAnswer.Pending("IssuerNotReady", $"Issuer {request.Spec.IssuerRef.Describe()} is not ready.");
        }

        if (SigningRequests.TryRead(request.Spec.Request, out var problem) is not { } csr) { return SigningAnswer.Failed("RequestParsingError", $"spec.request {problem}."); }

        if (await blocked.IsBlockedAsync(csr.KeyHash, cancellationToken)) { return SigningAnswer.Failed(BlockedKeys.Reason, BlockedKeys.Message); }

        try
        {
            var isCA = request.Spec.IsCA ?? false;
            var serial = IssuedLog.TrySerial(request.Metadata.Annotations?.Find(Annotations.SerialNumber)) ?? ids.NewSerialNumber();
            var terms = new SigningTerms(
                isCA, request.Spec.Usages, request.Spec.Duration ?? CertificateDefaults.Duration, time.GetUtcNow(), serial,
                isCA ? await FindSubjectKeyIdAsync(request, csr, cancellationToken) : null);
            var answer = await signer.SignAsync(new SigningJob(request, csr, issuer, terms), cancellationToken);
            if (answer.Chain is not { } chain) { return answer; }

            return ReturnedCertificate.Problem(chain, csr, isCA, terms.Now, UsageNames.Expand(request.Spec.Usages, isCA)) is { } wrong
                ? SigningAnswer.Failed("InvalidCertificate", wrong)
                : answer with { Notes = SigningNotes.Of(chain, answer.Ca, csr, terms) };
        }
        catch (SigningRefusedException refused) when (refused.Reason is "ErrInvalidKeyPair" or "CAExpired" or "CANotYetValid")
        {
            return SigningAnswer.Pending(refused.Reason, refused.Message);   // the issuer's fault: it may be mended
        }
        catch (SigningRefusedException refused)
        {
            return SigningAnswer.Failed(refused.Reason, refused.Message);
        }
        catch (VaultException refused)
        {
            return SigningAnswer.Pending("VaultUnavailable", $"The system vault did not answer ({refused.Code}).", refused.RetryAfter);
        }
        catch (CryptographicException)
        {
            return SigningAnswer.Pending("SecretInvalidData", "The signing key in the system vault cannot be read.");
        }
    }

    /// <summary>A CA renewed with its key keeps the octets by which its leaves name it.</summary>
    private async Task<byte[]?> FindSubjectKeyIdAsync(CertificateRequest request, CsrFacts csr, CancellationToken cancellationToken)
    {
        if (await store.FindOwnerAsync(request, cancellationToken) is not { } owner) { return null; }
        if (await vault.FindCertificateAsync(places.ForCertificate(owner), version: null, cancellationToken) is not { } current) { return null; }

        var facts = X509Facts.Read(current.Leaf);
        return facts is { IsCA: true, SubjectKeyId: { } octets } && facts.KeyHash == csr.KeyHash ? Convert.FromHexString(octets) : null;
    }
}
