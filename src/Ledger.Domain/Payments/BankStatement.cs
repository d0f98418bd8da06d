using NodaTime;

namespace Ledger.Domain;

/// <summary>What a bank says of an account. Only what it booked is cash.</summary>
public abstract record BankStatementEvent : Event;

/// <summary>A statement came: whole, as banks send it.</summary>
/// <param name="Account">As the bank names it, such as an IBAN.</param>
/// <param name="From">First day it covers.</param>
/// <param name="To">Last day it covers.</param>
/// <param name="Opening">Booked balance before the first day; null = not stated.</param>
/// <param name="Closing">Booked balance after the last day; null = not stated.</param>
public sealed record BankStatementReceived(
    string Account, LocalDate From, LocalDate To, Currency Currency, Items<BankEntry> Entries,
    decimal? Opening = null, decimal? Closing = null)
    : BankStatementEvent, System.Text.Json.Serialization.IJsonOnDeserialized
{
    /// <summary>A statement covers a day at least.</summary>
    void System.Text.Json.Serialization.IJsonOnDeserialized.OnDeserialized()
    {
        if (To < From) throw new System.Text.Json.JsonException("a statement ends no earlier than it begins");
    }
}

/// <summary>The statement as its system showed it.</summary>
public sealed record BankStatementStated(
    Said<string> Account = default,
    Said<LocalDate?> From = default,
    Said<LocalDate?> To = default,
    Said<Currency?> Currency = default,
    Said<decimal?> Opening = default,
    Said<decimal?> Closing = default,
    Said<Items<BankEntry>> Entries = default) : Snapshot
{
    internal BankStatement Over(BankStatement before) => before with
    {
        Account = Account.Or(before.Account),
        From = From.Or(before.From),
        To = To.Or(before.To),
        Currency = Currency.Or(before.Currency),
        Opening = Opening.Or(before.Opening),
        Closing = Closing.Or(before.Closing),
        Entries = Over(Entries, before.Entries, "entries", entry => entry.Entry),
    };
}

public enum BankEntryStatus
{
    Booked,

    /// <summary>Announced; no cash yet.</summary>
    Pending,
}

/// <summary>One movement of an account.</summary>
/// <param name="Entry">Its id within the account.</param>
/// <param name="Amount">In the account's currency; positive is money in.</param>
/// <param name="BankRef">By which a payment names it.</param>
public sealed record BankEntry(
    string Entry, LocalDate On, decimal Amount, BankEntryStatus Status = BankEntryStatus.Booked,
    string? BankRef = null, string? Remittance = null, string? Counterparty = null);

/// <summary>What a bank says of an account over some days, as one source tells it.</summary>
public sealed record BankStatement : RecordState
{
    public string? Account { get; init; }

    public LocalDate? From { get; init; }

    public LocalDate? To { get; init; }

    public Currency? Currency { get; init; }

    public decimal? Opening { get; init; }

    public decimal? Closing { get; init; }

    public Items<BankEntry> Entries { get; init; } = Items<BankEntry>.None;

    /// <summary>Opening balance and what was booked; null where no opening balance is stated.</summary>
    public decimal? Computed => Opening + Entries.Where(e => e.Status is BankEntryStatus.Booked).Sum(e => e.Amount);

    /// <summary>The next state.</summary>
    public static BankStatement? Evolve(BankStatement? state, Event e, EventFacts facts) => e switch
    {
        BankStatementReceived r => (state ?? new()) with
        {
            Account = r.Account, From = r.From, To = r.To, Currency = r.Currency, Opening = r.Opening,
            Closing = r.Closing, Entries = r.Entries,
        },
        BankStatementStated s => s.Over(state ?? new()),
        _ => throw Kind.Unfoldable(e),
    };
}
