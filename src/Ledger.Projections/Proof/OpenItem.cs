using Ledger.Domain;
using Ledger.Projections.Lineage;
using NodaTime;

namespace Ledger.Projections.Proof;

/// <summary>What a document leaves open, by all that stands against it.</summary>
internal static class OpenItem
{
    /// <param name="givenUp">What a write-off of a day without an amount gave up of it.</param>
    /// <returns>Never less than nothing, never more than it asks; of what gives money back, the other way round.
    /// </returns>
    public static decimal Of(World world, Papers papers, Paper paper, Func<LocalDate, decimal> givenUp)
    {
        if (paper.Owed is not { } whole) return 0m;
        var owed = whole - papers.Less(paper).LastOrDefault().Less;
        var left = owed + papers.Shares(paper).Sum(s => s.Amount) - Credited(papers, paper)
            - Settled(world, papers, paper) + papers.UsedOf(paper);
        var offs = paper.Composed.Value<Items<WriteOff>>("writeOffs") ?? Items<WriteOff>.None;
        left -= offs.Sum(off => off.Amount ?? 0m);
        left -= offs.Where(off => off.Amount is null).Select(off => off.On).Distinct().Sum(givenUp);
        return owed < 0m ? Math.Clamp(left, owed, 0m) : Math.Clamp(left, 0m, owed);
    }

    /// <summary>What credit notes that stand give back of it.</summary>
    private static decimal Credited(Papers papers, Paper paper) => papers.Undoing(paper)
        .Where(p => p is { IsCreditNote: true, EndedOn: null }).SelectMany(papers.Shares)
        .Where(s => s.Of.Id == paper.Id).Sum(s => s.Amount);

    /// <summary>What payments that stand settle of it, and credit notes that do not name it.</summary>
    private static decimal Settled(World world, Papers papers, Paper paper)
    {
        var sum = 0m;
        foreach (var edge in world.CoverageInto(paper.Id).Where(c => c is { Rel: Rels.Settles, Live: true }))
        {
            if (world.Records[edge.FromStream] is not { Fold.State: Payment payment } record) continue;
            if ((edge.Currency ?? paper.Account.Currency) != paper.Account.Currency) continue;
            var application = edge.StatedBy == edge.FromStream
                ? payment.Applications.FirstOrDefault(a => a.Id == edge.FromPart)
                : null;
            if (application?.Kind is not ApplicationKind.Credit)
                sum += (edge.Amount ?? 0m) + (application?.Discount ?? 0m);
            else if (papers.NoteOf(application, record.Source) is { } note && !papers.Names(note, paper))
                sum += application.Amount;
        }

        return sum;
    }
}
