using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens to money received, and what it is used for.</summary>
public abstract record PaymentEvent : Event;

/// <param name="Amount">Positive: money in.</param>
public sealed record PaymentReceived(
    LocalDate ReceivedOn, decimal Amount, Currency Currency, Ref? Client = null, string? Method = null,
    string? Remittance = null, string? BankRef = null) : PaymentEvent;

/// <summary>Part of it settles a document.</summary>
/// <param name="Application">Its id, so that it can be taken back.</param>
/// <param name="TargetAmount">In the document's currency, where that differs.</param>
public sealed record PaymentApplied(
    string Application, Ref Target, ApplicationKind Kind, decimal Amount, LocalDate AppliedOn, Ref? Receipt = null,
    Currency? Currency = null, decimal? TargetAmount = null, ForeignAmount? Fx = null, decimal? Discount = null,
    string? Reason = null) : PaymentEvent;

public sealed record PaymentUnapplied(string Application, LocalDate? On = null, string? Reason = null) : PaymentEvent;

public sealed record PaymentReversed(LocalDate? On = null, string? Reason = null) : PaymentEvent;

public sealed record PaymentRefunded(decimal Amount, Currency Currency, LocalDate? On = null) : PaymentEvent;

/// <summary>A credit note's money settles another document.</summary>
public sealed record CreditApplied(
    string Application, Ref Credit, Ref Target, decimal Amount, LocalDate AppliedOn, Currency? Currency = null)
    : PaymentEvent;

public sealed record CreditRefunded(Ref Credit, decimal Amount, Currency Currency, LocalDate? On = null) : PaymentEvent;

/// <summary>The payment as its system showed it.</summary>
public sealed record PaymentStated(
    Said<LocalDate?> ReceivedOn = default,
    Said<decimal?> Amount = default,
    Said<Currency?> Currency = default,
    Said<Ref> Client = default,
    Said<string> Method = default,
    Said<string> Remittance = default,
    Said<string> BankRef = default,
    Said<Items<Application>> Applications = default,
    Said<PaymentStatus?> Status = default,
    Said<decimal?> Refunded = default,
    Said<Items<CreditPaidOut>> CreditsPaidOut = default,
    Said<LocalDate?> ReversedOn = default,
    Said<string> Reason = default) : Snapshot
{
    internal override bool LeavesOpen(string field) => field == "status" && Status.Value is null;

    internal Payment Over(Payment before) => before with
    {
        ReceivedOn = ReceivedOn.Or(before.ReceivedOn),
        Amount = Amount.Or(before.Amount),
        Currency = Currency.Or(before.Currency),
        Client = Client.Or(before.Client),
        Method = Method.Or(before.Method),
        Remittance = Remittance.Or(before.Remittance),
        BankRef = BankRef.Or(before.BankRef),
        Applications = Over(Applications, before.Applications, "applications", application => application.Id),
        Status = Status.Or(before.Status) ?? PaymentStatus.Received,
        Refunded = Refunded.Or(before.Refunded) ?? 0m,
        CreditsPaidOut = OverInOrder(
            CreditsPaidOut, before.CreditsPaidOut, "creditsPaidOut", paid => (paid.Credit, paid.On, paid.Amount)),
        ReversedOn = ReversedOn.Or(before.ReversedOn),
        Reason = Reason.Or(before.Reason),
    };
}

public enum ApplicationKind
{
    Cash,
    Credit,
    Prepayment,
    Overpayment,
    Withholding,
}

/// <summary>A part of a payment that settles a document; positive.</summary>
/// <param name="WithdrawnOn">Since when it is withdrawn, where that is known.</param>
/// <param name="Credit">The credit note whose money it is.</param>
/// <param name="Fx">What the money was worth in the document's currency when it came.</param>
public sealed record Application(
    string Id, Ref Target, ApplicationKind Kind, decimal Amount, LocalDate? AppliedOn = null,
    decimal? TargetAmount = null, decimal? Discount = null, string? Reason = null, bool Withdrawn = false,
    LocalDate? WithdrawnOn = null, Ref? Credit = null, ForeignAmount? Fx = null);

/// <summary>A credit note's money was paid out; positive.</summary>
public sealed record CreditPaidOut(Ref Credit, decimal Amount, Currency Currency, LocalDate On);

public enum PaymentStatus
{
    Received,
    Reversed,
}

/// <summary>Money received, as one source tells it.</summary>
public sealed record Payment : RecordState
{
    public LocalDate? ReceivedOn { get; init; }

    public decimal? Amount { get; init; }

    public Currency? Currency { get; init; }

    public Ref? Client { get; init; }

    public string? Method { get; init; }

    public string? Remittance { get; init; }

    public string? BankRef { get; init; }

    public Items<Application> Applications { get; init; } = Items<Application>.None;

    public decimal Refunded { get; init; }

    public Items<CreditPaidOut> CreditsPaidOut { get; init; } = Items<CreditPaidOut>.None;

    public PaymentStatus Status { get; init; }

    /// <summary>Since when it is reversed.</summary>
    public LocalDate? ReversedOn { get; init; }

    /// <summary>Why it was reversed; null = nobody said.</summary>
    public string? Reason { get; init; }

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static Payment? Evolve(Payment? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, PaymentReceived r) => (state ?? new()) with
        {
            ReceivedOn = r.ReceivedOn, Amount = r.Amount, Currency = r.Currency, Client = r.Client, Method = r.Method,
            Remittance = r.Remittance, BankRef = r.BankRef,
        },
        (_, PaymentStated s) => Reversing(state, s.Over(state ?? new()), facts.EffectiveOn),
        // A source may state what was applied without ever stating the receipt.
        (_, PaymentApplied a) => Applied(
            state ?? new(),
            new(
                a.Application, a.Target, a.Kind, a.Amount, a.AppliedOn, a.TargetAmount, a.Discount, a.Reason,
                Credit: a.Kind is ApplicationKind.Credit ? a.Receipt : null, Fx: a.Fx),
            a.Currency),
        (_, CreditApplied a) => Applied(
            state ?? new(),
            new(a.Application, a.Target, ApplicationKind.Credit, a.Amount, a.AppliedOn, Credit: a.Credit),
            a.Currency),
        (null, _) => null,
        (_, PaymentUnapplied u) => state.Applications.Any(a => a.Id == u.Application)
            ? state with
            {
                Applications = state.Applications
                    .Select(a => a.Id == u.Application
                        ? a with { Withdrawn = true, WithdrawnOn = u.On ?? facts.EffectiveOn }
                        : a).ToItems(),
            }
            : null,
        (_, PaymentReversed r) => state with
        {
            Status = PaymentStatus.Reversed, ReversedOn = r.On ?? facts.EffectiveOn, Reason = r.Reason,
        },
        (_, PaymentRefunded r) => state with { Refunded = state.Refunded + r.Amount },
        (_, CreditRefunded r) => state with
        {
            Refunded = state.Refunded + r.Amount,
            CreditsPaidOut = state.CreditsPaidOut.Plus(new(r.Credit, r.Amount, r.Currency, r.On ?? facts.EffectiveOn)),
        },
        _ => throw Kind.Unfoldable(e),
    };

    private static Payment Reversing(Payment? before, Payment after, LocalDate on) =>
        after.Status is not PaymentStatus.Reversed ? after with { ReversedOn = null, Reason = null }
        : before?.Status == after.Status ? after
        : after with { ReversedOn = after.ReversedOn ?? on };

    private static Payment Applied(Payment state, Application application, Currency? currency) => state with
    {
        Applications = state.Applications.Put(application, a => a.Id),
        Currency = state.Currency ?? currency,
    };
}
