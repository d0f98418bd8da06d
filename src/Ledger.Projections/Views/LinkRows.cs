using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Views;

/// <summary>Pairs of streams somebody has spoken of as one thing: one row a stream that states one.</summary>
internal static class LinkRows
{
    private const int StreamLengthMax = 400;

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

    /// <summary>The pair a record names, where the streams can exist at all; also one it takes back.</summary>
    public static Row? Of(SourceRecord record)
    {
        if (record.Kind != Kind.Identity || record.Fold.State is not IdentityLink { A: { } one, B: { } other })
            return null;
        if (one.Kind != other.Kind || one.Stream(record.Source) is not { } a || other.Stream(record.Source) is not { } b)
            return null;
        if (Math.Max(a.Length, b.Length) > StreamLengthMax) return null;
        var position = Math.Max(record.Asserted("linked"), Math.Max(record.Asserted("a"), record.Asserted("b")));
        return new(record.Stream, a, b, position, "stated", Entities.TieOf(record) is not null, null);
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
