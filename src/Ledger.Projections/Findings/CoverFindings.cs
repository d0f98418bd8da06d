using Ledger.Domain;
using Ledger.Projections.Lineage;

namespace Ledger.Projections.Findings;

/// <summary>Whether what covers an entity is more than there is of it: pure.</summary>
public static class CoverFindings
{
    /// <param name="target">The entity that is covered.</param>
    /// <param name="into">What covers it, of whichever standing.</param>
    /// <param name="intoOther">What covers the entities that cover it: a credited or replaced document asks for nothing
    /// any more.</param>
    public static IEnumerable<Finding> Of(
        ComposedEntity target, IReadOnlyList<CoverageEdge> into, Func<string, IReadOnlyList<CoverageEdge>> intoOther)
    {
        if (into.Count == 0) return [];
        var kind = target.Entity.Kind;
        if (kind == Kind.Time || kind == Kind.Expense) return OfWork(target, into, intoOther);
        return kind == Kind.Invoice ? OfDocument(target, into) : [];
    }

    private static IEnumerable<Finding> OfWork(
        ComposedEntity target, IReadOnlyList<CoverageEdge> into, Func<string, IReadOnlyList<CoverageEdge>> intoOther)
    {
        var bills = into.Where(c => c is { Live: true, Rel: Rels.Bills }).OrderBy(c => c.Position)
            .ThenBy(c => c.FromStream, StringComparer.Ordinal).ThenBy(c => c.FromPart, StringComparer.Ordinal)
            .ToArray();
        // Nearly all is billed once; only where it is not, does it matter what was credited.
        if (bills.Length == 0 || Excess(target, bills) is null) yield break;
        bills = Array.FindAll(bills, c => !IsTakenBack(c, intoOther(c.FromEntity)));
        if (bills.Length == 0 || Excess(target, bills) is not { } excess) yield break;
        var documents = bills.Select(c => c.FromEntity).Distinct().ToArray();
        var last = bills[^1];
        yield return new(
            documents.Length > 1 ? Codes.HourBilledTwice : Codes.OverCovered, target.Entity.Id, last.FromStream,
            last.FromPart, last.Position,
            documents.Length > 1
                ? $"{target.Entity.Id} is billed on {Joined(" and on ", bills)}{excess.Words}."
                : $"{Joined(" and ", bills)} bill more of {target.Entity.Id} than there is{excess.Words}.",
            excess.Figures);
    }

    private static string Joined(string with, CoverageEdge[] bills) =>
        string.Join(with, bills.Select(b => Describe.Address(b.FromStream, b.FromPart)).Distinct());

    /// <summary>By how much it is billed too much; null where it is not. Without quantities a second line bills all of
    /// it again.</summary>
    private static (string Words, Items<Figure> Figures)? Excess(ComposedEntity target, CoverageEdge[] bills)
    {
        var whole = target.Value<Quantity>("billableQuantity") ?? target.Value<Quantity>("quantity");
        if (whole is not null && Array.TrueForAll(bills, b => b.Quantity is not null))
        {
            var over = 0m;
            foreach (var bill in bills)
            {
                if (Figures.Of(bill.Quantity!.Value) is null || new Quantity(0m, whole.Unit).DifferenceTo(bill.Quantity)
                    is not { } more) return null;
                over += more;
            }

            over -= whole.Value;
            return over <= Tolerance(whole.Unit) ? null : (
                $", {new Quantity(over, whole.Unit)} too much",
                [
                    new("there", whole.ToString()),
                    new("billed", new Quantity(over + whole.Value, whole.Unit).ToString()),
                ]);
        }

        var amount = target.Value<decimal?>("billableAmount") ?? target.Value<decimal?>("amount");
        if (Figures.Of(amount) is { } worth && Array.TrueForAll(bills, b => Figures.Of(b.Amount) is not null))
        {
            var billed = bills.Sum(b => b.Amount!.Value);
            return billed <= worth ? null : (
                $", {DecimalText.Write(billed - worth)} too much",
                [new("there", DecimalText.Write(worth)), new("billed", DecimalText.Write(billed))]);
        }

        // The same part of a document twice is one line that names it twice; two lines may be two prices of one hour.
        return bills.Select(b => b.FromEntity).Distinct().Count() > 1 ? ("", Items<Figure>.None) : null;
    }

    // A hundredth of an hour is how systems round what they keep in minutes.
    private static decimal Tolerance(Unit unit) => unit.PerHour is { } perHour ? perHour / 100m : 0m;

    private static bool IsTakenBack(CoverageEdge bill, IReadOnlyList<CoverageEdge> intoDocument)
    {
        foreach (var other in intoDocument)
            if (other.Live && other.Rel is Rels.Credits or Rels.Replaces or Rels.Corrects
                && (other.ToPart is null || other.ToPart == bill.FromPart)) return true;
        return false;
    }

    private static IEnumerable<Finding> OfDocument(ComposedEntity target, IReadOnlyList<CoverageEdge> into)
    {
        var asked = Figures.Of(Amounts.Of(target.Value<InvoiceTotals>("totals")));
        var currency = target.Value<Currency?>("currency");
        foreach (var rel in new[] { Rels.Settles, Rels.Credits })
        {
            var live = into.Where(c => c.Live && c.Rel == rel && c.ToPart is null && Figures.Of(c.Amount) is not null
                    && (c.Currency is null || currency is null || c.Currency == currency))
                .OrderBy(c => c.Position).ThenBy(c => c.FromStream, StringComparer.Ordinal).ToArray();
            if (live.Length == 0 || asked is not { } there) continue;
            var sum = live.Sum(c => Math.Abs(c.Amount!.Value));
            if (sum <= Math.Abs(there)) continue;
            yield return Over(target, live[^1], rel, Math.Abs(there), sum, currency);
        }

        var credited = into.Where(c => c.Live && c.Rel == Rels.Credits && c.ToPart is not null
            && Figures.Of(c.Amount) is not null).ToLookup(c => c.ToPart!);
        if (credited.Count == 0) yield break;
        foreach (var line in (IEnumerable<InvoiceLine>?)target.Value<Items<InvoiceLine>>("lines") ?? [])
        {
            var live = credited[line.Line].OrderBy(c => c.Position)
                .ThenBy(c => c.FromStream, StringComparer.Ordinal).ToArray();
            if (live.Length == 0 || Figures.Of(line.Net) is not { } net) continue;
            var sum = live.Sum(c => Math.Abs(c.Amount!.Value));
            if (sum > Math.Abs(net)) yield return Over(target, live[^1], Rels.Credits, Math.Abs(net), sum, currency);
        }
    }

    private static Finding Over(
        ComposedEntity target, CoverageEdge last, string rel, decimal there, decimal sum, Currency? currency) => new(
        Codes.OverCovered, target.Entity.Id, last.FromStream, last.FromPart, last.Position,
        $"{Describe.Address(target.Entity.Id, last.ToPart)} asks for {Describe.Amount(there, currency)}; what {rel} it "
            + $"comes to {Describe.Amount(sum, currency)}.",
        [new("there", Describe.Amount(there, currency)), new(rel, Describe.Amount(sum, currency))]);
}
