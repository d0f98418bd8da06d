using Ledger.Domain;

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
            if (terms.Field("ceilings") is not { Value: Items<Ceiling> ceilings } field) continue;
            var currency = terms.Value<Currency?>("currency") ?? asked[0].Asked.Currency;
            var of = Array.FindAll(asked, a => a.Asked.Currency == currency);
            foreach (var ceiling in ceilings.Where(c => c.Scope == "contract"))
                if (Over(field.By, ceiling, of, currency) is { } finding) yield return finding;
        }
    }

    private static Finding? Over(SourceRecord contract, Ceiling ceiling, DocumentAsking[] asked, Currency currency)
    {
        if (ceiling.Amount is not { } limit) return null;
        var billed = 0m;
        Document? first = null;
        foreach (var (_, document, money) in asked)
        {
            billed += ceiling.Takes(money);
            if (billed > limit) first ??= document;
            else first = null;
        }

        if (first is null) return null;
        var (allowed, sum) = (new Money(limit, currency), new Money(billed, currency));
        return new Evidence().Says(first.Record, "net", first.Net?.ToString(), "totals", "lines")
            .Says(contract, $"ceilings/{ceiling.Id}", allowed.ToString(), "ceilings")
            .Finds(
                DriftClass.OverCeiling, first,
                $"{first.Name} goes beyond ceiling {ceiling.Id} of contract {Books.LabelOf(contract)}: {sum} are "
                + $"billed{(ceiling.CountsTax ? " with tax" : "")}, {allowed} are agreed: {sum - allowed} too much.",
                sum - allowed);
    }
}
