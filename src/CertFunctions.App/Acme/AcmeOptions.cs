namespace CertFunctions.App.Acme;

/// <summary>How ACME servers are spoken to. Section <c>Acme</c>.</summary>
public sealed class AcmeOptions
{
    /// <summary>Whether ACME servers, webhooks and self-checks may be at private or loopback addresses. Default false; link-local addresses never.</summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>Challenges that one process has under way; orders beyond wait before they are placed. Default 60.</summary>
    public int MaxConcurrentChallenges { get; set; } = 60;
}

/// <summary>How challenges are answered over HTTP. Section <c>Http01</c>.</summary>
public sealed class Http01Options
{
    /// <summary>The app's own names, which may answer for any identifier. Default: the name that Azure gave the app.</summary>
    public IList<string> Hosts { get; } = [];

    /// <summary>From when on the CA is told although the answer could not be seen from here. Default 2 min.</summary>
    public TimeSpan InconclusiveAfter { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an answer may take to be seen; then the proof is given up for now. Default 10 min.</summary>
    public TimeSpan NotVisibleAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Between two looks. Default 10 s.</summary>
    public TimeSpan CheckEvery { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Port of the self-check, for tests: a CA comes to 80.</summary>
    public int Port { get; set; } = 80;
}

/// <summary>What issuers may use. Section <c>Issuers</c>.</summary>
public sealed class IssuersOptions
{
    /// <summary>Whether Issuers of a namespace may use the app's own identity, as ClusterIssuers do. Default false.</summary>
    public bool AmbientCredentials { get; set; }
}
