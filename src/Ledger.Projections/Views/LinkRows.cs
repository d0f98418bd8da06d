using Ledger.Domain;
using Ledger.Projections.Identity;
using NodaTime;
using Npgsql;

namespace Ledger.Projections.Views;

/// <summary>Pairs of streams somebody has spoken of as one thing: one row a stream that states one.</summary>
internal static class LinkRows
{
    private const int StreamLengthMax = 400;

    /// <summary>The columns that <see cref="Read"/> takes, in its order.</summary>
    public const string Columns = "l.stream, l.a, l.b, l.position, l.basis, l.in_force, l.refused";

    public static readonly Table<Row> Table = new(
        "link", ["stream"],
        Column.Text<Row>("stream", r => r.Stream),
        Column.Text<Row>("a", r => r.A),
        Column.Text<Row>("b", r => r.B),
        Column.Whole<Row>("position", r => r.Position),
        Column.Flag<Row>("refused", r => r.Refused),
        Column.Text<Row>("basis", r => r.Basis),
        Column.Flag<Row>("in_force", r => r.InForce),
        Column.Date<Row>("from_date", r => r.From));

    /// <summary>The pair a record names, where the streams can exist at all; also one it takes back. Null where it
    /// names none.</summary>
    public static Row? Of(SourceRecord record)
    {
        // Also of one with itself: it ties nothing, and may dangle.
        var row = PairOf(record);
        return row is null || Math.Max(row.A.Length, row.B.Length) > StreamLengthMax
            ? null
            : row;
    }

    public static Row Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetString(4), row.GetBoolean(5),
        null)
    {
        Refused = row.GetBoolean(6),
    };

    /// <summary>As a view says it.</summary>
    public static string Named(TieBasis basis) => basis switch
    {
        TieBasis.Stated => "stated",
        TieBasis.Confirmed => "confirmed",
        TieBasis.Ruled => "ruled",
        TieBasis.Succeeded => "succeeded",
        _ => throw new System.Diagnostics.UnreachableException($"no basis {basis}"),
    };

    private static Row? PairOf(SourceRecord record)
    {
        switch (record.Fold.State)
        {
            case IdentityLink { A: { } one, B: { } other } when one.Kind == other.Kind:
                if (one.Stream(record.Source) is not { } a || other.Stream(record.Source) is not { } b) return null;
                var position = record.Changed("linked", "rejected", "a", "b");
                return new(
                    record.Stream, a, b, position,
                    Named(record.Source == Ties.LedgerSource ? TieBasis.Confirmed : TieBasis.Stated),
                    Ties.Of(record) is not null, null);
            case Succession { Old: { } old, New: { } by } s when old.Kind == by.Kind:
                if (old.Stream(record.Source) is not { } from || by.Stream(record.Source) is not { } to) return null;
                return new(
                    record.Stream, from, to, record.Changed("old", "new", "from", "withdrawn"),
                    Named(TieBasis.Succeeded), record.IsLive && !s.Withdrawn, s.From);
            case Client { MergedInto: { } into } when into.Stream(record.Source) is { } kept:
                return new(
                    record.Stream, record.Stream, kept, record.Asserted("mergedInto"), Named(TieBasis.Succeeded),
                    record.IsLive, null);
            default:
                return null;
        }
    }

    internal sealed record Row(
        string Stream, string A, string B, long Position, string Basis, bool InForce, LocalDate? From)
    {
        /// <summary>Whether it would put two live records of one source into one entity.</summary>
        public bool Refused { get; init; }
    }
}

/// <summary>Streams that stand still: one row each.</summary>
internal static class PoisonRows
{
    public static readonly Table<Poison> Table = new(
        "poisoned", ["stream"],
        Column.Text<Poison>("stream", r => r.Stream),
        Column.Whole<Poison>("position", r => r.Position),
        Column.Text<Poison>("type", r => r.Type),
        Column.Text<Poison>("error", r => r.Error));
}
