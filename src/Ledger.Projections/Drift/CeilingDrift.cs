using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>Whether what live documents bill under a contract stays within its ceilings of money.</summary>
internal static class CeilingDrift
{
    public static IEnumerable<Finding> In(Books books)
    {
        // What is asked for ahead is asked for again as it is used up.
        var under = books.Documents.Where(d => d.IsLive && d.State.DocumentType is not DocumentType.Prepayment)
            .SelectMany(d => books.ContractsOf(d).Take(1).Select(c => (Contract: c, Document: d)))
            .GroupBy(x => x.Contract.Record.Stream);
        foreach (var contract in under)
        {
            var (record, state) = (contract.First().Contract.Record, contract.First().Contract.State);
            Document[] documents = [.. contract.Select(x => x.Document).OrderBy(d => d.IssuedOn)
                .ThenBy(d => d.Number?.Length ?? 0).ThenBy(d => d.Number, StringComparer.Ordinal)
                .ThenBy(d => d.Record.Stream, StringComparer.Ordinal)];
            foreach (var ceiling in state.Ceilings.Where(c => c.Scope == "contract"))
                if (Over(books, record, ceiling, documents) is { } finding) yield return finding;
        }
    }

    private static Finding? Over(Books books, SourceRecord contract, Ceiling ceiling, Document[] documents)
    {
        if (ceiling.Amount is not { } limit || documents[0].Currency is not { } currency
            || documents.Any(d => d.Currency != currency)) return null;
        var billed = 0m;
        Document? first = null;
        foreach (var document in documents)
        {
            billed += Counted(books, document, ceiling);
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

    private static decimal Counted(Books books, Document document, Ceiling ceiling)
    {
        var (net, tax) = (document.Net?.Amount ?? 0m, document.State.Totals?.Tax ?? 0m);
        var spent = document.Lines.Where(l => l.Bills.Count > 0 && l.Bills.All(b => b.Expense is not null)).ToArray();
        var expenses = spent.Sum(l => l.Asked(document.Currency!.Value));
        var taxed = spent.Sum(l => l.Stated?.Tax?.Amount ?? 0m);
        return document.State.Sign
            * (ceiling.Takes(net - expenses, tax - taxed, isExpense: false)
                + ceiling.Takes(expenses, taxed, isExpense: true));
    }
}
