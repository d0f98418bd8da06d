using Ledger.Domain;
using Ledger.Projections.Rating;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>Whether what live documents bill under a contract stays within its ceilings of money.</summary>
internal static class CeilingDrift
{
    public static IEnumerable<Finding> In(Books books)
    {
        foreach (var contract in books.World.Entities(Kind.Contract).Where(e => e.IsLive))
        {
            var asked = books.AskedUnder(contract.Id).ToArray();
            if (asked.Length == 0) continue;
            var terms = books.World.Compose(contract);
            if (terms.Field("ceilings") is not { Value: Items<Ceiling> ceilings, By: var by }) continue;
            var agreed = terms.State<Contract>();
            var currency = terms.Value<Currency?>("currency") ?? asked[0].Asked.Currency;
            var of = Array.FindAll(asked, a => a.Asked.Currency == currency);
            foreach (var ceiling in ceilings.Where(c => c is { Scope: "contract", Amount: not null }))
                if (Over(by, agreed, ceiling, of, currency) is { } finding) yield return finding;
        }
    }

    /// <summary>Each document is judged by the ceiling in force on its own day: what is agreed for later neither
    /// excuses nor accuses it. It is over as far as no later document gives it back.</summary>
    private static Finding? Over(
        SourceRecord contract, Contract agreed, Ceiling ceiling, DocumentAsking[] asked, Currency currency)
    {
        var (limit, over, on) = (0m, 0m, LocalDate.MaxIsoValue);
        Document? first = null;
        var billed = asked.Sum(a => ceiling.Takes(a.Asked));
        var least = billed;
        foreach (var (_, document, money) in asked.Reverse())
        {
            least = Math.Min(least, billed);
            billed -= ceiling.Takes(money);
            var day = document.IssuedOn ?? LocalDate.MaxIsoValue;
            var then = agreed.CeilingsOn(day).FirstOrDefault(c => c.Id == ceiling.Id)?.Amount;
            if (then is null || least <= then) continue;
            first = document;
            if (least - then > over) (limit, over, on) = (then.Value, least - then.Value, day);
        }

        if (first is null) return null;
        var (allowed, sum) = (new Money(limit, currency), new Money(limit + over, currency));
        var position = agreed.CeilingTerms.InForce(on, ceiling.Id)?.Position ?? contract.Asserted("ceilings");
        return new Evidence().Says(first.Record, "net", first.Net?.ToString(), "totals", "lines")
            .SaysAt(contract, $"ceilings/{ceiling.Id}", allowed.ToString(), position)
            .Lacks(contract.Source, contract.Kind, contract.Stream, $"ceilings/{ceiling.Id}", sum.ToString())
            .Mends(first.Record, "net", first.Net?.ToString(), (first.Net - (sum - allowed))?.ToString())
            .Finds(
                DriftClass.OverCeiling, first,
                $"{first.Name} goes beyond ceiling {ceiling.Id} of contract {Books.LabelOf(contract)}: {sum} are "
                + $"billed{(ceiling.CountsTax ? " with tax" : "")}, {allowed} are agreed: {sum - allowed} too much.",
                sum - allowed);
    }
}
