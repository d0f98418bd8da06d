using Ledger.Domain;
using Ledger.Projections.Identity;
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
        var receipts = Receipts(books).ToArray();
        var booked = Match(receipts, [.. Entries(books)]);
        return receipts.Select(r => booked.TryGetValue(r, out var by)
            ? OtherAmount(r, by)
            : Missing(books, banks, r)).OfType<Finding>();
    }

    private sealed record Receipt(
        SourceRecord Record, string Name, LocalDate On, Money Money, string? BankRef, string? LegalEntity);

    private sealed record Entry(SourceRecord Record, BankEntry Said, Currency Currency, bool IsBooked)
    {
        public string? Ref { get; } = Said.BankRef is { } told ? BusinessKeys.Number(told) : null;
    }

    private static IEnumerable<Receipt> Receipts(Books books)
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
                paid.Value<string>("bankRef") is { } told ? BusinessKeys.Number(told) : null, paid.LegalEntity);
        }
    }

    /// <summary>Money in, each once however many statements show it; booked before announced.</summary>
    private static IEnumerable<Entry> Entries(Books books) => books.World.Live<BankStatement>(Kind.BankStatement)
        .Where(s => s.State.Currency is not null)
        .SelectMany(s => s.State.Entries.Where(e => e.Amount > 0m).Select(e => (s, new Entry(
            s.Record, e, s.State.Currency!.Value, e.Status is BankEntryStatus.Booked))))
        .OrderBy(x => !x.Item2.IsBooked)
        .DistinctBy(x => (x.s.Record.Source, x.s.State.Account, x.Item2.Said.Entry)).Select(x => x.Item2);

    /// <summary>By the bank's reference where both state one, each once; else by amount and the nearest day.</summary>
    private static Dictionary<Receipt, Entry> Match(Receipt[] receipts, Entry[] entries)
    {
        var (matched, taken) = (new Dictionary<Receipt, Entry>(), new HashSet<Entry>());
        var byRef = entries.Where(e => e.Ref is not null).ToLookup(e => (e.Currency, e.Ref));
        foreach (var receipt in receipts.Where(r => r.BankRef is not null))
            if (byRef[(receipt.Money.Currency, receipt.BankRef)].FirstOrDefault(e => !taken.Contains(e)) is { } entry)
                Take(receipt, entry);
        var byMoney = entries.Where(e => !taken.Contains(e)).ToLookup(e => new Money(e.Said.Amount, e.Currency));
        for (var days = 0; days <= BusinessKeys.DaysApart; days++)
            foreach (var receipt in receipts.Where(r => !matched.ContainsKey(r)))
                if (byMoney[receipt.Money].FirstOrDefault(e => !taken.Contains(e)
                    && (e.Ref is null || receipt.BankRef is null) && Days(e, receipt) == days) is { } entry)
                    Take(receipt, entry);
        return matched;

        void Take(Receipt receipt, Entry entry)
        {
            matched.Add(receipt, entry);
            taken.Add(entry);
        }

        static int Days(Entry entry, Receipt receipt) =>
            Math.Abs(NodaTime.Period.DaysBetween(entry.Said.On, receipt.On));
    }

    private static Finding? OtherAmount(Receipt receipt, Entry entry)
    {
        var booked = receipt.Money with { Amount = entry.Said.Amount };
        var evidence = Told(receipt).Says(
            entry.Record, "booked", entry.IsBooked ? booked.ToString() : null, "entries");
        evidence.Lacks(
            entry.Record.Source, Kind.BankStatement, entry.Record.Stream, "booked", receipt.Money.ToString());
        if (!entry.IsBooked)
            return evidence.Finds(
                DriftClass.Missing,
                $"{receipt.Name} of {Say.Date(receipt.On)}, {receipt.Money}, is only announced by "
                + $"{entry.Record.Source}, not booked: it is no cash yet.", receipt.Money);
        var difference = receipt.Money - booked;
        return difference.Amount == 0m ? null : evidence
            .Mends(receipt.Record, "amount", receipt.Money.ToString(), booked.ToString()).Finds(
            DriftClass.Amount,
            $"{receipt.Name} is told as {receipt.Money}; {entry.Record.Source} booked {booked}: "
            + $"{Say.Abs(difference)} {Say.TooMuch(difference)}.", difference);
    }

    private static Finding? Missing(Books books, Stated<Source>[] banks, Receipt receipt)
    {
        var asked = Array.FindAll(banks, b => IsOn(b.State.From, b.State.To, receipt.On)
            && (receipt.LegalEntity is null || b.State.Entities.Count == 0
                || b.State.Entities.Any(e => books.World.Firm.EntityNamed(e, b.Record.Source) == receipt.LegalEntity)));
        if (asked.Length == 0 || Array.Exists(asked, b => !books.IsPastLag(b, Kind.BankStatement, receipt.On)))
            return null;
        var evidence = Told(receipt);
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

    private static Evidence Told(Receipt receipt) => new Evidence()
        .Says(receipt.Record, "amount", receipt.Money.ToString(), "amount").Names(receipt.Record, "applications");
}
