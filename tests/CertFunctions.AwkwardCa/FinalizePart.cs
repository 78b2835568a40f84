using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertFunctions.AwkwardCa;

/// <summary>RFC 8555 §7.4, end: the CSR.</summary>
internal sealed class FinalizePart(CaBook book, Awkwardness awkward, OrderPart orders, Issuance issuance)
{
    public AcmeReply Finalize(AcmeRequest request)
    {
        var order = orders.Of(request);
        lock (book.Gate)
        {
            var state = order.Status(book.Now);
            if (order.Expires <= book.Now && order.Certificate is null) { throw new Refused(Boulder.OrderExpired(order.Id)); }
            if (state != "ready") { throw new Refused(Boulder.OrderNotReady(state)); }

            var csr = Read((string?)request.Jws.Json["csr"]);
            CheckNames(order, csr);
            if (awkward.RefuseFinalize?.Invoke(order) is { } refusal) { throw new Refused(refusal); }

            book.CountFinalize();
            (order.PollsLeft, order.ShowsOutcomeAt) = (awkward.ProcessingPolls, book.Now + awkward.ProcessingFor);
            order.Error = awkward.FailIssuance?.Invoke(order);
            if (order.Error is null)
            {
                order.Certificate = issuance.Issue(order, csr);
                book.CertificatesBySerial[order.Certificate.Serial] = order.Certificate;
            }

            return orders.Show(order, 200);
        }
    }

    private static CertificateRequest Read(string? csr)
    {
        try
        {
            var der = Base64Url.DecodeFromChars(csr ?? throw new Refused(Boulder.Malformed("Error unmarshaling finalize order request")));
            return CertificateRequest.LoadSigningRequest(der, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        }
        catch (Exception broken) when (broken is FormatException or CryptographicException) { throw new Refused(Boulder.Malformed($"Error parsing certificate request: {broken.Message}")); }
    }

    private static void CheckNames(CaOrder order, CertificateRequest csr)
    {
        var names = csr.CertificateExtensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        var asked = (names?.EnumerateDnsNames() ?? []).Select(name => new CaIdentifier("dns", name.ToLowerInvariant()))
            .Concat((names?.EnumerateIPAddresses() ?? []).Select(address => new CaIdentifier("ip", address.ToString())));
        if (!asked.ToHashSet().SetEquals(order.Identifiers)) { throw new Refused(Boulder.Unauthorized("Error finalizing order :: CSR does not specify same identifiers as Order")); }
    }
}
