using Microsoft.Data.Sqlite;

namespace CertFunctions.App.Adapters.Sqlite;

/// <summary>One connection and the statements it has met, parsed once each. For one user at a time.</summary>
internal sealed class PreparedStatements(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);

    public SqliteConnection Connection => connection;

    /// <summary>The statement with these values bound, ready to execute.</summary>
    public SqliteCommand For(string sql, IReadOnlyList<(string Name, object Value)> values, SqliteTransaction? transaction = null)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
#pragma warning disable CA2100 // every statement is a constant of this assembly
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, _) in values) { command.Parameters.Add(new SqliteParameter { ParameterName = name }); }
            _commands[sql] = command;
        }

        command.Transaction = transaction;
        foreach (var (name, value) in values) { command.Parameters[name].Value = value; }
        return command;
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values) { command.Dispose(); }
        connection.Dispose();
    }
}
