using System.Globalization;
using Npgsql;

namespace Ledger.Projections.Bi;

/// <summary>A view of schema <c>bi</c>.</summary>
/// <param name="Meaning">Its comment, with its formula.</param>
public sealed record BiView(string Name, string Meaning, IReadOnlyList<BiColumn> Columns);

/// <param name="Type">As PostgreSQL names it.</param>
/// <param name="Meaning">Its comment.</param>
public sealed record BiColumn(string Name, string Type, string Meaning);

/// <summary>What a question comes to now, in one of its units.</summary>
/// <param name="Question">The view that answers it.</param>
/// <param name="Unit">A currency, percent or what is counted.</param>
public sealed record BiFigure(string Question, string Words, decimal? Figure, string Unit);

/// <summary>How rows are written.</summary>
public enum BiFormat
{
    /// <summary>RFC 4180, with a line of names; what is not known is empty.</summary>
    Csv,

    /// <summary>One JSON object a line; decimals are strings.</summary>
    Ndjson,
}

/// <summary>Reads schema <c>bi</c>: what there is, and its rows, each from one moment of the database.</summary>
/// <param name="source">A migrated database; it stays the caller's.</param>
public sealed class BiReader(NpgsqlDataSource source)
{
    private const string Dictionary =
        """
        select v.relname, coalesce(obj_description(v.oid, 'pg_class'), ''), a.attname, format_type(a.atttypid, null),
          coalesce(col_description(v.oid, a.attnum), '')
        from pg_class v join pg_attribute a on a.attrelid = v.oid and a.attnum > 0 and not a.attisdropped
        where v.relnamespace = 'bi'::regnamespace and v.relkind = 'v' order by v.relname collate "C", a.attnum
        """;

    /// <summary>Every view and column with its meaning, by name: the data dictionary.</summary>
    public Task<(long Position, IReadOnlyList<BiView> Views)> Views(CancellationToken cancellationToken) =>
        Worlds.InOneMoment(
            source, async (connection, position) => (position, await Views(connection, cancellationToken)),
            cancellationToken);

    /// <summary>What every question comes to now, in the order a person would ask.</summary>
    public Task<(long Position, IReadOnlyList<BiFigure> Figures)> Figures(CancellationToken cancellationToken) =>
        Worlds.InOneMoment<(long, IReadOnlyList<BiFigure>)>(source, async (connection, position) =>
        {
            await using var command = new NpgsqlCommand(
                "set local jit = off; select question, words, figure, unit from bi.headline order by place, unit",
                connection);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var figures = new List<BiFigure>();
            while (await reader.ReadAsync(cancellationToken))
                figures.Add(new(
                    reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetDecimal(2),
                    reader.GetString(3)));
            return (position, figures);
        }, cancellationToken);

    /// <summary>Writes all rows of a view, ordered by its columns; no more than a piece of them is ever held.</summary>
    /// <param name="name">Of a view of schema <c>bi</c>.</param>
    /// <param name="begin">Told the position of the rows before the first, and where they go.</param>
    /// <returns>False where there is no such view; nothing was begun.</returns>
    public Task<bool> Write(
        string name, BiFormat format, Func<long, TextWriter> begin, CancellationToken cancellationToken) =>
        Worlds.InOneMoment(source, async (connection, position) =>
        {
            var views = await Views(connection, cancellationToken);
            if (views.FirstOrDefault(v => v.Name == name) is not { } view) return false;
            using var rows = await connection.BeginTextExportAsync(Copy(view, format), cancellationToken);
            var to = begin(position);
            var piece = new char[16 << 10];
            while (await rows.ReadAsync(piece, cancellationToken) is > 0 and var read)
                await to.WriteAsync(piece.AsMemory(0, read), cancellationToken);
            await to.FlushAsync(cancellationToken);
            return true;
        }, cancellationToken);

    // Text as it is: JSON has neither of these two marks in it.
    private static string Copy(BiView view, BiFormat format) => format is BiFormat.Csv
        ? $"copy (select * from {Of(view)} r order by r) to stdout (format csv, header)"
        : $"""
           copy (select row_to_json(j) from (select * from {Of(view)} r order by r) r cross join lateral (
             select {string.Join(", ", view.Columns.Select(Told))}) j)
           to stdout (format csv, quote e'\x01', delimiter e'\x02')
           """;

    private static string Told(BiColumn column) => string.Format(
        CultureInfo.InvariantCulture, column.Type == "numeric" ? "trim_scale(r.{0})::text as {0}" : "r.{0} as {0}",
        Quoted(column.Name));

    private static string Of(BiView view) => "bi." + Quoted(view.Name);

    private static string Quoted(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    private static async Task<IReadOnlyList<BiView>> Views(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Dictionary, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var columns = new List<(string View, string Meaning, BiColumn Column)>();
        while (await reader.ReadAsync(cancellationToken))
            columns.Add((reader.GetString(0), reader.GetString(1),
                new(reader.GetString(2), reader.GetString(3), reader.GetString(4))));
        return
        [
            .. columns.GroupBy(c => (c.View, c.Meaning))
                .Select(v => new BiView(v.Key.View, v.Key.Meaning, [.. v.Select(c => c.Column)])),
        ];
    }
}
