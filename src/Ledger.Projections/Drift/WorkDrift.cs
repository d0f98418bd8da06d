using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>Compares what live documents bill with the work itself: hours, twice-billed hours, service dates.</summary>
internal static class WorkDrift
{
    public static IEnumerable<Finding> In(Books books)
    {
        var credits = new Credits(books);
        var off = new List<Off>();
        var twice = new Dictionary<string, List<Off>>();
        var priced = books.Documents.Where(d => d.IsLive)
            .SelectMany(d => books.Priced(d).Select(p => (Item: p, Document: d)))
            .Where(p => p.Item is { Recorded: not null, Billed: not null }).GroupBy(p => p.Item.Item.Target);
        foreach (var group in priced)
        {
            var lines = group.OrderBy(p => p.Document.IssuedOn).ThenBy(p => p.Document.Number?.Length ?? 0)
                .ThenBy(p => p.Document.Number, StringComparer.Ordinal)
                .ThenBy(p => p.Document.Record.Stream, StringComparer.Ordinal).ToArray();
            var (last, document) = lines.LastOrDefault(p => !p.Document.GivesBack);
            if (last is null || Total(lines, credits, last.Recorded!.Unit) is not { } total) continue;
            var billed = last.Recorded with { Value = total.Each.Sum() };
            var by = billed.Value - last.Recorded.Value;
            if (Math.Abs(by) <= Tolerance(last.Recorded.Unit) || (by < 0m && total.Credited)) continue;
            var asking = lines.Where(l => !l.Document.GivesBack).ToArray();
            var other = new Off(last, document, billed, by, Worth(last, total.Each));
            if (by > 0m && asking.Length > 1)
                ListOf(twice, string.Join('|', asking.Select(l => l.Document.Entity.Id))).Add(other);
            else off.Add(other);
        }

        return off.GroupBy(o => o.Document).Select(g => Quantity(g.Key, [.. g]))
            .Concat(twice.Select(t => Twice(books, t.Key.Split('|'), t.Value)))
            .Concat(books.Documents.Where(d => d.IsLive).Select(d => OutOfPeriod(books, d)).OfType<Finding>());
    }

    /// <summary>How far two quantities of a unit may be apart and still be the same.</summary>
    public static decimal Tolerance(Unit unit) => unit.PerHour is { } per ? DefaultTolerances.Hours * per : 0m;

    /// <summary>A time entry that is billed otherwise than recorded.</summary>
    /// <param name="Document">The last that bills it.</param>
    /// <param name="Billed">On all lines.</param>
    /// <param name="By">So much more, in its unit.</param>
    private sealed record Off(PricedItem Item, Document Document, Quantity Billed, decimal By, Money? Worth);

    private static (decimal[] Each, bool Credited)? Total(
        (PricedItem Item, Document Document)[] lines, Credits credits, Unit unit)
    {
        var (each, credited) = (new decimal[lines.Length], false);
        for (var i = 0; i < lines.Length; i++)
        {
            var (item, document) = lines[i];
            if (PricedItem.Convert(item.Billed!, unit) is not { } quantity) return null;
            var back = document.GivesBack && quantity > 0m;
            var released = back ? 0m : credits.Released(document, item, quantity, unit);
            credited |= back || quantity < 0m || released != 0m;
            each[i] = (back ? -quantity : quantity) - released;
        }

        return (each, credited);
    }

    private static Finding Quantity(
        Document document, Off[] off)
    {
        var evidence = new Evidence().Names(document.Record, "lines");
        var difference = 0m;
        foreach (var (item, _, billed, _, worth) in off)
        {
            difference += worth?.Amount ?? 0m;
            evidence.SaysAt(document.Record, $"lines/{item.Item.Line}/quantity", billed.ToString(), item.Item.Position)
                .Says(item.Record, "quantity", item.Recorded!.ToString(), "billableQuantity", "quantity");
            if (item.Entry.WriteDowns.Any(w => !w.Off)) evidence.Names(item.Record, "writeDowns");
            evidence.Clashes([.. Recorded(item), item.Item.Position]).Should(
                document.Record, $"lines/{item.Item.Line}/quantity", billed.ToString(), item.Recorded.ToString());
        }

        var money = document.Currency is { } currency ? new Money(difference, currency) : (Money?)null;
        var cost = money is { } m ? $": {Say.Abs(m)} {Say.TooMuch(m)}" : "";
        var said = off.Select(o => $"{o.Item.Item.Label} ({o.Billed} for {o.Item.Recorded})");
        return evidence.Finds(
            DriftClass.Quantity, document,
            off is [var one]
                ? $"{document.Name} bills {one.Billed} for time entry {one.Item.Item.Label}; {one.Item.Record.Source} "
                    + $"records {one.Item.Recorded}{cost}."
                : $"{document.Name} bills {Say.Entries(off.Length)} with other quantities than recorded: "
                    + $"{Say.List(said)}{cost} in all.",
            money) with
        {
            Off = off is [var single] ? single.Item.Recorded! with { Value = single.By } : null,
        };
    }

    private static Finding Twice(
        Books books, string[] entities, List<Off> items)
    {
        var last = items[0].Document;
        var others = books.Documents.Where(d => d != last && entities.Contains(d.Entity.Id)).ToArray();
        var evidence = new Evidence().Names(last.Record, "lines");
        foreach (var other in others) evidence.Names(other.Record, "lines");
        var difference = 0m;
        foreach (var (item, _, _, by, worth) in items)
        {
            difference += worth?.Amount ?? 0m;
            BilledItem[] bills = [.. books.Billing(item.Item.Target).Where(b => books.DocumentOf(b).IsLive)];
            foreach (var bill in bills)
                evidence.SaysAt(
                    books.DocumentOf(bill).Record, $"lines/{bill.Line}/bills",
                    (bill.Quantity ?? item.Billed)?.ToString(), bill.Position);
            // What is billed again in full is too much whatever was recorded since.
            evidence.Mends(
                last.Record, $"lines/{item.Item.Line}/quantity", item.Billed!.ToString(),
                (item.Recorded! with
                {
                    Value = PricedItem.Convert(item.Billed, item.Recorded.Unit)!.Value - by,
                }).ToString());
            var again = by >= PricedItem.Convert(item.Billed!, item.Recorded!.Unit);
            evidence.Clashes([.. again ? [] : Recorded(item), .. bills.Select(b => b.Position)]);
            evidence.Says(item.Record, "quantity", item.Recorded!.ToString(), "billableQuantity", "quantity");
        }

        var money = last.Currency is { } currency ? new Money(difference, currency) : (Money?)null;
        var where = others.Length == 0
            ? $"on more than one line of {last.Label}"
            : $"on {Say.List(others.Select(o => o.Label))} and again on {last.Label}";
        var what = items.Count == 1 ? "is" : "are";
        return evidence.Finds(
            DriftClass.Duplicate, last,
            $"{(items.Count == 1 ? "Time entry" : "Time entries")} {Say.List(items.Select(i => i.Item.Item.Label))} "
            + $"{what} billed {where}{(money is { } m ? $": {Say.Abs(m)} too much" : "")}.",
            money) with
        {
            Related = others.Select(o => o.Number).OfType<string>().ToItems(),
        };
    }

    /// <summary>Work outside the period an invoice says it is for, or done after the day it is dated.</summary>
    private static Finding? OutOfPeriod(Books books, Document document)
    {
        var period = document.State.Period;
        var outside = books.Priced(document).Where(p => p.Entry.WorkedOn is { } day
            && ((period is not null && !period.Contains(day)) || day > document.IssuedOn)).ToArray();
        if (outside.Length == 0 || document.GivesBack) return null;
        var days = outside.Select(p => p.Entry.WorkedOn!.Value).ToArray();
        var evidence = new Evidence().Says(document.Record, "issuedOn", Say.DateOrNull(document.IssuedOn), "issuedOn");
        if (period is not null)
            evidence.Says(document.Record, "period", $"{Say.Date(period.From)}/{Say.DateOrNull(period.To)}", "period");
        foreach (var item in outside)
            evidence.Says(item.Record, "workedOn", Say.DateOrNull(item.Entry.WorkedOn), "workedOn");
        var after = days.Max() > document.IssuedOn;
        var dated = after
            ? $"is dated {Say.Date(document.IssuedOn)}"
            : $"is for {Say.Date(period!.From)} to {Say.Date(period.To)}";
        return evidence.Finds(
            DriftClass.Period, document,
            $"{document.Name} {dated} but bills {Say.Entries(outside.Length)} worked "
            + $"{(after ? "later" : "outside it")}, {Span(days)}.") with
        {
            Weight = FindingWeight.Notice,
        };
    }

    /// <summary>The events that last changed how much may be billed of it.</summary>
    private static IEnumerable<long> Recorded(PricedItem item) =>
        item.Record.ChangesOf("quantity", "billableQuantity", "writeDowns");

    private static string Span(LocalDate[] days) => days.Min() == days.Max()
        ? $"on {Say.Date(days[0])}"
        : $"from {Say.Date(days.Min())} to {Say.Date(days.Max())}";

    /// <summary>What is billed of it line by line, less what should be, at the price that the lines should use; each
    /// rounded by itself, as it is asked for. What another price makes of all that is billed is told by
    /// <see cref="RateDrift"/>, and nothing of it twice.</summary>
    private static Money? Worth(PricedItem item, decimal[] each)
    {
        if (item.Used is null || RateDrift.PriceOf(item) is not { } rate || At(item.Recorded!.Value) is not { } right)
            return null;
        return each.Aggregate(-right, (sum, billed) => sum + At(billed)!.Value);

        Money? At(decimal quantity) =>
            ExactMoney.Of(item.Recorded! with { Value = quantity }, rate)?.Round(RoundingMode.HalfAwayFromZero);
    }

    private static List<T> ListOf<T>(Dictionary<string, List<T>> lists, string key) =>
        lists.TryGetValue(key, out var list) ? list : lists[key] = [];
}

/// <summary>What credit notes give back of other documents' lines without naming the work again.</summary>
internal sealed class Credits
{
    private readonly ILookup<(string Document, string? Line), InvoiceLine> byLine;
    private readonly HashSet<string> whole = [];

    public Credits(Books books)
    {
        var credited = new List<((string, string?), InvoiceLine)>();
        foreach (var note in books.Documents.Where(d => d.IsLive))
        {
            foreach (var line in note.Lines.Where(l => l.Bills.Count == 0 && l.Stated?.Credits is not null))
                if (books.DocumentOf(line.Stated!.Credits!.Doc, note.Record.Source) is { } document)
                    credited.Add(((document.Entity.Id, line.Stated.Credits.Line), line.Stated));
            foreach (var before in note.State.Preceding.Where(p => p.Rel == PrecedingRelation.Credits))
                if (note.Lines.All(l => l.Stated?.Credits is null && l.Bills.Count == 0)
                    && books.DocumentOf(before.Ref, note.Record.Source) is { Net: { } net } document
                    && Math.Abs(before.Amount ?? note.Net?.Amount ?? 0m) >= net.Amount)
                    whole.Add(document.Entity.Id);
        }

        byLine = credited.ToLookup(c => c.Item1, c => c.Item2);
    }

    /// <summary>How much of a billed entry was given back, in the unit given.</summary>
    public decimal Released(Document document, PricedItem item, decimal billed, Unit unit)
    {
        if (whole.Contains(document.Entity.Id)) return billed;
        var lines = byLine[(document.Entity.Id, item.Item.Line)].ToArray();
        if (lines.Length == 0) return 0m;
        var alone = document.Lines.First(l => l.Id == item.Item.Line).Bills.Count == 1;
        var quantities = lines.Select(l => l.Quantity is { } q ? PricedItem.Convert(q, unit) : null).ToArray();
        return alone && quantities.All(q => q is not null)
            ? Math.Min(billed, quantities.Sum(q => Math.Abs(q!.Value)))
            : billed;
    }
}
