using Ledger.Domain;
using Ledger.Projections.Lineage;

namespace Ledger.Projections.Drift;

/// <summary>What a registered source says it carries, and has not delivered. Absence at a source that never promised
/// the kind is no finding.</summary>
internal static class MissingDrift
{
    public static IEnumerable<Finding> In(Books books, IReadOnlyList<ControlTotal> controls)
    {
        foreach (var document in books.Documents.Where(d => d.IsLive))
        {
            if (Undelivered(books, document) is { } undelivered) yield return undelivered;
            foreach (var finding in Mirrors(books, document)) yield return finding;
        }

        foreach (var finding in Dangling(books)) yield return finding;
        foreach (var finding in ExtractDrift.In(controls)) yield return finding;
    }

    /// <summary>A live document bills what its source has not delivered, or has deleted.</summary>
    private static Finding? Undelivered(Books books, Document document)
    {
        var gone = document.Bills.Where(b => b.Record is { IsLive: false }
            || (b.Record is null && Promised(books, b.Ref, document.Record.Source, document.IssuedOn))).ToArray();
        if (gone.Length == 0) return null;
        var evidence = new Evidence();
        foreach (var item in gone)
        {
            var what = $"{item.Ref.Kind} {item.Label}";
            evidence.SaysAt(document.Record, $"lines/{item.Line}/bills", what, item.Position);
            if (item.Record is { Fold.DeletedBy: { } deleted } record)
                evidence.SaysAt(record, "deleted", "true", deleted).Clashes(item.Position, deleted)
                    .Mends(document.Record, $"lines/{item.Line}/bills", what, null);
            else
                evidence.Clashes(item.Position).Needs(
                    item.Ref.Source ?? document.Record.Source, Kind.Find(item.Ref.Kind),
                    item.Ref.Stream(document.Record.Source), "record", null);
        }

        var asked = document.Currency is { } currency
            && gone.Select(AmountOf(books, document)).ToArray() is var amounts && amounts.All(a => a is not null)
                ? new Money(amounts.Sum()!.Value, currency)
                : (Money?)null;
        var deletions = gone.All(g => g.Record is { Fold.DeletedBy: not null });
        return evidence.Finds(
            DriftClass.Missing, document,
            $"{document.Name} bills {Say.Count(gone.Length, "record", "records")} that "
            + $"{(deletions ? "its source has deleted" : "its source has not delivered")}: "
            + $"{Say.List(gone.Select(g => $"{g.Ref.Kind} {g.Label}"))}{(asked is { } money ? $", {money}" : "")}.",
            asked);
    }

    private static Func<BilledItem, decimal?> AmountOf(Books books, Document document)
    {
        var priced = books.Priced(document).ToLookup(p => p.Item);
        return item => item.Amount ?? priced[item].FirstOrDefault()?.Worth?.Amount
            ?? (document.Lines.First(l => l.Id == item.Line) is { Bills.Count: 1 } line ? line.NetStated : null);
    }

    /// <summary>Whether a registered source promised a record by now.</summary>
    private static bool Promised(Books books, Ref reference, string statedBy, NodaTime.LocalDate? day)
    {
        var carrying = Kind.TryFind(reference.Kind, out var kind) ? books.Carrying(kind, day) : [];
        return carrying.Any(s => (reference.Id is null ? reference.Source is null || s.Record.Id == reference.Source
                : s.Record.Id == (reference.Source ?? statedBy))
            && (day is not { } from || books.IsPastLag(s, kind, from)));
    }

    /// <summary>Systems of other roles carry invoices too, and have not this one.</summary>
    private static IEnumerable<Finding> Mirrors(Books books, Document document)
    {
        var present = books.Same(document).SelectMany(d => d.Entity.Members).Where(m => m.IsLive)
            .SelectMany(m => books.World.RolesOf(m.Source)).ToHashSet();
        if (document.IssuedOn is not { } day) yield break;
        var lacking = books.Carrying(Kind.Invoice, day, books.World.Firm.EntityOf(document.Record))
            .Where(s => s.State.Roles.Count > 0 && !s.State.Roles.Any(present.Contains));
        foreach (var role in lacking.GroupBy(s => s.State.Roles.Min()))
        {
            var carrying = role.ToArray();
            if (carrying.Any(s => !books.IsPastLag(s, Kind.Invoice, day))) continue;
            var evidence = new Evidence().Says(document.Record, "status", Say.Snake(document.State.Status), "status");
            foreach (var source in carrying)
                evidence.Says(source.Record, "kinds", Say.List(source.State.Kinds), "kinds")
                    .Needs(source.Record.Id, Kind.Invoice, null, "net", document.Net?.ToString());
            yield return evidence.Finds(
                DriftClass.Missing, document,
                $"{document.Name} of {Say.Date(day)} is not in {Say.List(carrying.Select(s => s.Record.Id))}, which "
                + $"{(carrying.Length == 1 ? "carries" : "carry")} invoices"
                + $"{(document.Net is { } net ? $": {net}" : "")}.",
                document.Net);
        }
    }

    /// <summary>Records that others point at and nobody delivered: one finding each, naming all that point.</summary>
    private static IEnumerable<Finding> Dangling(Books books)
    {
        var pointing = books.World.Records.Values.Where(r => r.IsLive && !r.Kind.IsGovernance)
            .OrderBy(r => r.Stream, StringComparer.Ordinal)
            .SelectMany(r => Edges.Of(r).Select(edge => (Record: r, Edge: edge)))
            .Where(p => p.Edge.Rel is not Rels.Bills && p.Edge.To.Kind != Kind.Source.Name
                && books.World.Resolve(p.Edge.To, p.Record.Source) is null or { Fold.State: null }
                && Promised(books, p.Edge.To, p.Record.Source, null))
            .GroupBy(p => books.EntityOrName(p.Edge.To, p.Record.Source));
        foreach (var target in pointing)
        {
            var evidence = new Evidence();
            var all = target.ToArray();
            foreach (var (record, edge) in all)
                evidence.SaysAt(record, edge.Rel, edge.To.Id ?? edge.To.Number, edge.Position).Clashes(edge.Position);
            var from = all.Select(p => p.Record).Distinct().ToArray();
            var reference = all[0].Edge.To;
            evidence.Needs(
                reference.Source ?? (reference.Id is null ? books.KeeperOf(Kind.Find(reference.Kind))
                    : all[0].Record.Source),
                Kind.Find(reference.Kind), reference.Stream(all[0].Record.Source), "number", reference.Number);
            yield return Orphan(evidence, from, reference) ?? evidence.Finds(
                DriftClass.Missing,
                $"{Say.Capital(Say.Count(from.Length, "record points", "records point"))} at {reference.Kind} "
                + $"{reference.Id ?? reference.Number}, which {reference.Source ?? all[0].Record.Source} carries and "
                + "has not delivered.");
        }
    }

    /// <summary>Money booked or received for a document that is known by a number only, which nobody has: the record
    /// stands alone. Null for anything else.</summary>
    private static Finding? Orphan(Evidence evidence, SourceRecord[] alone, Ref reference)
    {
        if (reference.Kind != Kind.Invoice.Name || reference.Number is not { } number) return null;
        if (!alone.All(r => r.Fold.State is Posting or Payment)) return null;
        var money = alone.Select(r => r.Fold.State switch
        {
            Posting { Currency: { } currency, Totals: { } t } when (t.Net ?? t.Gross) is { } net =>
                new Money(net, currency),
            Payment { Currency: { } currency, Amount: { } amount } => new Money(amount, currency),
            _ => (Money?)null,
        }).ToArray();
        var sum = money.All(m => m?.Currency == money[0]?.Currency) && money[0] is { } first
            ? first with { Amount = money.Sum(m => m!.Value.Amount) }
            : (Money?)null;
        return evidence.Finds(
            DriftClass.Orphan,
            $"{Say.Capital(Say.List(alone.Select(r => $"{r.Kind} {Books.LabelOf(r)}")))} of {alone[0].Source} "
            + $"{(alone.Length == 1 ? "is" : "are")} for invoice {number}, which nobody has"
            + $"{(sum is { } of ? $": {of}" : "")}.", sum);
    }
}
