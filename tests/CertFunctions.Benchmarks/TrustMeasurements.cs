using System.Diagnostics;
using System.Text;
using CertFunctions.Core.Pki.Trust;

namespace CertFunctions.Benchmarks;

/// <summary>How long a bundle takes to make, and a hostile source to refuse.</summary>
internal static class TrustMeasurements
{
    private const string PublicRoots = "/etc/ssl/certs/ca-certificates.crt";

    private const int Megabyte = 1 << 20;

    // Speed is what the machine can do when let: the first of them compiles, others wait for a core.
    private const int Times = 5;

    public static void Run(Report report)
    {
        if (File.Exists(PublicRoots)) { report.AtMost("a bundle of the public roots (ms)", Enumerable.Range(0, Times).Min(_ => BundleMilliseconds()), aim: 100, limit: 200); }
        else { report.NotMeasured("a bundle of the public roots", "The package ca-certificates is missing."); }
        report.AtMost("refusing a PEM bomb of 1 MB (ms)", BombMilliseconds(), aim: 20, limit: 100);
    }

    /// <summary>The public roots: read, judged one by one, deduplicated, sorted and written.</summary>
    private static double BundleMilliseconds()
    {
        var source = File.ReadAllBytes(PublicRoots);
        var clock = Stopwatch.StartNew();
        var read = TrustPem.Read(source);
        var file = TrustFiles.Pem(read.Certificates.Where(each => each.WhyNotAnchor() is null));
        var milliseconds = clock.Elapsed.TotalMilliseconds;
        return read.Problem is null && file.Length > 0 ? milliseconds : throw new InvalidOperationException(read.Problem);
    }

    /// <summary>The slowest of the shapes that cost a careless reader seconds.</summary>
    private static double BombMilliseconds() => ((string[])
        [
            Fill("-----BEGIN CERTIFICATE-----\n"), Fill("-----BEGIN "), "-----BEGIN CERTIFICATE-----\n" + Fill("MIIB\n"), "-----BEGIN CERTIFICATE-----\n" + Fill("-----END X-----\n"),
            Fill("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"), "-----BEGIN CERTIFICATE-----\n" + Fill("A\n") + "-----END CERTIFICATE-----\n",
        ]).Max(bomb => Enumerable.Range(0, Times).Min(_ => Refuse(bomb)));

    private static double Refuse(string bomb)
    {
        var bytes = Encoding.ASCII.GetBytes(bomb);
        var clock = Stopwatch.StartNew();
        var read = TrustPem.Read(bytes);
        var milliseconds = clock.Elapsed.TotalMilliseconds;
        return read.Problem is not null ? milliseconds : throw new InvalidOperationException("A bomb was read.");
    }

    private static string Fill(string piece) => string.Concat(Enumerable.Repeat(piece, (Megabyte - 100) / piece.Length));
}
