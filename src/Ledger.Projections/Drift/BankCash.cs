using Ledger.Domain;
using Ledger.Projections.Identity;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>A payment that should be on an account.</summary>
/// <param name="Ref">The bank's, as <see cref="BankCash.RefOf"/> reads it.</param>
internal sealed record BankReceipt(
    SourceRecord Record, string Name, LocalDate On, Money Money, string? Ref, string? LegalEntity);

/// <summary>Money in on an account.</summary>
internal sealed record BankBooking(SourceRecord Record, BankEntry Said, Currency Currency, bool IsBooked)
{
    public string? Ref { get; } = BankCash.RefOf(Said.BankRef);
}

/// <summary>Which entry of an account is the cash of which payments: each entry once, in the order of days and names.
/// By the bank's reference first, and within it the same amount, then what several payments come to, then the nearest
/// day; else by amount and the nearest day.</summary>
internal sealed class BankCash
{
    /// <summary>So far apart may be what one reference and amount tell of one payment.</summary>
    private const int DaysOfReference = 366;

    // What banks write where nobody gave a reference.
    private static readonly string[] NoReference = ["NOTPROVIDED", "NONREF"];

    private readonly BankReceipt[] receipts;
    private readonly BankBooking[] entries;
    private readonly bool[] isFound, isTaken;
    private readonly List<(BankReceipt[] Receipts, BankBooking Entry)> booked = [];

    public BankCash(IEnumerable<BankReceipt> receipts, IEnumerable<BankBooking> entries)
    {
        this.receipts = [.. receipts.OrderBy(r => r.On).ThenBy(r => r.Record.Stream, StringComparer.Ordinal)];
        this.entries =
        [
            .. entries.OrderBy(e => !e.IsBooked).ThenBy(e => e.Said.On)
                .ThenBy(e => e.Record.Stream, StringComparer.Ordinal)
                .ThenBy(e => e.Said.Entry, StringComparer.Ordinal),
        ];
        (isFound, isTaken) = (new bool[this.receipts.Length], new bool[this.entries.Length]);
        Near(
            r => r.Ref is null ? null : new(r.Money.Currency, r.Ref, r.Money.Amount),
            e => e.Ref is null ? null : new(e.Currency, e.Ref, e.Said.Amount), DaysOfReference);
        Together();
        Near(OfRef, OfRef, BusinessKeys.DaysApart);
        Alone();
        // A reference on one side only says nothing.
        Near(OfMoney, e => e.Ref is null ? OfMoney(e) : null, BusinessKeys.DaysApart);
        Near(r => r.Ref is null ? OfMoney(r) : null, OfMoney, BusinessKeys.DaysApart);
    }

    /// <summary>What is on an account: payments, several where they were paid as one, and their entry.</summary>
    public IReadOnlyList<(BankReceipt[] Receipts, BankBooking Entry)> Booked => booked;

    /// <summary>What is on none.</summary>
    public IEnumerable<BankReceipt> Unbooked => receipts.Where((_, r) => !isFound[r]);

    /// <summary>A reference as it is compared; null where it is none.</summary>
    public static string? RefOf(string? told) =>
        told is null || BusinessKeys.Number(told) is not { Length: > 0 } name || NoReference.Contains(name)
            ? null
            : name;

    private readonly record struct Key(Currency Currency, string? Ref, decimal? Amount);

    private static Key? OfRef(BankReceipt r) => r.Ref is null ? null : new(r.Money.Currency, r.Ref, null);

    private static Key? OfRef(BankBooking e) => e.Ref is null ? null : new(e.Currency, e.Ref, null);

    private static Key? OfMoney(BankReceipt r) => new(r.Money.Currency, null, r.Money.Amount);

    private static Key? OfMoney(BankBooking e) => new(e.Currency, null, e.Said.Amount);

    /// <summary>Pairs what bears one key, the nearest days first.</summary>
    private void Near(Func<BankReceipt, Key?> asks, Func<BankBooking, Key?> has, int daysMax)
    {
        var open = new Dictionary<(Key, LocalDate), Queue<int>>();
        var keys = new HashSet<Key>();
        for (var e = 0; e < entries.Length; e++)
        {
            if (isTaken[e] || has(entries[e]) is not { } key) continue;
            keys.Add(key);
            if (!open.TryGetValue((key, entries[e].Said.On), out var queue))
                open.Add((key, entries[e].Said.On), queue = new());
            queue.Enqueue(e);
        }

        var asking = Enumerable.Range(0, receipts.Length).Where(r => !isFound[r])
            .Select(r => (Receipt: r, Key: asks(receipts[r])))
            .Where(a => a.Key is { } key && keys.Contains(key)).ToList();
        for (var days = 0; days <= daysMax && asking.Count > 0; days++)
            asking.RemoveAll(a => Take(a.Receipt, a.Key!.Value, -days) || Take(a.Receipt, a.Key!.Value, days));

        bool Take(int receipt, Key key, int days)
        {
            if (!open.TryGetValue((key, receipts[receipt].On.PlusDays(days)), out var queue)
                || !queue.TryDequeue(out var entry)) return false;
            Pair([receipt], entry);
            return true;
        }
    }

    /// <summary>One entry for several payments of its reference: those about its day, where it is the only one they
    /// could be on, or that come to it.</summary>
    private void Together()
    {
        var asking = OpenBy(receipts, isFound, OfRef);
        var open = OpenBy(entries, isTaken, OfRef);
        foreach (var (key, at) in open)
        {
            if (!asking.TryGetValue(key, out var all) || all.Count < 2) continue;
            foreach (var entry in at.Where(e => entries[e].IsBooked))
            {
                var left = all.FindAll(r => !isFound[r]);
                if (left.Count < 2) break;
                var near = left.FindAll(r => IsNear(r, entry));
                if (near.Count > 1 && (Comes(near, entry) || !at.Exists(
                    e => e != entry && !isTaken[e] && near.Exists(r => IsNear(r, e))))) Pair([.. near], entry);
                else if (Comes(left, entry)) Pair([.. left], entry);
            }
        }
    }

    /// <summary>The one entry and the one payment of a reference, whenever.</summary>
    private void Alone()
    {
        var (none, ever) = (new bool[receipts.Length], new bool[entries.Length]);
        var open = OpenBy(entries, ever, OfRef);
        foreach (var (key, asking) in OpenBy(receipts, none, OfRef))
            if (asking is [var receipt] && !isFound[receipt] && open.TryGetValue(key, out var at)
                && at is [var entry] && !isTaken[entry]) Pair([receipt], entry);
    }

    private static Dictionary<Key, List<int>> OpenBy<T>(T[] all, bool[] gone, Func<T, Key?> of)
    {
        var by = new Dictionary<Key, List<int>>();
        for (var i = 0; i < all.Length; i++)
        {
            if (gone[i] || of(all[i]) is not { } key) continue;
            if (!by.TryGetValue(key, out var same)) by.Add(key, same = []);
            same.Add(i);
        }

        return by;
    }

    private bool IsNear(int receipt, int entry) =>
        Math.Abs(NodaTime.Period.DaysBetween(entries[entry].Said.On, receipts[receipt].On)) <= BusinessKeys.DaysApart;

    private bool Comes(List<int> some, int entry) =>
        some.Sum(r => receipts[r].Money.Amount) == entries[entry].Said.Amount;

    private void Pair(int[] some, int entry)
    {
        foreach (var receipt in some) isFound[receipt] = true;
        isTaken[entry] = true;
        booked.Add(([.. some.Select(r => receipts[r])], entries[entry]));
    }
}
