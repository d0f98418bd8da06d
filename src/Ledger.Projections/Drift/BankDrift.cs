using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>Only what a bank booked is cash: where a bank's statements are in the ledger, a payment that none of them
/// books is missing there, and one booked at another amount is named.</summary>
internal static class BankDrift
{
    // Nobody sees them one by one on an account.
    private static readonly string[] Unbanked = ["cash", "card"];

    public static IEnumerable<Finding> In(Books books)
    {
        var banks = books.Carrying(Kind.BankStatement, null).ToArray();
        if (banks.Length == 0) return [];
        var cash = new BankCash([.. Receipts(books)], [.. Entries(books)]);
        return cash.Booked.Select(b => OtherAmount(b.Receipts, b.Entry))
            .Concat(cash.Unbooked.Select(r => Missing(books, banks, r))).OfType<Finding>();
    }

    private static IEnumerable<BankReceipt> Receipts(Books books)
    {
        foreach (var entity in books.World.Entities(Kind.Payment).Where(e => e.IsLive))
        {
            var paid = books.World.Compose(entity);
            if (paid.Value<PaymentStatus>("status") is PaymentStatus.Reversed
                || paid.Value<decimal?>("amount") is not ({ } amount and > 0m)
                || paid.Value<Currency?>("currency") is not { } currency
                || paid.Value<LocalDate?>("receivedOn") is not { } on
                || (paid.Value<string>("method") is { } method && Unbanked.Contains(method))) continue;
            var record = paid.Field("amount")!.By;
            yield return new(
                record, $"Payment {Books.LabelOf(record)}", on, new(amount, currency),
                BankCash.RefOf(paid.Value<string>("bankRef")), paid.LegalEntity);
        }
    }

    /// <summary>Money in, each once however many statements show it; booked before announced.</summary>
    private static IEnumerable<BankBooking> Entries(Books books) => books.World.Live<BankStatement>(Kind.BankStatement)
        .Where(s => s.State.Currency is not null)
        .SelectMany(s => s.State.Entries.Where(e => e.Amount > 0m).Select(e => (s, new BankBooking(
            s.Record, e, s.State.Currency!.Value, e.Status is BankEntryStatus.Booked))))
        .OrderBy(x => !x.Item2.IsBooked)
        .DistinctBy(x => (x.s.Record.Source, x.s.State.Account, x.Item2.Said.Entry)).Select(x => x.Item2);

    private static Finding? OtherAmount(BankReceipt[] receipts, BankBooking entry)
    {
        var (receipt, told) = (receipts[0], receipts[0].Money with { Amount = receipts.Sum(r => r.Money.Amount) });
        var booked = told with { Amount = entry.Said.Amount };
        var evidence = new Evidence();
        foreach (var each in receipts) Says(evidence, each);
        evidence.Says(entry.Record, "booked", entry.IsBooked ? booked.ToString() : null, "entries").Lacks(
            entry.Record.Source, Kind.BankStatement, entry.Record.Stream, "booked", told.ToString());
        if (!entry.IsBooked)
            return evidence.Finds(
                DriftClass.Missing,
                $"{receipt.Name} of {Say.Date(receipt.On)}, {told}, is only announced by "
                + $"{entry.Record.Source}, not booked: it is no cash yet.", told);
        var difference = told - booked;
        if (difference.Amount == 0m) return null;
        // Of several paid as one, nobody knows which is wrong.
        if (receipts.Length == 1) evidence.Mends(receipt.Record, "amount", told.ToString(), booked.ToString());
        var who = receipts.Length == 1
            ? $"{receipt.Name} is told as {told}"
            : $"Payments {Say.List(receipts.Select(r => Books.LabelOf(r.Record)))} are told as {told} together";
        return evidence.Finds(
            DriftClass.Amount,
            $"{who}; {entry.Record.Source} booked {booked}: {Say.Abs(difference)} {Say.TooMuch(difference)}.",
            difference);
    }

    private static Finding? Missing(Books books, Stated<Source>[] banks, BankReceipt receipt)
    {
        var asked = Array.FindAll(banks, b => IsOn(b.State.From, b.State.To, receipt.On)
            && (receipt.LegalEntity is null || b.State.Entities.Count == 0
                || b.State.Entities.Any(e => books.World.Firm.EntityNamed(e, b.Record.Source) == receipt.LegalEntity)));
        if (asked.Length == 0 || Array.Exists(asked, b => !books.IsPastLag(b, Kind.BankStatement, receipt.On)))
            return null;
        var evidence = Says(new(), receipt);
        foreach (var bank in asked)
            evidence.Says(bank.Record, "kinds", Say.List(bank.State.Kinds), "kinds")
                .Needs(bank.Record.Id, Kind.BankStatement, null, "entries", receipt.Money.ToString());
        return evidence.Finds(
            DriftClass.Missing,
            $"{receipt.Name} of {Say.Date(receipt.On)}, {receipt.Money}, is booked on no statement of "
            + $"{Say.List(asked.Select(b => b.Record.Id))}: it is no cash.", receipt.Money);
    }

    private static bool IsOn(LocalDate? from, LocalDate? to, LocalDate day) =>
        (from is null || day >= from) && (to is null || day <= to);

    private static Evidence Says(Evidence evidence, BankReceipt receipt) => evidence
        .Says(receipt.Record, "amount", receipt.Money.ToString(), "amount").Names(receipt.Record, "applications");
}
