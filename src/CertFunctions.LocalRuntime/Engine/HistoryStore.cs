using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace CertFunctions.LocalRuntime.Engine;

/// <summary>The tables behind the engine. One connection, used by the commit loop only; every method runs inside its transaction.</summary>
internal sealed class HistoryStore : IDisposable
{
    private const string Schema = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        CREATE TABLE IF NOT EXISTS instances (
            key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, status INTEGER NOT NULL,
            created INTEGER NOT NULL, updated INTEGER NOT NULL, input TEXT, output TEXT, custom TEXT, failure TEXT, tags TEXT,
            parent_id TEXT, parent_key INTEGER, parent_name TEXT, parent_task INTEGER, start_at INTEGER);
        CREATE INDEX IF NOT EXISTS unfinished ON instances (key) WHERE status IN (0, 6, 7);
        CREATE TABLE IF NOT EXISTS history (
            key INTEGER NOT NULL, line INTEGER NOT NULL, at INTEGER NOT NULL, kind INTEGER NOT NULL, task INTEGER NOT NULL,
            name TEXT, data TEXT, failure TEXT, target TEXT, number INTEGER NOT NULL,
            PRIMARY KEY (key, line)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS messages (
            number INTEGER PRIMARY KEY, key INTEGER NOT NULL, kind INTEGER NOT NULL, task INTEGER NOT NULL, name TEXT, data TEXT, failure TEXT);
        CREATE INDEX IF NOT EXISTS messages_of ON messages (key);
        """;

    private const string Columns =
        "key, id, name, status, created, updated, input, output, custom, failure, tags, parent_id, parent_key, parent_name, parent_task, start_at";

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = [];
    private SqliteTransaction? _transaction;

    public HistoryStore(string path)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        _connection.Open();
        using var command = _connection.CreateCommand();
        command.CommandText = Schema;
        command.ExecuteNonQuery();
    }

    public void Begin() => _transaction = _connection.BeginTransaction();

    public void Commit() => End(_transaction!.Commit);

    public void Rollback() => End(_transaction!.Rollback);

    public void Dispose()
    {
        foreach (var command in _commands.Values) { command.Dispose(); }
        _connection.Dispose();
    }

    public void Insert(InstanceRow row) => Write(
        $"INSERT INTO instances ({Columns}) VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        row.Key, row.Id, row.Name, (int)row.Status, row.Created.Ticks, row.Updated.Ticks, row.Input, row.Output, row.CustomStatus,
        Text(row.Failure), row.Tags, row.Parent?.Id, row.Parent?.Key, row.Parent?.Name, row.Parent?.Task, row.StartAt?.Ticks);

    public void Update(InstanceRow row) => Write(
        "UPDATE instances SET status = $1, updated = $2, output = $3, custom = $4, failure = $5 WHERE key = $0",
        row.Key, (int)row.Status, row.Updated.Ticks, row.Output, row.CustomStatus, Text(row.Failure));

    public void Append(long key, int line, HistoryEvent happened) => Write(
        "INSERT INTO history (key, line, at, kind, task, name, data, failure, target, number) VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9)",
        key, line, happened.At.Ticks, (int)happened.Kind, happened.Task, happened.Name, happened.Data, Text(happened.Failure), happened.Target, happened.Number);

    public void Post(long key, HistoryEvent message) => Write(
        "INSERT INTO messages (number, key, kind, task, name, data, failure) VALUES ($0, $1, $2, $3, $4, $5, $6)",
        message.Number, key, (int)message.Kind, message.Task, message.Name, message.Data, Text(message.Failure));

    public void RemoveMessage(long number) => Write("DELETE FROM messages WHERE number = $0", number);

    public void MoveMessages(long fromKey, long toKey) => Write("UPDATE messages SET key = $1 WHERE key = $0", fromKey, toKey);

    public void Remove(long key)
    {
        Write("DELETE FROM history WHERE key = $0", key);
        Write("DELETE FROM messages WHERE key = $0", key);
        Write("DELETE FROM instances WHERE key = $0", key);
    }

    public InstanceRow? Find(string id) => Read($"SELECT {Columns} FROM instances WHERE id = $0", Row, id).FirstOrDefault();

    public bool Exists(long key) => Read("SELECT 1 FROM instances WHERE key = $0", _ => true, key).Count > 0;

    public List<InstanceRow> Unfinished() => Read($"SELECT {Columns} FROM instances WHERE status IN (0, 6, 7) ORDER BY key", Row);

    /// <summary>Instances after <paramref name="key"/> in the order of their keys.</summary>
    public List<InstanceRow> Page(long key, DateTime? from, DateTime? to, string? prefix, bool finishedOnly, int limit) => Read(
        $"""
        SELECT {Columns} FROM instances
        WHERE key > $0 AND created >= $1 AND created <= $2 AND substr(id, 1, length($3)) = $3 AND ($4 = 0 OR status IN (1, 3, 5))
        ORDER BY key LIMIT $5
        """,
        Row, key, from?.Ticks ?? 0, to?.Ticks ?? long.MaxValue, prefix ?? "", finishedOnly ? 1 : 0, limit);

    public List<HistoryEvent> History(long key) => Read(
        "SELECT kind, task, name, data, failure, target, number, at FROM history WHERE key = $0 ORDER BY line",
        reader => new HistoryEvent(
            (EventKind)reader.GetInt32(0), reader.GetInt32(1), String(reader, 2), String(reader, 3), Failure(reader, 4), String(reader, 5), reader.GetInt64(6))
        { At = Time(reader.GetInt64(7)) },
        key);

    public List<HistoryEvent> Messages(long key) => Read(
        "SELECT kind, task, name, data, failure, number FROM messages WHERE key = $0 ORDER BY number",
        reader => new HistoryEvent(
            (EventKind)reader.GetInt32(0), reader.GetInt32(1), String(reader, 2), String(reader, 3), Failure(reader, 4), Number: reader.GetInt64(5)),
        key);

    /// <summary>The highest number given out so far, to both instances and messages.</summary>
    public long LastNumber() => Read(
        "SELECT max(coalesce((SELECT max(key) FROM instances), 0), coalesce((SELECT max(number) FROM messages), 0))", reader => reader.GetInt64(0))[0];

    private static InstanceRow Row(SqliteDataReader reader) => new(
        reader.GetInt64(0), reader.GetString(1), reader.GetString(2), (OrchestrationRuntimeStatus)reader.GetInt32(3),
        Time(reader.GetInt64(4)), Time(reader.GetInt64(5)), String(reader, 6), String(reader, 7), String(reader, 8), Failure(reader, 9), String(reader, 10),
        reader.IsDBNull(11) ? null : new ParentLink(reader.GetString(11), reader.GetInt64(12), reader.GetString(13), reader.GetInt32(14)),
        reader.IsDBNull(15) ? null : Time(reader.GetInt64(15)));

    private static string? String(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static DateTime Time(long ticks) => new(ticks, DateTimeKind.Utc);

    private static string? Text(TaskFailureDetails? failure) => failure is null ? null : JsonSerializer.Serialize(failure);

    private static TaskFailureDetails? Failure(SqliteDataReader reader, int column) =>
        String(reader, column) is { } text ? JsonSerializer.Deserialize<TaskFailureDetails>(text) : null;

    private void End(Action end)
    {
        try { end(); }
        finally
        {
            _transaction?.Dispose();
            _transaction = null;
        }
    }

    private void Write(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteNonQuery();

    private List<T> Read<T>(string sql, Func<SqliteDataReader, T> map, params ReadOnlySpan<object?> values)
    {
        using var reader = Bind(sql, values).ExecuteReader();
        List<T> rows = [];
        while (reader.Read()) { rows.Add(map(reader)); }
        return rows;
    }

    private SqliteCommand Bind(string sql, ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < values.Length; i++) { command.Parameters.Add(new SqliteParameter("$" + i.ToString(CultureInfo.InvariantCulture), null)); }
            _commands.Add(sql, command);
        }

        command.Transaction = _transaction;
        for (var i = 0; i < values.Length; i++) { command.Parameters[i].Value = values[i] ?? DBNull.Value; }
        return command;
    }
}
