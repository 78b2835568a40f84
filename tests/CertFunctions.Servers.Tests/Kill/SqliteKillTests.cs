namespace CertFunctions.Servers.Tests.Kill;

/// <summary>Resources in the SQLite file, as without any storage account.</summary>
public sealed class SqliteKillTests : KillTests
{
    protected override string Report => "kill-points.txt";

    protected override int KillsAStory => 4;
}
