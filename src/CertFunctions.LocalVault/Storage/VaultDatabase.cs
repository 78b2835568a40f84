using System.Collections.Concurrent;

namespace CertFunctions.LocalVault.Storage;

/// <summary>
/// The file both vaults share: readers take a connection each, one writer thread runs changes and commits those that wait together
/// at once, so that an import costs a share of a disk flush. A change is answered only after its commit.
/// </summary>
internal sealed class VaultDatabase : IDisposable
{
    private const int LargestGroup = 64;
    private readonly ConcurrentBag<VaultConnection> _readers = [];
    private readonly BlockingCollection<Change> _changes = [];
    private readonly VaultConnection _writer;
    private readonly Thread _thread;
    private readonly string _path;

    public VaultDatabase(string path)
    {
        _path = path;
        _writer = new VaultConnection(path);
        foreach (var statement in Schema)
        {
            _writer.Execute(statement);
        }

        // Files of before deletions took time.
        if (!_writer.Query("SELECT name FROM pragma_table_info('deleted')", row => row.GetString(0)).Contains("state"))
        {
            _writer.Execute("ALTER TABLE deleted ADD COLUMN state INTEGER NOT NULL DEFAULT 0");
            _writer.Execute("ALTER TABLE deleted ADD COLUMN until INTEGER NOT NULL DEFAULT 0");
        }

        _thread = new Thread(WriteLoop) { IsBackground = true, Name = "LocalVault writer" };
        _thread.Start();
    }

    public T Read<T>(Func<VaultConnection, T> read)
    {
        var connection = _readers.TryTake(out var free) ? free : new VaultConnection(_path);
        try
        {
            return read(connection);
        }
        finally
        {
            _readers.Add(connection);
        }
    }

    /// <summary>Runs a change in the writer's transaction. It may throw a <see cref="VaultException"/> only before its first write.</summary>
    public async Task<T> WriteAsync<T>(Func<VaultConnection, T> change)
    {
        T? result = default;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _changes.Add(new Change(connection => result = change(connection), done));
        await done.Task;
        return result!;
    }

    public void Dispose()
    {
        _changes.CompleteAdding();
        _thread.Join();
        _writer.Dispose();
        while (_readers.TryTake(out var reader))
        {
            reader.Dispose();
        }

        _changes.Dispose();
    }

    private void WriteLoop()
    {
        var group = new List<Change>();
        foreach (var first in _changes.GetConsumingEnumerable())
        {
            group.Clear();
            group.Add(first);
            while (group.Count < LargestGroup && _changes.TryTake(out var next))
            {
                group.Add(next);
            }

            Commit(group);
        }
    }

    private void Commit(List<Change> group)
    {
        var refused = new Dictionary<Change, VaultException>();
        try
        {
            _writer.Execute("BEGIN IMMEDIATE");
            foreach (var change in group)
            {
                try
                {
                    change.Run(_writer);
                }
                catch (VaultException e)
                {
                    refused.Add(change, e);
                }
            }

            _writer.Execute("COMMIT");
        }
        catch (Exception e)
        {
            Rollback();
            group.ForEach(change => change.Done.TrySetException(e));
            return;
        }

        foreach (var change in group)
        {
            if (refused.TryGetValue(change, out var refusal))
            {
                change.Done.SetException(refusal);
            }
            else
            {
                change.Done.SetResult();
            }
        }
    }

    private void Rollback()
    {
        try
        {
            _writer.Execute("ROLLBACK");
        }
        catch (Microsoft.Data.Sqlite.SqliteException)
        {
            // SQLite has rolled back by itself, or BEGIN never succeeded.
        }
    }

    private sealed record Change(Action<VaultConnection> Run, TaskCompletionSource Done);

    // seq decides what "latest" is: seconds are too coarse. Names are case-insensitive.
    private static readonly string[] Schema =
    [
        """
        CREATE TABLE IF NOT EXISTS secret (seq INTEGER PRIMARY KEY AUTOINCREMENT, vault TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE,
          version TEXT NOT NULL, enabled INTEGER NOT NULL, nbf INTEGER, exp INTEGER, created INTEGER NOT NULL, updated INTEGER NOT NULL,
          tags TEXT, content_type TEXT, managed INTEGER NOT NULL, value BLOB NOT NULL)
        """,
        "CREATE UNIQUE INDEX IF NOT EXISTS secret_version ON secret (vault, name, version)",
        "CREATE INDEX IF NOT EXISTS secret_latest ON secret (vault, name, seq)",
        """
        CREATE TABLE IF NOT EXISTS certificate (seq INTEGER PRIMARY KEY AUTOINCREMENT, vault TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE,
          version TEXT NOT NULL, enabled INTEGER NOT NULL, nbf INTEGER, exp INTEGER, created INTEGER NOT NULL, updated INTEGER NOT NULL,
          tags TEXT, cer BLOB NOT NULL, x5t TEXT NOT NULL, preserve_order INTEGER)
        """,
        "CREATE UNIQUE INDEX IF NOT EXISTS certificate_version ON certificate (vault, name, version)",
        "CREATE INDEX IF NOT EXISTS certificate_latest ON certificate (vault, name, seq)",
        "CREATE TABLE IF NOT EXISTS policy (vault TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE, policy TEXT NOT NULL, PRIMARY KEY (vault, name)) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS deleted (vault TEXT NOT NULL, kind INTEGER NOT NULL, name TEXT NOT NULL COLLATE NOCASE, at INTEGER NOT NULL, PRIMARY KEY (vault, kind, name)) WITHOUT ROWID",
        """
        CREATE TABLE IF NOT EXISTS pending (vault TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE, version TEXT NOT NULL, request_id TEXT NOT NULL,
          status TEXT NOT NULL, cancel INTEGER NOT NULL, csr BLOB NOT NULL, key BLOB NOT NULL, enabled INTEGER NOT NULL, created INTEGER NOT NULL,
          tags TEXT, preserve_order INTEGER, PRIMARY KEY (vault, name)) WITHOUT ROWID
        """,
    ];
}
