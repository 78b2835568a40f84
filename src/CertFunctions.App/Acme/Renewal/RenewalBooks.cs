using CertFunctions.Core.Ports;
using Microsoft.Extensions.Options;

namespace CertFunctions.App.Acme.Renewal;

/// <summary>Keeps the one book. Of several processes one has the turn; who dies with it loses it a minute after its tick would have ended.</summary>
public sealed class RenewalBooks(IObjectStore objects, TimeProvider time, IOptions<RenewalInfoOptions> options)
{
    internal const string Name = "checks/renewal-info";

    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    /// <summary>New Certificates are found by then, whatever the others' CAs said.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(30);

    /// <summary>Null: nothing is due, or somebody else has the turn. Writes nothing then.</summary>
    public async Task<RenewalBook?> TakeTurnAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var book = await objects.FindAsync(Name, cancellationToken) is { } found ? RenewalBook.Read(found) : new RenewalBook();
        if (book.TakenUntil > now || (book.Position is null && book.NextWalk > now)) { return null; }

        book.TakenUntil = now + options.Value.TickLimit + Grace;
        return await WriteAsync(book, cancellationToken) ? book : null;
    }

    /// <summary>Keeps what was done so far. False: somebody else has the turn by now.</summary>
    public async Task<bool> SaveAsync(RenewalBook book, CancellationToken cancellationToken) => !book.IsChanged || await WriteAsync(book, cancellationToken);

    /// <summary>The tick is over; the next goes on at <paramref name="position"/>, or walks anew when something is due.</summary>
    public async Task GiveBackAsync(RenewalBook book, string? position, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var latest = now + LongestPause;
        (book.TakenUntil, book.Position, book.NextWalk) = (null, position, book.NextDue(now) is { } due && due < latest ? due : latest);
        await WriteAsync(book, cancellationToken);
    }

    private async Task<bool> WriteAsync(RenewalBook book, CancellationToken cancellationToken)
    {
        var content = book.Write(time.GetUtcNow());
        var result = book.Version is { } version
            ? await objects.PutIfMatchAsync(Name, content, version, cancellationToken)
            : await objects.PutIfAbsentAsync(Name, content, cancellationToken);
        if (result is not PutResult.Written written) { return false; }

        (book.Version, book.IsChanged) = (written.ETag, false);
        return true;
    }
}
