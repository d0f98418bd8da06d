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
    public async Task Copy(
        NpgsqlConnection connection, string schema, IReadOnlyList<TRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0) return;
        await using var import = await connection.BeginBinaryImportAsync(
            $"copy {schema}.{name} ({names}) from stdin (format binary)", cancellationToken);
        foreach (var row in rows) Write(import, row);
        await import.CompleteAsync(cancellationToken);
    }

    /// <summary>Adds rows, or puts them in the place of those with their keys; each key once.</summary>
    public void Upsert(NpgsqlBatch batch, string schema, IReadOnlyList<TRow> rows)
    {
        if (rows.Count == 0) return;
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

    private void Write(NpgsqlBinaryImporter import, TRow row)
    {
        import.StartRow();
        foreach (var column in columns) column.Write(import, row);
    }
}

/// <summary>One column: how a row's value is sent, alone and as an array.</summary>
internal sealed record Column<TRow>(
    string Name, string Expression, Action<NpgsqlBinaryImporter, TRow> Write,
    Func<IReadOnlyList<TRow>, NpgsqlParameter> Values);

/// <summary>Makes columns.</summary>
internal static class Column
{
    public static Column<TRow> Text<TRow>(string name, Func<TRow, string?> read) => new(
        name, "r." + name, (to, row) => Put(to, read(row), NpgsqlDbType.Text),
        rows => Array(rows.Select(read).ToArray(), NpgsqlDbType.Text));

    public static Column<TRow> Json<TRow>(string name, Func<TRow, byte[]?> read) => new(
        name, "r." + name, (to, row) => Put(to, read(row), NpgsqlDbType.Jsonb),
        rows => Array(rows.Select(read).ToArray(), NpgsqlDbType.Jsonb));

    public static Column<TRow> Whole<TRow>(string name, Func<TRow, long?> read) => new(
        name, "r." + name, (to, row) => Put(to, read(row), NpgsqlDbType.Bigint),
        rows => Array(rows.Select(read).ToArray(), NpgsqlDbType.Bigint));

    public static Column<TRow> Count<TRow>(string name, Func<TRow, int> read) => new(
        name, "r." + name, (to, row) => to.Write(read(row), NpgsqlDbType.Integer),
        rows => Array(rows.Select(read).ToArray(), NpgsqlDbType.Integer));

    public static Column<TRow> Amount<TRow>(string name, Func<TRow, decimal?> read) => new(
        name, "r." + name, (to, row) => Put(to, read(row), NpgsqlDbType.Numeric),
        rows => Array(rows.Select(read).ToArray(), NpgsqlDbType.Numeric));

    public static Column<TRow> Flag<TRow>(string name, Func<TRow, bool> read) => new(
        name, "r." + name, (to, row) => to.Write(read(row), NpgsqlDbType.Boolean),
        rows => Array(rows.Select(read).ToArray(), NpgsqlDbType.Boolean));

    public static Column<TRow> Date<TRow>(string name, Func<TRow, LocalDate?> read) => new(
        name, "r." + name,
        (to, row) => Put(to, Day(read(row)), NpgsqlDbType.Date),
        rows => Array(rows.Select(row => Day(read(row))).ToArray(), NpgsqlDbType.Date));

    /// <summary>A list of positions. Arrays of arrays are rectangles, so unnest gets their texts.</summary>
    public static Column<TRow> Wholes<TRow>(string name, Func<TRow, IReadOnlyList<long>> read) => new(
        name, $"r.{name}::bigint[]",
        (to, row) => to.Write(read(row).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Bigint),
        rows => Array(rows.Select(row => $"{{{string.Join(',', read(row))}}}").ToArray(), NpgsqlDbType.Text));

    /// <summary>A list of texts.</summary>
    public static Column<TRow> Texts<TRow>(string name, Func<TRow, IReadOnlyList<string>> read) => new(
        name, $"r.{name}::text[]",
        (to, row) => to.Write(read(row).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text),
        rows => Array(
            rows.Select(row => $"{{{string.Join(',', read(row).Select(Quoted))}}}").ToArray(), NpgsqlDbType.Text));

    public static NpgsqlParameter Array<T>(T[] values, NpgsqlDbType type) =>
        new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | type };

    private static DateOnly? Day(LocalDate? date) =>
        date is { } day ? day.ToDateOnly() : null;

    private static string Quoted(string text) => "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";

    private static void Put<T>(NpgsqlBinaryImporter to, T? value, NpgsqlDbType type)
    {
        if (value is null) to.WriteNull();
        else to.Write(value, type);
    }

    private static void Put<T>(NpgsqlBinaryImporter to, T? value, NpgsqlDbType type)
        where T : struct
    {
        if (value is null) to.WriteNull();
        else to.Write(value.Value, type);
    }
}
