using Ledger.Store;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Views;

/// <summary>A view's table: its columns once, and the two ways its rows are written.</summary>
/// <param name="name">Without the schema, which is <c>views</c> or the one a rebuild fills.</param>
/// <param name="key">Its primary key's columns.</param>
internal sealed class Table<TRow>(string name, string[] key, params Column<TRow>[] columns)
{
    private readonly string names = string.Join(", ", columns.Select(c => c.Name));

    public string Name => name;

    public IReadOnlyList<string> Key => key;

    /// <summary>Adds rows by binary COPY.</summary>
    public Task Copy(
        NpgsqlConnection connection, string schema, IReadOnlyList<TRow> rows, CancellationToken cancellationToken) =>
        Copy(connection, schema, rows, 1, cancellationToken);

    /// <summary>Adds rows by binary COPY, where there are so many at least.</summary>
    public async Task Copy(
        NpgsqlConnection connection, string schema, IReadOnlyList<TRow> rows, int atLeast,
        CancellationToken cancellationToken)
    {
        if (rows.Count < atLeast) return;
        await using var copy = await CopyRows.Begin(
            connection, $"copy {schema}.{name} ({names}) from stdin (format binary)", cancellationToken);
        foreach (var row in rows)
        {
            copy.Row((short)columns.Length);
            foreach (var column in columns) column.Write(copy, row);
            await copy.Flush(cancellationToken);
        }

        await copy.Complete(cancellationToken);
    }

    /// <summary>Adds rows, or puts them in the place of those with their keys; each key once.</summary>
    public void Upsert(NpgsqlBatch batch, string schema, IReadOnlyList<TRow> rows) =>
        Upsert(batch, schema, rows, int.MaxValue);

    /// <summary>Adds rows, or puts them in the place of those with their keys, where there are so many at most; each
    /// key once.</summary>
    public void Upsert(NpgsqlBatch batch, string schema, IReadOnlyList<TRow> rows, int atMost)
    {
        if (rows.Count == 0 || rows.Count > atMost) return;
        var set = string.Join(
            ", ", columns.Where(c => !key.Contains(c.Name)).Select(c => $"{c.Name} = excluded.{c.Name}"));
        var command = new NpgsqlBatchCommand(
            $"""
             insert into {schema}.{name} ({names})
             select {string.Join(", ", columns.Select(c => c.Expression))}
             from unnest({string.Join(", ", columns.Select((_, i) => $"${i + 1}"))}) r ({names})
             on conflict ({string.Join(", ", key)}) do {(set.Length == 0 ? "nothing" : $"update set {set}")}
             """);
        foreach (var column in columns) command.Parameters.Add(column.Values(rows));
        batch.BatchCommands.Add(command);
    }
}

/// <summary>One column: how a row's value is sent, alone and as an array.</summary>
internal sealed record Column<TRow>(
    string Name, string Expression, Action<CopyRows, TRow> Write,
    Func<IReadOnlyList<TRow>, NpgsqlParameter> Values);

/// <summary>Makes columns.</summary>
internal static class Column
{
    public static Column<TRow> Text<TRow>(string name, Func<TRow, string?> read) => new(
        name, "r." + name, (to, row) => to.Text(read(row)),
        rows => Array(rows.Select(read).ToArray(), NpgsqlDbType.Text));

    public static Column<TRow> Json<TRow>(string name, Func<TRow, byte[]?> read) => new(
        name, "r." + name, (to, row) => Put(to, read(row)),
        rows => Array(rows.Select(read).ToArray(), NpgsqlDbType.Jsonb));

    public static Column<TRow> Whole<TRow>(string name, Func<TRow, long?> read) => new(
        name, "r." + name, (to, row) => Put(to, read(row), static (to, value) => to.Int64(value)),
        rows => Array(rows.Select(read).ToArray(), NpgsqlDbType.Bigint));

    public static Column<TRow> Count<TRow>(string name, Func<TRow, int> read) => new(
        name, "r." + name, (to, row) => to.Int32(read(row)),
        rows => Array(rows.Select(read).ToArray(), NpgsqlDbType.Integer));

    public static Column<TRow> Amount<TRow>(string name, Func<TRow, decimal?> read) => new(
        name, "r." + name, (to, row) => Put(to, read(row), static (to, value) => to.Decimal(value)),
        rows => Array(rows.Select(read).ToArray(), NpgsqlDbType.Numeric));

    public static Column<TRow> Flag<TRow>(string name, Func<TRow, bool> read) => new(
        name, "r." + name, (to, row) => to.Boolean(read(row)),
        rows => Array(rows.Select(read).ToArray(), NpgsqlDbType.Boolean));

    public static Column<TRow> Date<TRow>(string name, Func<TRow, LocalDate?> read) => new(
        name, "r." + name,
        (to, row) => Put(to, Day(read(row)), static (to, value) => to.Date(value)),
        rows => Array(rows.Select(row => Day(read(row))).ToArray(), NpgsqlDbType.Date));

    /// <summary>A list of positions. Arrays of arrays are rectangles, so unnest gets their texts.</summary>
    public static Column<TRow> Wholes<TRow>(string name, Func<TRow, IReadOnlyList<long>> read) => new(
        name, $"r.{name}::bigint[]",
        (to, row) => to.Int64s(read(row)),
        rows => Array(rows.Select(row => $"{{{string.Join(',', read(row))}}}").ToArray(), NpgsqlDbType.Text));

    /// <summary>A list of texts.</summary>
    public static Column<TRow> Texts<TRow>(string name, Func<TRow, IReadOnlyList<string>> read) => new(
        name, $"r.{name}::text[]",
        (to, row) => to.Texts(read(row)),
        rows => Array(
            rows.Select(row => $"{{{string.Join(',', read(row).Select(Quoted))}}}").ToArray(), NpgsqlDbType.Text));

    public static NpgsqlParameter Array<T>(T[] values, NpgsqlDbType type) =>
        new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | type };

    private static DateOnly? Day(LocalDate? date) =>
        date is { } day ? day.ToDateOnly() : null;

    private static string Quoted(string text) => "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";

    private static void Put(CopyRows to, byte[]? json)
    {
        if (json is null) to.Null();
        else to.Json(json);
    }

    private static void Put<T>(CopyRows to, T? value, Action<CopyRows, T> write)
        where T : struct
    {
        if (value is null) to.Null();
        else write(to, value.Value);
    }
}
