using Ledger.Domain;
using Ledger.Projections.Views;

namespace Ledger.Projections.Drift;

/// <summary>How far systems may be behind each other: what has gone further at one of them is followed by the others
/// within the days each is allowed. Until then they do not differ; one that followed later is told as late.</summary>
internal static class StandingDrift
{
    /// <summary>Whether the words of an hour or a cost mean one status, by the maps agreed. What is compared in SQL
    /// knows none, so a map makes words of these kinds alike, and never apart.</summary>
    public static bool IsAlike(Books books, Saying saying) => saying.Field == "approval"
        && saying.All.Select(s => books.Policy.StatusOf(s.Record.Source, s.Record.Kind, s.Fact.Text)).Distinct()
            .Take(2).Count() == 1;

    /// <summary>Whether all that are behind may still follow.</summary>
    public static bool IsWaiting(Books books, Saying saying)
    {
        if (saying.All.Any(s => s.Fact.Since is null)) return false;
        var ahead = saying.All.Select(s => s.Fact).MaxBy(f => (f.Rank, f.Since))!;
        // The first that went there is who the others follow.
        var since = saying.All.Where(s => s.Fact.Agrees(ahead)).Min(s => s.Fact.Since!.Value);
        return saying.All.Where(s => !s.Fact.Agrees(ahead))
            .All(s => !books.MayBeAmiss(s.Record.Source, s.Record.Kind, since));
    }

    /// <summary>What ended alike everywhere, at one system later than it is allowed; only where each says since when.
    /// </summary>
    public static Finding? Late(Books books, Saying status)
    {
        if (!status.Agrees || !status.All.All(s => Ends(s.Record))) return null;
        var first = status.All.MinBy(s => s.Fact.Since);
        var (kind, since) = (first.Record.Kind, first.Fact.Since!.Value);
        foreach (var (record, fact) in status.All)
        {
            if (books.SourceOf(record.Source) is not { } system) continue;
            var (lag, days) = (
                books.Policy.LagOf(system, kind), NodaTime.Period.DaysBetween(since, fact.Since!.Value));
            if (days <= lag) continue;
            return new Evidence().Says(first.Record, "status", first.Fact.Text, "status")
                .Says(record, "status", fact.Text, "status")
                .Finds(
                    DriftClass.Late,
                    $"{Say.Capital(kind.Name)} {Books.LabelOf(first.Record)} is {fact.Text} since {Say.Date(since)} in "
                    + $"{first.Record.Source}, and in {record.Source} only since {Say.Date(fact.Since)}: {days} days "
                    + $"later, where it is allowed {lag}.") with
                {
                    Weight = FindingWeight.Notice,
                    Invoice = kind == Kind.Invoice ? first.Record.Fold.State!.Number : null,
                };
        }

        return null;
    }

    /// <summary>Whether a record is over, and says since when by its own word.</summary>
    private static bool Ends(SourceRecord record) => record.Fold.State is Invoice { EndedOn: not null }
        or Posting { ReversedOn: not null } or Payment { ReversedOn: not null };
}
