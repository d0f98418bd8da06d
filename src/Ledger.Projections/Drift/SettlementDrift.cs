using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>Compares what documents say of their payment with the payments themselves.</summary>
internal static class SettlementDrift
{
    public static IEnumerable<Finding> In(Books books)
    {
        var applied = Applied(books).ToLookup(a => a.Document);
        foreach (var document in books.Documents)
        {
            Applying[] payments = [.. applied[document]];
            var settled = document.Entity.Members.Where(m => m.IsLive && ((Invoice)m.Fold.State!).Settlement is not null)
                .ToArray();
            if (document.IsVoid && payments.Length > 0) yield return OnVoid(document, payments);
            else if (document.IsLive && settled.Length > 0) foreach (var f in Settled(document, settled[0], payments)) yield return f;
            else if (document.IsLive && payments.Length > 0 && Overpaid(document, payments) is { } over) yield return over;
        }
    }

    /// <param name="Amount">In the document's currency; null where that is not stated.</param>
    private sealed record Applying(Document Document, SourceRecord Record, decimal? Amount);

    private static IEnumerable<Applying> Applied(Books books)
    {
        foreach (var (record, payment) in books.World.Live<Payment>(Kind.Payment).Where(p => p.State.Status is PaymentStatus.Received))
            foreach (var part in payment.Applications.Where(a => !a.Withdrawn).ToArray())
                if (books.DocumentOf(part.Target, record.Source) is { } document)
                {
                    var same = payment.Currency is null || payment.Currency == document.Currency;
                    var amount = part.TargetAmount ?? (same ? part.Amount : null);
                    yield return new(document, record, amount + (part.Discount ?? 0m));
                }

        foreach (var (record, coverage) in books.World.Live<Coverage>(Kind.Coverage)
            .Where(c => c.State is { Rel: CoverageRelation.Settles, Withdrawn: false }))
            if (books.DocumentOf(coverage.To, record.Source) is { } document)
                yield return new(document, record, coverage.Amount);
    }

    private static IEnumerable<Finding> Settled(Document document, SourceRecord by, Applying[] payments)
    {
        if (document.GivesBack || document.Currency is not { } currency) yield break;
        var settlement = ((Invoice)by.Fold.State!).Settlement!;
        if ((settlement.Amount ?? document.Gross?.Amount) is not { } amount) yield break;
        var said = new Money(amount, settlement.Currency ?? currency);
        var evidence = new Evidence().Says(by, "settlement", said.ToString(), "settlement");
        var on = settlement.On is { } day ? $" on {Say.Date(day)}" : "";
        if (payments.Length == 0)
        {
            var open = ((Invoice)by.Fold.State).Totals?.Open is { } left && left != 0m ? new Money(left, currency) : (Money?)null;
            if (open is not null) evidence.Says(by, "totals/open", open.ToString(), "totals");
            yield return evidence.Computes(document.Record.Stream, "payments applied", Money.Zero(currency).ToString()).Finds(
                DriftClass.Status, document,
                $"{by.Source} says that {Lower(document)} is paid{on}, {said}, but the ledger has no payment for it"
                + $"{(open is { } o ? $"; its own balance still shows {o} open" : "")}.",
                said);
            yield break;
        }

        if (payments.Any(p => p.Amount is null) || payments.Sum(p => p.Amount) is not { } sum || sum == said.Amount) yield break;
        foreach (var payment in payments)
            evidence.Says(payment.Record, "applied", new Money(payment.Amount!.Value, currency).ToString(), "applications", "amount");
        var difference = said - new Money(sum, said.Currency);
        yield return evidence.Finds(
            DriftClass.Status, document,
            $"{by.Source} says that {Lower(document)} is paid{on}, {said}; payments of {new Money(sum, said.Currency)} are applied "
            + $"to it: {Say.Abs(difference)} {(difference.Amount > 0m ? "is without a payment" : "more than said")}.",
            difference);
    }

    private static Finding OnVoid(Document document, Applying[] payments)
    {
        var evidence = new Evidence().Says(document.Record, "status", Say.Snake(document.State.Status), "status");
        foreach (var payment in payments)
            evidence.Says(payment.Record, "applied", payment.Amount is { } a ? DecimalText.Write(a) : null, "applications");
        var sum = document.Currency is { } currency ? new Money(payments.Sum(p => p.Amount ?? 0m), currency) : (Money?)null;
        return evidence.Finds(
            DriftClass.Status, document,
            $"{document.Name} is {Say.Snake(document.State.Status)}, yet {sum?.ToString() ?? "money"} of payments "
            + $"{Say.List(payments.Select(p => p.Record.Fold.State!.Number ?? p.Record.Id).Distinct())} is applied to it.",
            sum);
    }

    private static Finding? Overpaid(Document document, Applying[] payments)
    {
        if (document.Gross is not { } gross || document.GivesBack || payments.Any(p => p.Amount is null)) return null;
        var sum = gross with { Amount = payments.Sum(p => p.Amount!.Value) };
        if (sum.Amount <= gross.Amount) return null;
        var evidence = new Evidence().Says(document.Record, "gross", gross.ToString(), "totals");
        foreach (var payment in payments)
            evidence.Says(payment.Record, "applied", new Money(payment.Amount!.Value, gross.Currency).ToString(), "applications");
        return evidence.Finds(
            DriftClass.Amount, document,
            $"{document.Name} asks for {gross}; payments of {sum} are applied to it: {sum - gross} too much.", gross - sum);
    }

    private static string Lower(Document document) => char.ToLowerInvariant(document.Name[0]) + document.Name[1..];
}
