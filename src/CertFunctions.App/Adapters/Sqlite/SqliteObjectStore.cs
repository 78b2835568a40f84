using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Data.Sqlite;

namespace CertFunctions.App.Adapters.Sqlite;

/// <summary>The object store of a laptop: one SQLite file. Writes of concurrent callers share a transaction; an acknowledged write outlives kill -9.</summary>
public sealed class SqliteObjectStore : IObjectStore, IAsyncDisposable
{
    private const int LargestBatch = 256;

    private readonly string _connectionString;
    private readonly Channel<Write> _writes = Channel.CreateUnbounded<Write>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentBag<PreparedStatements> _readers = [];
    private readonly Task _writer;

    /// <param name="path">Made when absent, its folder too.</param>
    public SqliteObjectStore(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) { Directory.CreateDirectory(folder); }

        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ToString();
        using (var connection = Open())
        {
            Execute(connection, "PRAGMA journal_mode=WAL");
            Execute(connection, """
                CREATE TABLE IF NOT EXISTS objects(name TEXT PRIMARY KEY COLLATE BINARY, version INTEGER NOT NULL, metadata TEXT NOT NULL, content BLOB NOT NULL) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS versions(last INTEGER NOT NULL);
                INSERT INTO versions SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM versions);
                """);
        }

        _writer = Task.Run(WriteLoopAsync);
    }

    public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) =>
        ReadAsync("SELECT version, metadata, content FROM objects WHERE name=$name", [("$name", name)], reader => reader.Read()
            ? new StoredObject(name, reader.GetFieldValue<byte[]>(2), Metadata(reader.GetString(1)), Tag(reader.GetInt64(0)))
            : null, cancellationToken);

    public Task<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, ValueMap metadata, CancellationToken cancellationToken) =>
        PutAsync("INSERT INTO objects(name, version, metadata, content) VALUES($name, $version, $metadata, $content) ON CONFLICT DO NOTHING",
            name, content, metadata, expected: null, cancellationToken);

    public Task<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, ValueMap metadata, ETag expected, CancellationToken cancellationToken) =>
        PutAsync("UPDATE objects SET version=$version, metadata=$metadata, content=$content WHERE name=$name AND version=$expected",
            name, content, metadata, expected, cancellationToken);

    public async Task<bool> DeleteIfMatchAsync(string name, ETag expected, CancellationToken cancellationToken)
    {
        var outcome = await SubmitAsync("DELETE FROM objects WHERE name=$name AND version=$expected", name, null, null, expected, cancellationToken);
        return outcome.Rows == 1 || await FindAsync(name, cancellationToken) is null;
    }

    public async Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        await SubmitAsync("DELETE FROM objects WHERE name=$name", name, null, null, expected: null, cancellationToken);

    public async Task<ObjectPage> ListAsync(string prefix, string? from, string? continuation, int pageSize, CancellationToken cancellationToken)
    {
        ObjectRules.CheckPageSize(pageSize);
        const string sql = "SELECT name, version, metadata FROM objects WHERE name >= $start AND name < $end ORDER BY name LIMIT $limit";
        (string, object)[] values = [("$start", Later(continuation ?? from ?? prefix, prefix)), ("$end", prefix + "\uffff"), ("$limit", pageSize + 1)];
        var entries = await ReadAsync(sql, values, reader =>
        {
            var found = new List<ObjectEntry>();
            while (reader.Read()) { found.Add(new ObjectEntry(reader.GetString(0), Metadata(reader.GetString(2)), Tag(reader.GetInt64(1)))); }
            return found;
        }, cancellationToken);

        return entries.Count > pageSize ? new ObjectPage(entries[..pageSize], entries[pageSize].Name) : new ObjectPage(entries, Continuation: null);
    }

    public async ValueTask DisposeAsync()
    {
        _writes.Writer.TryComplete();
        await _writer;
        while (_readers.TryTake(out var reader)) { reader.Dispose(); }
    }

    private async Task<PutResult> PutAsync(
        string sql, string name, ReadOnlyMemory<byte> content, ValueMap metadata, ETag? expected, CancellationToken cancellationToken)
    {
        ObjectRules.CheckWrite(name, metadata);
        var outcome = await SubmitAsync(sql, name, content.ToArray(), metadata, expected, cancellationToken);
        return outcome.Rows == 1 ? new PutResult.Written(Tag(outcome.Version)) : new PutResult.Conflict();
    }

    private async Task<(int Rows, long Version)> SubmitAsync(
        string sql, string name, byte[]? content, ValueMap? metadata, ETag? expected, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var write = new Write(sql, name, content, metadata, expected);
        await _writes.Writer.WriteAsync(write, CancellationToken.None);
        return await write.Done.Task;
    }

    /// <summary>Reads on an idle connection; SQLite readers never wait for the writer (WAL), so this is short and synchronous.</summary>
    private Task<T> ReadAsync<T>(string sql, (string Name, object Value)[] values, Func<SqliteDataReader, T> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_readers.TryTake(out var statements)) { statements = new PreparedStatements(Open()); }

        try
        {
            using var reader = statements.For(sql, values).ExecuteReader();
            return Task.FromResult(read(reader));
        }
        finally { _readers.Add(statements); }
    }

    private async Task WriteLoopAsync()
    {
        using var statements = new PreparedStatements(Open());
        var batch = new List<Write>();
        while (await _writes.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < LargestBatch && _writes.Reader.TryRead(out var write)) { batch.Add(write); }

            try
            {
                var outcomes = Commit(statements, batch);
                foreach (var (write, outcome) in batch.Zip(outcomes)) { write.Done.TrySetResult(outcome); }
            }
            catch (Exception failure)   // whatever it was: the loop must live, or every later writer waits for ever
            {
                foreach (var write in batch) { write.Done.TrySetException(new ObjectStoreException($"The object store could not be written: {failure.Message}", retryAfter: null, failure)); }
            }
        }
    }

    private static List<(int Rows, long Version)> Commit(PreparedStatements statements, List<Write> batch)
    {
        using var transaction = statements.Connection.BeginTransaction();
        var version = (long)statements.For("SELECT last FROM versions", [], transaction).ExecuteScalar()!;
        var outcomes = new List<(int, long)>(batch.Count);
        foreach (var write in batch)
        {
            var values = new List<(string, object)> { ("$name", write.Name) };
            if (write.Content is not null)
            {
                values.AddRange([("$version", ++version), ("$metadata", write.Metadata is { Count: > 0 } metadata ? JsonSerializer.Serialize(metadata) : "{}"), ("$content", write.Content)]);
            }

            if (write.Expected is { } expected)
            {
                // An ETag that is not one of ours matches nothing.
                values.Add(("$expected", long.TryParse(expected.Value, CultureInfo.InvariantCulture, out var number) && Tag(number) == expected ? number : -1L));
            }

            outcomes.Add((statements.For(write.Sql, values, transaction).ExecuteNonQuery(), version));
        }

        statements.For("UPDATE versions SET last=$last", [("$last", version)], transaction).ExecuteNonQuery();
        transaction.Commit();
        return outcomes;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        Execute(connection, "PRAGMA synchronous=NORMAL");
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static string Later(string one, string other) => string.CompareOrdinal(one, other) > 0 ? one : other;

    private static ValueMap Metadata(string json) => json == "{}" ? ValueMap.Empty : JsonSerializer.Deserialize<ValueMap>(json)!;

    private static ETag Tag(long version) => new(version.ToString(CultureInfo.InvariantCulture));

    private sealed record Write(string Sql, string Name, byte[]? Content, ValueMap? Metadata, ETag? Expected)
    {
        public TaskCompletionSource<(int Rows, long Version)> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
