namespace CertFunctions.App.Acme.Dns01.Lookups;

/// <summary>Whether a TXT value can be seen. Flat: it goes into history.</summary>
/// <param name="State"><see cref="Visible"/>, <see cref="NotVisible"/> or <see cref="Unreachable"/>.</param>
/// <param name="Message">For people: which server does not show it, or does not answer.</param>
public sealed record Visibility(string State, string? Message)
{
    /// <summary>Every server that was to be asked shows it.</summary>
    public const string Visible = "Visible";

    /// <summary>A server answers, and does not show it.</summary>
    public const string NotVisible = "NotVisible";

    /// <summary>No server says that it is missing, but not all could be asked (mostly: none could).</summary>
    public const string Unreachable = "Unreachable";
}

/// <summary>Where a name leads.</summary>
/// <param name="Fqdn">The end of its CNAMEs; the name itself where there are none.</param>
/// <param name="Outcome"><see cref="SolverOutcome.Done"/>, <c>DelegationLoop</c>, or <c>SolverUnavailable</c> while nobody can be asked.</param>
public sealed record Delegation(string Fqdn, SolverOutcome Outcome);
