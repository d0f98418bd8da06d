namespace Ledger.Projections.Views;

/// <summary>Stated links in force: one row a tie.</summary>
internal static class LinkRows
{
    private const int StreamLengthMax = 400;

    public static readonly Table<Row> Table = new(
        "link", ["stream"],
        Column.Text<Row>("stream", r => r.Tie.Stream),
        Column.Text<Row>("a", r => r.Tie.A),
        Column.Text<Row>("b", r => r.Tie.B),
        Column.Whole<Row>("position", r => r.Tie.Position),
        Column.Flag<Row>("refused", r => r.Refused));

    /// <summary>The tie a record states, where the streams it names can exist at all.</summary>
    public static Tie? TieOf(SourceRecord record) =>
        Entities.TieOf(record) is { } tie && Math.Max(tie.A.Length, tie.B.Length) <= StreamLengthMax ? tie : null;

    internal sealed record Row(Tie Tie, bool Refused);
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
