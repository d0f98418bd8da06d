using Ledger.Domain;
using Ledger.Projections.Findings;
using Ledger.Projections.Views;

namespace Ledger.Projections;

/// <summary>Records of which nobody else speaks and that speak of nobody in a way that money or identity hangs on: such
/// a one is its own entity and says all that there is to say of it. Nearly all hours and costs are so when they come.
/// </summary>
internal static class Alone
{
    /// <summary>Whether a stream's record may be one at all: an hour or a cost, which have no keys, of no system that
    /// another has replaced.</summary>
    public static bool MayBe(string stream, Firm firm)
    {
        if (!StreamName.TryParse(stream, out var kind, out var source, out _)) return false;
        if (kind != Kind.Time.Name && kind != Kind.Expense.Name) return false;
        foreach (var replaced in firm.Replaced)
            if (replaced.Old == source || replaced.New == source) return false;
        return true;
    }

    /// <summary>What the records come to, each by itself.</summary>
    /// <param name="records">With whether the views know the record already: then they know its membership too.</param>
    /// <returns>Rows that are there in an older form, and rows that are not.</returns>
    public static (ViewRows Rows, ViewRows Fresh) Derive(
        IReadOnlyCollection<(SourceRecord Record, bool IsKnown)> records, long position, Standing standing)
    {
        var (rows, fresh) = (new ViewRows(), new ViewRows());
        var world = new World(position, standing.Day, records.Select(r => r.Record), standing.Firm);
        foreach (var (record, isKnown) in records)
        {
            var entity = world.EntityOf(record.Stream);
            if (isKnown)
            {
                rows.Entities.Add(EntityRows.Of(world.Compose(entity), null));
                rows.Work.AddRange(WorkRows.Of(entity));
            }
            else fresh.Add(world.Compose(entity), null);
            fresh.Findings.AddRange(FindingRows.Of(EntityFindings.Of(world, entity)));
        }

        return (rows, fresh);
    }
}
