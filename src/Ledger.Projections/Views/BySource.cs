using System.Text.Json;
using Ledger.Domain;
using NodaTime;
using Npgsql;

namespace Ledger.Projections.Views;

/// <summary>What each source says: one row a stream.</summary>
internal static class BySource
{
    /// <summary>The columns that <see cref="Read"/> takes, in its order. Kind, source and id are the stream's name.
    /// </summary>
    public const string Columns =
        """
        s.stream, s.state, s.asserted, s.deleted_by, nullif(s.pending, '{}'), s.opened_position, s.first_position,
        s.last_position, s.events, s.order_sequence, s.order_time, s.order_id, s.sequenced
        """;

    /// <summary>How many they are.</summary>
    public const int Width = 13;

    private static readonly Column<Row>[] Folds =
    [
        Column.Text<Row>("stream", r => r.Record.Stream),
        Column.Json<Row>("state", r => r.State),
        Column.Json<Row>("asserted", r => r.Asserted),
        Column.Whole<Row>("deleted_by", r => r.Fold.DeletedBy),
        Column.Wholes<Row>("pending", r => r.Fold.Pending),
        Column.Whole<Row>("opened_position", r => r.Fold.Opened),
        Column.Whole<Row>("first_position", r => r.Fold.First),
        Column.Whole<Row>("last_position", r => r.Fold.Last),
        Column.Count<Row>("events", r => r.Fold.Events),
        Column.Whole<Row>("order_sequence", r => r.Fold.Order!.Sequence),
        Column.Whole<Row>("order_time", r => Micros(r.Fold.Order!.Time)),
        Column.Text<Row>("order_id", r => r.Fold.Order!.Id),
        Column.Flag<Row>("sequenced", r => r.Fold.Sequenced),
    ];

    public static readonly Table<Row> Table = new(
        "by_source", ["stream"],
        [
            Column.Text<Row>("kind", r => r.Record.Kind.Name), Column.Text<Row>("source", r => r.Record.Source),
            Column.Text<Row>("record_id", r => r.Record.Id), Column.Text<Row>("number", r => r.Fold.State?.Number),
            .. Folds,
        ]);

    /// <summary>What records were before: one row a turn, as of the last position it has.</summary>
    public static readonly Table<Row> Turns = new("turn", ["stream", "last_position"], Folds);

    /// <summary>A record as its row is written.</summary>
    public static Row Of(SourceRecord record) => new(
        record,
        record.Fold.State is { } state
            ? JsonSerializer.SerializeToUtf8Bytes(state, LedgerJson.States.GetTypeInfo(record.Kind.StateType))
            : null,
        RowJson.Of(record.Fold.Asserted, Write));

    /// <summary>Whether two records, each maybe not there, are one row.</summary>
    public static bool IsSame(SourceRecord? a, SourceRecord? b)
    {
        if (a is null || b is null) return a is null && b is null;
        var (was, now) = (a.Fold, b.Fold);
        return (was.DeletedBy, was.Opened, was.First, was.Last, was.Events, was.Sequenced, was.Pending, was.Order)
            .Equals((now.DeletedBy, now.Opened, now.First, now.Last, now.Events, now.Sequenced, now.Pending, now.Order))
            && was.Asserted.Count == now.Asserted.Count
            && was.Asserted.All(x => now.Asserted.TryGetValue(x.Key, out var at) && at == x.Value)
            && Of(a).State.AsSpan().SequenceEqual(Of(b).State);
    }

    /// <summary>The record in the row the reader stands on.</summary>
    public static SourceRecord Read(NpgsqlDataReader row)
    {
        var stream = row.GetString(0);
        var (kind, source, id) = StreamName.Parts(stream);
        var fold = new Folded
        {
            State = row.IsDBNull(1) ? null : State(kind, row.GetFieldValue<byte[]>(1)),
            Asserted = FieldPositions.Read(row.GetFieldValue<byte[]>(2)),
            DeletedBy = row.IsDBNull(3) ? null : row.GetInt64(3),
            Pending = row.IsDBNull(4) ? Items<long>.None : row.GetFieldValue<long[]>(4).ToItems(),
            Opened = row.GetInt64(5),
            First = row.GetInt64(6),
            Last = row.GetInt64(7),
            Events = row.GetInt32(8),
            Order = new(row.IsDBNull(9) ? null : row.GetInt64(9), Time(row.GetInt64(10)), row.GetString(11)),
            Sequenced = row.GetBoolean(12),
        };
        return new(stream, kind, source, id, fold);
    }

    public static RecordState State(Kind kind, ReadOnlySpan<byte> json) =>
        (RecordState)JsonSerializer.Deserialize(json, LedgerJson.States.GetTypeInfo(kind.StateType))!;

    // Instants reach back further than PostgreSQL's and .NET's dates do, so the source's time is kept as a number.
    private static long Micros(Instant time) => time.ToUnixTimeTicks() / 10;

    private static Instant Time(long micros) => Instant.FromUnixTimeTicks(micros * 10);

    private static void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, long> asserted)
    {
        writer.WriteStartObject();
        foreach (var (field, position) in asserted) writer.WriteNumber(field, position);
        writer.WriteEndObject();
    }

    /// <summary>A record with its JSON made.</summary>
    internal sealed record Row(SourceRecord Record, byte[]? State, byte[] Asserted)
    {
        public Folded Fold => Record.Fold;
    }
}
