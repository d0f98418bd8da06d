using Ledger.Projections.Lineage;

namespace Ledger.Projections.Views;

/// <summary>What covers what: one row an edge that is coverage.</summary>
internal static class CoverageRows
{
    public static readonly Table<Row> Table = new(
        "coverage", ["stated_by", "ordinal"],
        Column.Text<Row>("stated_by", r => r.Edge.StatedBy),
        Column.Count<Row>("ordinal", r => r.Ordinal),
        Column.Text<Row>("from_entity", r => r.Edge.FromEntity),
        Column.Text<Row>("from_stream", r => EdgeRows.Stream(r.Edge.FromStream) ?? r.Edge.StatedBy),
        Column.Text<Row>("from_part", r => r.Edge.FromPart),
        Column.Text<Row>("rel", r => r.Edge.Rel),
        Column.Text<Row>("to_entity", r => r.Edge.ToEntity),
        Column.Text<Row>("to_stream", r => EdgeRows.Stream(r.Edge.ToStream)),
        Column.Text<Row>("to_kind", r => r.Edge.To.Kind[..Math.Min(r.Edge.To.Kind.Length, EdgeRows.LengthMax)]),
        Column.Text<Row>("to_number", r => r.Edge.To.Number),
        Column.Text<Row>("to_part", r => r.Edge.ToPart),
        Column.Amount<Row>("quantity", r => r.Edge.Quantity?.Value),
        Column.Text<Row>("unit", r => r.Edge.Quantity?.Unit.Code),
        Column.Amount<Row>("amount", r => r.Edge.Amount),
        Column.Text<Row>("currency", r => r.Edge.Currency?.Code),
        Column.Text<Row>("basis", r => EdgeRows.Basis(r.Edge.Basis)),
        Column.Whole<Row>("position", r => r.Edge.Position),
        Column.Flag<Row>("live", r => r.Edge.Live));

    /// <summary>The coverage a record states, each under its place among the record's references.</summary>
    public static IEnumerable<Row> Of(World world, SourceRecord record)
    {
        if (!Coverages.States(record.Kind)) return [];
        var places = Edges.Of(record).Select((edge, place) => (edge, place)).Where(e => CoverageRels.Has(e.edge.Rel));
        return Coverages.StatedBy(world, record).Zip(places, (covered, at) => new Row(at.place, covered));
    }

    internal sealed record Row(int Ordinal, CoverageEdge Edge);
}
