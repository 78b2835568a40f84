using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;

namespace CertFunctions.Core.Tests.Policy;

public sealed class VaultDriftTests
{
    private static readonly VaultExpectation Expected = new("uid-1", "ns--web", "AB");

    public static TheoryData<string, string?, bool, string?, string?> Rows => new()
    {
        // because | x5t (null: no object) | enabled | uid tag | expected reason
        { "it is as the last run left it", "AB", true, "uid-1", null },
        { "somebody deleted the object", null, true, null, "Missing" },
        { "somebody disabled the newest version", "AB", false, "uid-1", "Disabled" },
        { "somebody imported another certificate", "CD", true, "uid-1", "Replaced" },
        { "somebody removed the tags", "AB", true, null, "TagsChanged" },
        { "another Certificate's tags are on it", "AB", true, "uid-2", "TagsChanged" },
        { "a disabled one is told before its content is looked at", "CD", false, null, "Disabled" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Tells_why_a_run_must_look(string because, string? x5t, bool isEnabled, string? uid, string? reason)
    {
        var tags = uid is null ? ValueMap.Empty : ValueMap.Empty.With(Annotations.CertificateUid, uid);
        var found = x5t is null ? null : new VaultCertificateEntry("ns--web", x5t, isEnabled, tags);

        Assert.True(reason == VaultDrift.Find(Expected, found), because);
    }
}
