namespace CertFunctions.AwkwardCa;

/// <summary>A kind of certificate that can be ordered (draft-ietf-acme-profiles), as Let's Encrypt has them (letsencrypt.org/docs/profiles).</summary>
internal sealed record Profile(string Name, TimeSpan Life, TimeSpan OrderLife, TimeSpan PendingLife, TimeSpan ValidLife, int MostNames, bool IsBare)
{
    public const string Default = "classic";

    public static IReadOnlyList<Profile> All { get; } =
    [
        new(Default, TimeSpan.FromDays(90), TimeSpan.FromDays(7), TimeSpan.FromDays(7), TimeSpan.FromDays(30), 100, IsBare: false),
        new("tlsserver", TimeSpan.FromDays(45), TimeSpan.FromHours(8), TimeSpan.FromHours(1), TimeSpan.FromHours(7), 25, IsBare: true),
        new("shortlived", TimeSpan.FromHours(160), TimeSpan.FromHours(8), TimeSpan.FromHours(1), TimeSpan.FromHours(7), 25, IsBare: true),
    ];

    public static Profile Of(string? asked) => All.FirstOrDefault(profile => profile.Name == (asked ?? Default)) ?? throw new Refused(Boulder.InvalidProfile(asked!));
}
