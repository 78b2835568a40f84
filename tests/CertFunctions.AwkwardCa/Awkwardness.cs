namespace CertFunctions.AwkwardCa;

/// <summary>
/// What this CA does that it should not, or that few clients expect. Settable while it runs. <em>Row</em> is the line of
/// <c>acme-cases.md</c> that a knob serves. Untouched, the CA behaves as Let's Encrypt does on a good day.
/// </summary>
public sealed class Awkwardness
{
    /// <summary>Row 1: of so many in 100 requests the good nonce is refused.</summary>
    public int BadNoncePercent { get; set; }

    /// <summary>Rows 2–4: what is wrong with certificates issued from now on.</summary>
    public CertificateFlaw Certificate { get; set; }

    /// <summary>Row 4: life of certificates issued from now on; null: the profile's.</summary>
    public TimeSpan? Lifetime { get; set; }

    /// <summary>Rows 5–7: what is wrong with chains handed out from now on.</summary>
    public ChainFlaw Chain { get; set; }

    /// <summary>Row 8: what comes instead of the next <see cref="DownloadsSpoilt"/> chains.</summary>
    public DownloadFlaw Download { get; set; }

    /// <summary>Row 8: how many downloads are still spoilt.</summary>
    public int DownloadsSpoilt { get; set; }

    /// <summary>Rows 13–14: an accepted finalize is <c>processing</c> so long.</summary>
    public TimeSpan ProcessingFor { get; set; }

    /// <summary>Row 13: or for so many looks at the order.</summary>
    public int ProcessingPolls { get; set; }

    /// <summary>Row 13: <c>Retry-After</c> of what is under way, as sent; null: none.</summary>
    public string? PollRetryAfter { get; set; } = "3";

    /// <summary>Row 15: how long a validation takes before its outcome shows.</summary>
    public TimeSpan ValidationTakes { get; set; }

    /// <summary>Rows 15, 23: newOrder is refused so. Gets the names; null: not refused.</summary>
    public Func<IReadOnlyList<CaIdentifier>, AcmeFault?>? RefuseOrder { get; set; }

    /// <summary>Row 23: finalize is refused so, and the order stays <c>ready</c>.</summary>
    public Func<CaOrder, AcmeFault?>? RefuseFinalize { get; set; }

    /// <summary>Row 15: finalize is accepted, then the order becomes <c>invalid</c> with this error.</summary>
    public Func<CaOrder, AcmeFault?>? FailIssuance { get; set; }

    /// <summary>Row 15: validation of a name fails so, whatever is there. Gets what is being validated; null: it is really looked at.</summary>
    public Func<Validation, AcmeFault?>? FailValidation { get; set; }

    /// <summary>Row 17: an open order of the same account, names and profile is handed out again, as Boulder does.</summary>
    public bool ReusesOrders { get; set; } = true;

    /// <summary>Row 17: a pending authorization serves another order of the account, too.</summary>
    public bool ReusesPendingAuthorizations { get; set; } = true;

    /// <summary>A valid authorization is used again, as Boulder does until it expires.</summary>
    public bool ReusesValidAuthorizations { get; set; } = true;

    /// <summary>Rows 18–19: which answers are lost after the request was carried out.</summary>
    public Losses Losses { get; } = new();

    /// <summary>Row 21: a new account is refused so; finding an old one is not.</summary>
    public AcmeFault? RefuseAccount { get; set; }

    /// <summary>Row 21: newAccount needs an external account; see <see cref="CaBook.ExternalAccounts"/>.</summary>
    public bool RequiresExternalAccount { get; set; }

    /// <summary>Row 22: nothing works; null: all is well.</summary>
    public Outage? Outage { get; set; }

    /// <summary>Row 23: <c>notAfter</c> in newOrder is obeyed; Let's Encrypt refuses it.</summary>
    public bool SupportsDates { get; set; }

    /// <summary>Row 24: a second chain, over the cross certificate of the second root.</summary>
    public bool OffersAlternateChain { get; set; } = true;

    /// <summary>Rows 25–28: renewal information by certificate; null: Let's Encrypt's window.</summary>
    public Func<IssuedCertificate, RenewalAnswer?>? RenewalInfo { get; set; }

    /// <summary>Row 25: the directory names <c>renewalInfo</c>.</summary>
    public bool HasRenewalInfo { get; set; } = true;

    /// <summary>Row 29: a <c>replaces</c> is refused so, whatever it names.</summary>
    public AcmeFault? RefuseReplaces { get; set; }

    /// <summary>Row 38: account objects show the contact; Let's Encrypt leaves it out.</summary>
    public bool ShowsContact { get; set; }

    /// <summary>How long an order and its pending authorizations live; null: the profile's (7 days; tlsserver 8 h and 1 h).</summary>
    public TimeSpan? OrderLife { get; set; }
}

/// <summary>Ways in which a certificate differs from what was asked for.</summary>
[Flags]
public enum CertificateFlaw
{
    None = 0,
    OtherKey = 1,
    MissingName = 2,
    ExtraName = 4,
    UpperCaseNames = 8,
    OtherCommonName = 16,
    NoCommonName = 32,
    OtherUsages = 64,
    Expired = 128,
    IsCa = 256,
}

/// <summary>Ways in which a chain differs from leaf, intermediate.</summary>
public enum ChainFlaw { None, Reordered, Duplicated, WithRoot, LeafOnly, Stray }

/// <summary>What comes instead of a chain.</summary>
public enum DownloadFlaw { None, Garbage, Html, TenMegabytes, TenMegabytesOfUnsaidLength, Empty, NoPem }

/// <summary>The CA cannot be used until a moment of its clock.</summary>
/// <param name="RetryAfter">As sent; null: none.</param>
public sealed record Outage(OutageKind Kind, DateTimeOffset Until, string? RetryAfter = null);

/// <summary>What a client sees of it: an error with or without a problem document, a connection cut, or a server certificate of nobody it trusts.</summary>
public enum OutageKind { ServerError, ServerErrorWithoutBody, Busy, Refused, WrongTls }

/// <summary>What renewalInfo answers (RFC 9773 §4.2).</summary>
/// <param name="RetryAfter">As sent; null: none. Let's Encrypt: 6 h.</param>
public sealed record RenewalAnswer(DateTimeOffset Start, DateTimeOffset End, string? RetryAfter = "21600")
{
    public string? ExplanationUrl { get; init; }

    /// <summary>Sent instead of JSON.</summary>
    public string? Body { get; init; }

    public int Status { get; init; } = 200;

    /// <summary>Replace now: the window that Let's Encrypt shows for what it revokes.</summary>
    public static RenewalAnswer Incident(DateTimeOffset now) => new(now.AddHours(-1), now.AddMinutes(-30)) { ExplanationUrl = "https://ca.test/incident" };
}
