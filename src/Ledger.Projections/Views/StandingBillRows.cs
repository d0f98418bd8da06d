using Ledger.Projections.Findings;
using Ledger.Projections.Lineage;

namespace Ledger.Projections.Views;

/// <summary>How much stands of what bills a thing, where some of that was given back: one row a bill. Of what is not
/// here, all that <see cref="CoverageRows"/> say stands.</summary>
internal static class StandingBillRows
{
    public static readonly Table<Row> Table = new(
        "standing_bill", ["entity", "ordinal"],
        Column.Text<Row>("entity", r => r.Entity),
        Column.Count<Row>("ordinal", r => r.Ordinal),
        Column.Text<Row>("part", r => r.Bill.Bill.ToPart),
        Column.Text<Row>("from_entity", r => r.Bill.Bill.FromEntity),
        Column.Text<Row>("from_part", r => r.Bill.Bill.FromPart),
        Column.Amount<Row>("share", r => r.Bill.Share),
        Column.Amount<Row>("quantity", r => r.Bill.Quantity?.Value),
        Column.Text<Row>("unit", r => r.Bill.Quantity?.Unit.Code),
        Column.Amount<Row>("amount", r => r.Bill.Amount),
        Column.Text<Row>("currency", r => r.Bill.Bill.Currency?.Code));

    /// <summary>All that bill an entity, where any of them does not stand as a whole; else none.</summary>
    public static IEnumerable<Row> Of(World world, Entity entity, BillingDocuments documents)
    {
        var into = world.CoverageInto(entity.Id).Where(c => c is { Live: true, Rel: Rels.Bills }).ToArray();
        if (into.Length == 0) return [];
        var target = world.Compose(entity);
        var bills = into.GroupBy(c => c.ToPart).OrderBy(part => part.Key, StringComparer.Ordinal)
            .SelectMany(part => BilledWork.Parts(world, target, part, documents)).ToArray();
        return Array.TrueForAll(bills, b => b.Share == 1m)
            ? []
            : bills.Select((bill, ordinal) => new Row(entity.Id, ordinal, bill));
    }

    internal sealed record Row(string Entity, int Ordinal, StandingBill Bill);
}
