using System.Text.Json;
using Ledger.Domain;
using NodaTime;
using Npgsql;

namespace Ledger.Projections.Views;

/// <summary>What each source says: one row a stream.</summary>
internal static class BySource
{
    /// <summary>The columns that <see cref="Read"/> takes, in its order.</summary>
    public const string Columns =
        """
        s.stream, s.kind, s.source, s.record_id, s.state, s.asserted, s.deleted_by, s.pending, s.opened_position,
        s.first_position, s.last_position, s.events, s.order_sequence, s.order_time, s.order_id, s.sequenced
        """;

    public static readonly Table<Row> Table = new(
        "by_source", ["stream"],
        Column.Text<Row>("stream", r => r.Record.Stream),
        Column.Text<Row>("kind", r => r.Record.Kind.Name),
        Column.Text<Row>("source", r => r.Record.Source),
        Column.Text<Row>("record_id", r => r.Record.Id),
        Column.Text<Row>("number", r => r.Fold.State?.Number),
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
        Column.Flag<Row>("sequenced", r => r.Fold.Sequenced));

    /// <summary>A record as its row is written.</summary>
    public static Row Of(SourceRecord record) => new(
        record,
        record.Fold.State is { } state
            ? JsonSerializer.SerializeToUtf8Bytes(state, LedgerJson.States.GetTypeInfo(record.Kind.StateType))
            : null,
        Positions(record.Fold.Asserted));

    /// <summary>The record in the row the reader stands on.</summary>
    public static SourceRecord Read(NpgsqlDataReader row)
    {
        var kind = Kind.Find(row.GetString(1));
        var fold = new Folded
        {
            State = row.IsDBNull(4) ? null : State(kind, row.GetFieldValue<byte[]>(4)),
            Asserted = Positions(row.GetFieldValue<byte[]>(5)),
            DeletedBy = row.IsDBNull(6) ? null : row.GetInt64(6),
            Pending = row.GetFieldValue<long[]>(7).ToItems(),
            Opened = row.GetInt64(8),
            First = row.GetInt64(9),
            Last = row.GetInt64(10),
            Events = row.GetInt32(11),
            Order = new(row.IsDBNull(12) ? null : row.GetInt64(12), Time(row.GetInt64(13)), row.GetString(14)),
            Sequenced = row.GetBoolean(15),
        };
        return new(row.GetString(0), kind, row.GetString(2), row.GetString(3), fold);
    }

    public static RecordState State(Kind kind, ReadOnlySpan<byte> json) =>
        (RecordState)JsonSerializer.Deserialize(json, LedgerJson.States.GetTypeInfo(kind.StateType))!;

    // Instants reach back further than PostgreSQL's and .NET's dates do, so the source's time is kept as a number.
    private static long Micros(Instant time) => time.ToUnixTimeTicks() / 10;

    private static Instant Time(long micros) => Instant.FromUnixTimeTicks(micros * 10);

    private static byte[] Positions(IReadOnlyDictionary<string, long> asserted)
    {
        var json = new System.Buffers.ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(json);
        writer.WriteStartObject();
        foreach (var (field, position) in asserted) writer.WriteNumber(field, position);
        writer.WriteEndObject();
        writer.Flush();
        return json.WrittenSpan.ToArray();
    }

    private static FieldPositions Positions(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        var (fields, positions, count) = (new string[16], new long[16], 0);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (count == fields.Length)
            {
                Array.Resize(ref fields, count * 2);
                Array.Resize(ref positions, count * 2);
            }

            fields[count] = Recurring.Read(ref reader)!;
            reader.Read();
            positions[count++] = reader.GetInt64();
        }

        return new(fields[..count], positions[..count]);
    }

    /// <summary>A record with its JSON made.</summary>
    internal sealed record Row(SourceRecord Record, byte[]? State, byte[] Asserted)
    {
        public Folded Fold => Record.Fold;
    }
}
