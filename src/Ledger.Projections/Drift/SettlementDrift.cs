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
            Applying[] payments = [.. books.Same(document).SelectMany(d => applied[d])];
            var settled = document.Entity.Members
                .FirstOrDefault(m => m.IsLive && ((Invoice)m.Fold.State!).Settlement is not null);
            var finding = document switch
            {
                { IsVoid: true } when payments.Length > 0 => OnVoid(document, payments),
                { IsLive: true } when settled is not null => Settled(books, document, settled, payments),
                { IsLive: true } when payments.Length > 0 => Overpaid(document, payments),
                _ => null,
            };
            if (finding is not null) yield return finding;
        }
    }

    /// <param name="Amount">In the document's currency; null where that is not stated.</param>
    private sealed record Applying(Document Document, SourceRecord Record, decimal? Amount);

    private static IEnumerable<Applying> Applied(Books books)
    {
        var received = books.World.Live<Payment>(Kind.Payment).Where(p => p.State.Status is PaymentStatus.Received);
        foreach (var (record, payment) in received)
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

    private static Finding? Settled(Books books, Document document, SourceRecord by, Applying[] payments)
    {
        if (document.GivesBack || document.Currency is not { } currency) return null;
        var settlement = ((Invoice)by.Fold.State!).Settlement!;
        if ((settlement.Amount ?? document.Gross?.Amount) is not { } amount) return null;
        var said = new Money(amount, settlement.Currency ?? currency);
        var evidence = new Evidence().Says(by, "settlement", said.ToString(), "settlement");
        var on = settlement.On is { } day ? $" on {Say.Date(day)}" : "";
        var paid = $"{by.Source} says that {Lower(document)} is paid{on}, {said}";
        if (payments.Length == 0)
            return MayStillCome(books, document, settlement.On ?? StatedFact.LastWord(by))
                ? null
                : Unpaid(books, document, by, said, evidence, paid);
        if (payments.Any(p => p.Amount is null)) return null;
        var sum = said with { Amount = payments.Sum(p => p.Amount!.Value) };
        if (sum == said) return null;
        foreach (var payment in payments)
            evidence.Says(payment.Record, "applied", Text(payment, currency), "applications", "amount");
        var difference = said - sum;
        if (difference.Amount > 0m)
            evidence.Needs(
                payments[0].Record.Source, Kind.Payment, null, "applied",
                new Money(difference.Amount, said.Currency).ToString());
        else evidence.Should(by, "settlement", said.ToString(), sum.ToString());
        return evidence.Finds(
            DriftClass.Status, document,
            $"{paid}; payments of {sum} are applied to it: {Say.Abs(difference)} "
            + $"{(difference.Amount > 0m ? "is without a payment" : "more than said")}.",
            difference);
    }

    /// <summary>Whether those that carry payments may still be to tell of one.</summary>
    private static bool MayStillCome(Books books, Document document, NodaTime.LocalDate day) =>
        books.Carrying(Kind.Payment, day, books.World.Firm.EntityOf(document.Record))
            .Any(s => !books.MayBeAmiss(s.Record.Id, Kind.Payment, day));

    private static Finding Unpaid(
        Books books, Document document, SourceRecord by, Money said, Evidence evidence, string paid)
    {
        var open = ((Invoice)by.Fold.State!).Totals?.Open is { } left && left != 0m
            ? said with { Amount = left }
            : (Money?)null;
        if (open is { } balance) evidence.Says(by, "totals/open", balance.ToString(), "totals");
        var nothing = Money.Zero(said.Currency).ToString();
        evidence.Needs(books.KeeperOf(Kind.Payment), Kind.Payment, null, "applied", said.ToString());
        return evidence.Computes(document.Record.Stream, "payments applied", nothing).Finds(
            DriftClass.Status, document,
            $"{paid}, but the ledger has no payment for it"
            + $"{(open is { } still ? $"; its own balance still shows {still} open" : "")}.",
            said);
    }

    private static Finding OnVoid(Document document, Applying[] payments)
    {
        var evidence = new Evidence().Says(document.Record, "status", Say.Snake(document.State.Status), "status");
        foreach (var payment in payments)
            evidence.Says(payment.Record, "applied", Text(payment, document.Currency), "applications")
                .Should(payment.Record, "applied", Text(payment, document.Currency), null);
        var sum = document.Currency is { } currency
            ? new Money(payments.Sum(p => p.Amount ?? 0m), currency)
            : (Money?)null;
        return evidence.Finds(
            DriftClass.Status, document,
            $"{document.Name} is {Say.Snake(document.State.Status)}, yet {sum?.ToString() ?? "money"} of payments "
            + $"{Say.List(payments.Select(p => Books.LabelOf(p.Record)).Distinct())} is applied to it.",
            sum);
    }

    private static Finding? Overpaid(Document document, Applying[] payments)
    {
        if (document.Gross is not { } gross || document.GivesBack || payments.Any(p => p.Amount is null)) return null;
        var sum = gross with { Amount = payments.Sum(p => p.Amount!.Value) };
        if (sum.Amount <= gross.Amount) return null;
        var evidence = new Evidence().Says(document.Record, "gross", gross.ToString(), "totals");
        foreach (var payment in payments)
            evidence.Says(payment.Record, "applied", Text(payment, gross.Currency), "applications");
        var last = payments[^1];
        evidence.Should(
            last.Record, "applied", Text(last, gross.Currency),
            Text(last with { Amount = last.Amount - (sum - gross).Amount }, gross.Currency));
        return evidence.Finds(
            DriftClass.Amount, document,
            $"{document.Name} asks for {gross}; payments of {sum} are applied to it: {sum - gross} too much.",
            gross - sum);
    }

    private static string? Text(Applying payment, Currency? currency) => payment.Amount is not { } amount
        ? null
        : currency is { } of ? new Money(amount, of).ToString() : DecimalText.Write(amount);

    private static string Lower(Document document) => char.ToLowerInvariant(document.Name[0]) + document.Name[1..];
}
