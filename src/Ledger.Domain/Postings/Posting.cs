using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens in the general ledger of an ERP.</summary>
public abstract record PostingEvent : Event;

/// <summary>A journal entry was posted.</summary>
/// <param name="Document">The document it books, usually an invoice.</param>
/// <param name="Period">The accounting period as the ERP names it, e.g. 2026-03.</param>
/// <param name="Covers">What it covers, with amounts: coverage, never identity.</param>
/// <param name="Reverses">The posting it takes back.</param>
public sealed record PostingRecorded(
    LocalDate PostedOn,
    string Period,
    Currency Currency,
    PostingTotals Totals,
    Ref? Document = null,
    ForeignAmount? Functional = null,
    Items<PostingEntry>? Entries = null,
    Items<PostingCover>? Covers = null,
    Ref? Reverses = null) : PostingEvent;

public sealed record PostingFailed(string Reason, Ref? Document = null, string? Code = null) : PostingEvent;

public sealed record PostingReversed(LocalDate? On = null, Ref? By = null, string? Reason = null) : PostingEvent;

/// <summary>The posting as its system showed it.</summary>
public sealed record PostingStated(
    Said<LocalDate?> PostedOn = default,
    Said<string> Period = default,
    Said<Currency?> Currency = default,
    Said<PostingTotals> Totals = default,
    Said<Ref> Document = default,
    Said<ForeignAmount> Functional = default,
    Said<Items<PostingEntry>> Entries = default,
    Said<Items<PostingCover>> Covered = default,
    Said<PostingStatus?> Status = default,
    Said<Ref> Reverses = default,
    Said<LocalDate?> ReversedOn = default,
    Said<Ref> ReversedBy = default,
    Said<string> Reason = default,
    Said<string> Failure = default,
    Said<string> FailureCode = default) : Snapshot
{
    internal override bool LeavesOpen(string field) => field == "status" && Status.Value is null;

    internal Posting Over(Posting before) => before with
    {
        PostedOn = PostedOn.Or(before.PostedOn),
        Period = Period.Or(before.Period),
        Currency = Currency.Or(before.Currency),
        Totals = Totals.Or(before.Totals),
        Document = Document.Or(before.Document),
        Functional = Functional.Or(before.Functional),
        Entries = Entries.Or(before.Entries) ?? Items<PostingEntry>.None,
        Covers = Covered.Or(before.Covers) ?? Items<PostingCover>.None,
        Status = Status.Or(before.Status) ?? PostingStatus.Posted,
        Reverses = Reverses.Or(before.Reverses),
        ReversedOn = ReversedOn.Or(before.ReversedOn),
        ReversedBy = ReversedBy.Or(before.ReversedBy),
        Reason = Reason.Or(before.Reason),
        Failure = Failure.Or(before.Failure),
        FailureCode = FailureCode.Or(before.FailureCode),
    };
}

/// <summary>Amounts booked, in the posting's currency; negative for a credit note's.</summary>
public sealed record PostingTotals(decimal? Net = null, decimal? Tax = null, decimal? Gross = null);

/// <summary>One row of the journal; debit and credit are positive.</summary>
public sealed record PostingEntry(
    string Account, string? CostCentre = null, decimal? Debit = null, decimal? Credit = null, Ext? Dims = null);

/// <summary>Records a posting stands for together, and how much of its amount they make up.</summary>
public sealed record PostingCover(Items<Ref> Refs, decimal? Amount = null, Quantity? Quantity = null);

public enum PostingStatus
{
    Posted,
    Failed,
    Reversed,
}

/// <summary>A journal entry, as the ERP tells it.</summary>
public sealed record Posting : RecordState
{
    public LocalDate? PostedOn { get; init; }

    public string? Period { get; init; }

    public Currency? Currency { get; init; }

    public PostingTotals? Totals { get; init; }

    public Ref? Document { get; init; }

    public ForeignAmount? Functional { get; init; }

    public Items<PostingEntry> Entries { get; init; } = Items<PostingEntry>.None;

    public Items<PostingCover> Covers { get; init; } = Items<PostingCover>.None;

    public Ref? Reverses { get; init; }

    public PostingStatus Status { get; init; }

    /// <summary>Since when it is reversed.</summary>
    public LocalDate? ReversedOn { get; init; }

    /// <summary>The posting that takes it back; null = nobody said.</summary>
    public Ref? ReversedBy { get; init; }

    /// <summary>Why it was reversed; null = nobody said.</summary>
    public string? Reason { get; init; }

    public string? Failure { get; init; }

    /// <summary>The failure by the system's own code.</summary>
    public string? FailureCode { get; init; }

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static Posting? Evolve(Posting? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, PostingRecorded r) => (state ?? new()) with
        {
            PostedOn = r.PostedOn, Period = r.Period, Currency = r.Currency, Totals = r.Totals, Document = r.Document,
            Functional = r.Functional, Entries = r.Entries ?? Items<PostingEntry>.None,
            Covers = r.Covers ?? Items<PostingCover>.None, Reverses = r.Reverses, Status = PostingStatus.Posted,
            ReversedOn = null, ReversedBy = null, Reason = null, Failure = null, FailureCode = null,
        },
        (_, PostingStated s) => Reversing(state, s.Over(state ?? new()), facts.EffectiveOn),
        (_, PostingFailed f) => (state ?? new()) with
        {
            Status = PostingStatus.Failed, Failure = f.Reason, FailureCode = f.Code,
            Document = f.Document ?? state?.Document,
        },
        (null, _) => null,
        (_, PostingReversed r) => state with
        {
            Status = PostingStatus.Reversed, ReversedOn = r.On ?? facts.EffectiveOn, ReversedBy = r.By,
            Reason = r.Reason,
        },
        _ => throw Kind.Unfoldable(e),
    };

    private static Posting Reversing(Posting? before, Posting after, LocalDate on) =>
        after.Status is not PostingStatus.Reversed ? after with { ReversedOn = null, ReversedBy = null, Reason = null }
        : before?.Status == after.Status ? after
        : after with { ReversedOn = after.ReversedOn ?? on };
}
