using Ledger.Domain;
using Ledger.Projections.Lineage;

namespace Ledger.Projections.Views;

/// <summary>The references records make: one row an edge.</summary>
internal static class EdgeRows
{
    /// <summary>Longest stream there can be, in characters, and more than any number or kind that resolves.</summary>
    internal const int LengthMax = 400;

    public static readonly Table<Row> Table = new(
        "edge", ["stated_by", "ordinal"],
        Column.Text<Row>("stated_by", r => r.StatedBy),
        Column.Count<Row>("ordinal", r => r.Ordinal),
        Column.Text<Row>("from_stream", r => Stream(r.Edge.From) ?? r.StatedBy),
        Column.Text<Row>("from_part", r => r.Edge.FromPart),
        Column.Text<Row>("rel", r => r.Edge.Rel),
        Column.Text<Row>("to_kind", r => r.Edge.To.Kind[..Math.Min(r.Edge.To.Kind.Length, LengthMax)]),
        Column.Text<Row>("to_stream", r => Stream(r.Edge.ToStream)),
        Column.Text<Row>("to_source", r => r.Edge.To.Source),
        Column.Text<Row>("to_number", r => r.Edge.To.Number),
        Column.Text<Row>("to_part", r => r.Edge.To.Line),
        Column.Text<Row>("basis", r => Basis(r.Edge.Basis)),
        Column.Whole<Row>("position", r => r.Edge.Position),
        Column.Amount<Row>("quantity", r => r.Edge.Quantity?.Value),
        Column.Text<Row>("unit", r => r.Edge.Quantity?.Unit.Code),
        Column.Amount<Row>("amount", r => r.Edge.Amount),
        Column.Text<Row>("currency", r => r.Edge.Currency?.Code));

    /// <summary>The edges a record states, in its order.</summary>
    public static IEnumerable<Row> Of(SourceRecord record) =>
        Edges.Of(record).Select((edge, ordinal) => new Row(record.Stream, ordinal, edge));

    // A reference may hold an id longer than any record can have; it never resolves, and no index would hold it.
    internal static string? Stream(string? stream) => stream?.Length <= LengthMax ? stream : null;

    internal static string Basis(EdgeBasis basis) => basis switch
    {
        EdgeBasis.Stated => "stated",
        EdgeBasis.Ruled => "ruled",
        EdgeBasis.Confirmed => "confirmed",
        _ => throw new System.Diagnostics.UnreachableException($"no basis {basis}"),
    };

    internal sealed record Row(string StatedBy, int Ordinal, Edge Edge);
}

/// <summary>The references records once made: one row each.</summary>
internal static class PastEdgeRows
{
    public static readonly Table<Row> Table = new(
        "past_edge", ["stated_by", "ordinal"],
        Column.Text<Row>("stated_by", r => r.StatedBy),
        Column.Count<Row>("ordinal", r => r.Ordinal),
        Column.Text<Row>("to_kind", r => r.To.Kind),
        Column.Text<Row>("to_stream", r => r.To.Stream),
        Column.Text<Row>("to_number", r => r.To.Number));

    public static IEnumerable<Row> Of(string stream, Former former) =>
        former.Targets.Select((to, ordinal) => new Row(stream, ordinal, to));

    internal sealed record Row(string StatedBy, int Ordinal, Target To);
}
