using Ledger.Domain;
using static Ledger.Projections.Drift.StatedFact;

namespace Ledger.Projections.Drift;

/// <summary>What records say of their parts: lines by what they bill, tax by its category, entries by their account,
/// money by what it settles. A part has no place of its own: never is one compared by where it stands.</summary>
internal static class PartFacts
{
    private const string Nothing = "nothing";

    public static IEnumerable<StatedFact?> Of(Books books, SourceRecord record, Invoice i) =>
    [
        Dated("taxPointOn", i.TaxPointOn), Dated("period/from", i.Period?.From), Dated("period/to", i.Period?.To),
        Pointed(books, record, "contracts", i.Contracts), Pointed(books, record, "projects", i.Projects),
        .. i.Lines.Where(l => l is { Basis: LineBasis.Stated, Bills.Count: > 0 })
            .GroupBy(l => Say.List(Billed(books, record, l))).SelectMany(same => OfLine(i, same.Key, [.. same])),
        .. OfCategories(i), .. OfTaxes(i),
    ];

    /// <summary>Debits less credits, by account.</summary>
    public static IEnumerable<StatedFact?> Of(Posting p) => p.Entries.GroupBy(e => e.Account).Select(same =>
        Priced($"entries/{same.Key}", same.Sum(e => (e.Debit ?? 0m) - (e.Credit ?? 0m)), p.Currency));

    /// <summary>What it settles, document by document.</summary>
    public static IEnumerable<StatedFact?> Of(Books books, SourceRecord record, Payment p) => p.Applications
        .Where(a => !a.Withdrawn).GroupBy(a => books.EntityOrName(a.Target, record.Source))
        .Select(same => Priced($"applications/{same.Key}", same.Sum(a => a.Amount), p.Currency));

    public static IEnumerable<StatedFact?> Of(Books books, SourceRecord record, Contract c) =>
    [
        Said("rounding", DriftClass.Rounding, c.Rounding is { } r ? Say.Rule(r) : null),
        Pointed(books, record, "rateCards", [.. c.RateCards.Select(card => card.Card)]),
        .. c.Ceilings.Select(x => Priced($"ceilings/{x.Id}", x.Amount, c.Currency)),
        .. c.Ceilings.Select(x => x.Qty is { } q ? Amounting($"ceilings/{x.Id}/quantity", q) : null),
        .. c.Lines.Select(l => Priced($"lines/{l.Line}", l.Amount, c.Currency)),
        .. c.Schedule.Where(x => x.Percent is null).Select(x => Priced($"schedule/{x.Item}", x.Amount, c.Currency)),
        .. c.Schedule.Select(x => Dated($"schedule/{x.Item}/due", x.DueOn)),
        .. OfPrices(c.Rates),
    ];

    /// <summary>Prices that are called the same and count from the same day.</summary>
    public static IEnumerable<StatedFact?> OfPrices(Items<CardRate> rates) => rates
        .GroupBy(r => $"rates/{r.Rate} from {Say.Date(r.From)}").Select(g => Priced(g.Key, g.Last().Price));

    /// <summary>The tax of an expense, all of it; by category where several are stated.</summary>
    public static StatedFact? OfTaxes(Expense e)
    {
        if (e.Taxes is not { Count: > 0 } taxes || taxes.Any(t => t.Amount is null)) return null;
        var said = string.Join("; ", taxes.GroupBy(CategoryOf).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => $"{g.Key} {DecimalText.Write(g.Sum(t => t.Amount!.Value))}"));
        var money = e.Currency is { } currency ? new Money(taxes.Sum(t => t.Amount!.Value), currency) : (Money?)null;
        return new("taxes", DriftClass.Tax, said, said, money);
    }

    /// <summary>Gives every record that tells its parts whole a word on those which only others have: it has nothing
    /// of them.</summary>
    public static void Fill(
        Books books, IReadOnlyList<(SourceRecord Record, Dictionary<string, StatedFact> Facts)> all)
    {
        foreach (var prefix in (string[])["lines/", "taxes/", "entries/", "applications/"])
        {
            var whole = all.Where(f => IsWhole(books, f.Record, prefix)).ToArray();
            if (whole.Length < 2) continue;
            if (prefix == "lines/") LineGroups.Join(books, whole);
            // By its money, where it has any.
            var parts = whole.SelectMany(f => f.Facts.Values)
                .Where(f => f.Field.StartsWith(prefix, StringComparison.Ordinal) && IsCounted(f))
                .GroupBy(f => PartOf(f.Field)).Select(g => g.MaxBy(f => f.Money is not null)!).ToArray();
            foreach (var (_, own) in whole)
            {
                var known = own.Keys.Select(PartOf).ToHashSet();
                foreach (var part in parts.Where(p => !known.Contains(PartOf(p.Field))))
                    own.Add(part.Field, Empty(part));
            }
        }
    }

    /// <summary>Of what differs, what nothing more particular tells: a line that makes a total another is told, and not
    /// the total; a quantity or a price that makes a line another, and not the line.</summary>
    /// <param name="all">Everything that is compared.</param>
    public static IReadOnlyList<Saying> Particular(Kind kind, IReadOnlyList<Saying> all)
    {
        var differing = all.Where(s => !s.Agrees).ToDictionary(s => s.Field);
        // What is booked in all is booked somewhere: another sum is told once.
        if (kind == Kind.Posting && ((string[])["net", "tax", "gross"]).Any(differing.ContainsKey))
            Drop(differing, [.. differing.Values.Where(s => s.Field.StartsWith("entries/", StringComparison.Ordinal))]);
        if (kind != Kind.Invoice || !differing.Keys.Any(f => f.Contains('/', StringComparison.Ordinal)))
            return [.. differing.Values];
        var said = all.ToDictionary(s => s.Field);
        var nets = differing.Values.Where(s => IsOf(s.Field, "lines/", "/net")).ToArray();
        var (categories, lines) = (
            nets.Where(s => IsCategory(s.Field)).ToArray(), nets.Where(s => !IsCategory(s.Field)).ToArray());
        var bases = differing.Values.Where(s => IsOf(s.Field, "taxes/", "/base")).ToArray();
        var net = said.GetValueOrDefault("net");
        if (net is not null && Explains(bases, net)) Drop(differing, bases);
        if (net is not null && Explains(lines, net)) Drop(differing, [net, .. categories]);
        else if (net is not null && Explains(categories, net)) Drop(differing, [net]);
        var amounts = differing.Values.Where(s => IsOf(s.Field, "taxes/", "/amount")).ToArray();
        if (said.TryGetValue("tax", out var tax) && Explains(amounts, tax)) Drop(differing, [tax]);
        Drop(differing, Array.FindAll(amounts, amount => Follows(said, amount)));
        foreach (var line in lines) Follow(said, differing, line);
        return [.. differing.Values];
    }

    /// <summary>The entities a line bills, by their names.</summary>
    public static IEnumerable<string> Billed(Books books, SourceRecord record, InvoiceLine line) => line.Bills!
        .Select(b => books.EntityOrName(b.Ref, record.Source) + (b.Ref.Line is { } part ? "#" + part : ""))
        .Distinct().Order(StringComparer.Ordinal);

    private static IEnumerable<StatedFact?> OfLine(Invoice i, string what, InvoiceLine[] same)
    {
        var quantities = same.Select(l => l.Quantity).OfType<Quantity>().ToArray();
        if (quantities.Length == same.Length && quantities.All(q => q.Unit == quantities[0].Unit))
            yield return Amounting(
                $"lines/{what}/quantity", quantities[0] with { Value = Math.Abs(quantities.Sum(q => q.Value)) });
        if (same is [{ Price: { } price }])
            yield return Priced($"lines/{what}/price", price with { Amount = Math.Abs(price.Amount) });
        if (same.All(l => l.Net is not null))
            yield return Priced($"lines/{what}/net", i.Sign * same.Sum(l => l.Net!.Value), i.Currency);
    }

    private static IEnumerable<StatedFact?> OfCategories(Invoice i) =>
        i.Lines.Any(l => l.Tax?.Category is null || l.Net is null || l.Basis is not LineBasis.Stated)
            ? []
            : i.Lines.GroupBy(l => l.Tax!.Category).Select(same => With(Priced(
                $"lines/tax {same.Key}/net", i.Sign * same.Sum(l => l.Net!.Value), i.Currency),
                DefaultTolerances.TaxOfCategory));

    private static IEnumerable<StatedFact?> OfTaxes(Invoice i)
    {
        foreach (var same in i.Taxes.GroupBy(CategoryOf))
        {
            if (same.Select(t => t.Rate).Distinct().ToArray() is [{ } rate])
                yield return new($"taxes/{same.Key}/rate", DriftClass.Tax, rate, DecimalText.Write(rate) + " %");
            if (same.All(t => t.Base is not null))
                yield return With(
                    Priced($"taxes/{same.Key}/base", i.Sign * same.Sum(t => t.Base!.Value), i.Currency, DriftClass.Tax),
                    DefaultTolerances.TaxOfCategory, isMoney: false);
            if (same.All(t => t.Amount is not null))
                yield return With(
                    Priced(
                        $"taxes/{same.Key}/amount", i.Sign * same.Sum(t => t.Amount!.Value), i.Currency,
                        DriftClass.Tax),
                    DefaultTolerances.TaxOfCategory);
        }
    }

    private static StatedFact? With(StatedFact? fact, decimal slack, bool isMoney = true) =>
        fact is null ? null : fact with { Slack = slack, Money = isMoney ? fact.Money : null };

    private static string CategoryOf(Tax tax) => tax.Category ?? tax.Code ?? "of no category";

    /// <summary>Whether a record tells all its parts, and by what is there: what dangles may be anything.</summary>
    private static bool IsWhole(Books books, SourceRecord record, string prefix) => (record.Fold.State, prefix) switch
    {
        (Invoice i, "lines/") => i.Lines.Count > 0 && i.Lines.All(l =>
            l is { Basis: LineBasis.Stated, Bills.Count: > 0 }
            && l.Bills.All(b => books.World.Resolve(b.Ref, record.Source) is not null)),
        (Invoice i, "taxes/") => i.Taxes.Count > 0 && i.Taxes.All(t => t.Amount is not null),
        (Posting p, "entries/") => p.Entries.Count > 0,
        (Payment p, "applications/") => p.Applications.Any(a => !a.Withdrawn) && p.Applications.All(a =>
            a.Withdrawn || books.World.Resolve(a.Target, record.Source) is not null),
        _ => false,
    };

    /// <summary>Whether a part that is not there counts as none of it: not of a price, a rate, a base.</summary>
    private static bool IsCounted(StatedFact fact) => !IsCategory(fact.Field)
        && !fact.Field.EndsWith("/price", StringComparison.Ordinal)
        && !fact.Field.EndsWith("/rate", StringComparison.Ordinal)
        && !fact.Field.EndsWith("/base", StringComparison.Ordinal);

    private static StatedFact Empty(StatedFact part) => part with
    {
        Value = part.Value is ValueTuple<decimal, Unit> quantity ? (0m, quantity.Item2) : 0m, Text = Nothing,
        Money = part.Money is { } money ? Money.Zero(money.Currency) : null,
    };

    /// <summary>The field without what is said of the part.</summary>
    private static string PartOf(string field) => field.LastIndexOf('/') is > 0 and var last
        && field[(last + 1)..] is "quantity" or "price" or "net" or "rate" or "base" or "amount"
            ? field[..last]
            : field;

    private static bool IsOf(string field, string prefix, string suffix) =>
        field.StartsWith(prefix, StringComparison.Ordinal) && field.EndsWith(suffix, StringComparison.Ordinal);

    private static bool IsCategory(string field) => field.StartsWith("lines/tax ", StringComparison.Ordinal);

    private static void Drop(Dictionary<string, Saying> differing, Saying[] told)
    {
        foreach (var saying in told) differing.Remove(saying.Field);
    }

    /// <summary>Whether the parts make up all that a whole is told differently by.</summary>
    private static bool Explains(Saying[] parts, Saying whole)
    {
        var first = whole.All[0];
        return parts.Length > 0 && whole.All.All(other =>
            Math.Abs(parts.Sum(p => p.Off(first.Record, other.Record) ?? 0m)
                - whole.Off(first.Record, other.Record)!.Value) <= other.Fact.Slack);
    }

    /// <summary>Whether a category's tax differs only because its base does.</summary>
    private static bool Follows(Dictionary<string, Saying> said, Saying amount)
    {
        var part = PartOf(amount.Field);
        if (!said.TryGetValue(part + "/rate", out var rate) || !rate.Agrees
            || !said.TryGetValue(part + "/base", out var on) || on.Agrees) return false;
        var first = amount.All[0].Record;
        return amount.All.All(other => on.Off(first, other.Record) is { } off
            && Math.Abs(amount.Off(first, other.Record)!.Value - off * (rate.Number(first) ?? 0m) / 100m)
                <= DefaultTolerances.TaxOfCategory);
    }

    /// <summary>Tells a line by its quantity or its price where that is what makes it another.</summary>
    private static void Follow(Dictionary<string, Saying> said, Dictionary<string, Saying> differing, Saying net)
    {
        var part = PartOf(net.Field);
        var (quantity, price) = (
            differing.GetValueOrDefault(part + "/quantity"), differing.GetValueOrDefault(part + "/price"));
        if (quantity is null == price is null || !net.All.All(s => Extends(said, part, s.Record, s.Fact))) return;
        differing.Remove(net.Field);
        var why = (quantity ?? price)!;
        differing[why.Field] = why with
        {
            All = [.. why.All.Select(s => (s.Record, s.Fact with { Money = net.FactOf(s.Record)?.Money }))],
        };
    }

    private static bool Extends(
        Dictionary<string, Saying> said, string part, SourceRecord record, StatedFact net)
    {
        if (net.Text == Nothing) return true;
        if (said.GetValueOrDefault(part + "/quantity")?.FactOf(record)?.Value is not ValueTuple<decimal, Unit> quantity
            || said.GetValueOrDefault(part + "/price")?.Number(record) is not { } price
            || net.Money is not { } money) return false;
        var exact = quantity.Item2 == Unit.Minute ? quantity.Item1 * price / 60m : quantity.Item1 * price;
        return Rounding.Round(exact, money.Currency.MinorDigits, RoundingMode.HalfAwayFromZero)
            == Math.Abs(money.Amount);
    }
}
