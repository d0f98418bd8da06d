using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens to an agreement with a client.</summary>
public abstract record ContractEvent : Event;

public sealed record ContractSigned(
    Ref Client,
    LocalDate SignedOn,
    LocalDate From,
    Currency Currency,
    BillingModel Model,
    LocalDate? To = null,
    Items<ContractLine>? Lines = null,
    Items<Ceiling>? Ceilings = null,
    Items<Ref>? RateCards = null,
    Rounding? Rounding = null,
    string? TaxTreatment = null,
    Terms? Terms = null,
    ApprovalTerms? Approval = null,
    string? ExpensePolicy = null,
    Ref? Proposal = null,
    BillingTerms? Billing = null,
    Items<CardRate>? Rates = null) : ContractEvent;

/// <summary>Terms changed from a date on; the amendment is kept beside the contract, never written over it.</summary>
public sealed record ContractAmended(
    string Amendment,
    LocalDate SignedOn,
    LocalDate EffectiveFrom,
    Items<TermChange> Changes,
    string? Supersedes = null,
    string? Reason = null) : ContractEvent;

public sealed record ContractClauseSet(
    string Clause, string? Title = null, string? Text = null, LocalDate? EffectiveFrom = null) : ContractEvent;

public sealed record ContractCeilingChanged(Ceiling Ceiling, LocalDate? EffectiveFrom = null, string? Reason = null)
    : ContractEvent;

public sealed record ContractRateCardAssigned(Ref RateCard, LocalDate? From = null, LocalDate? To = null)
    : ContractEvent;

/// <summary>One price that the contract itself agrees, before any card's.</summary>
/// <param name="Rate">Its id within the contract.</param>
/// <param name="Replaces">The id of the price it takes the place of from <paramref name="From"/> on.</param>
public sealed record ContractRateSet(
    string Rate, RateUse Use, RateMatch Match, Rate Price, LocalDate From, LocalDate? To = null,
    string? Replaces = null) : ContractEvent;

public sealed record ContractRateWithdrawn(string Rate, LocalDate? On = null, string? Reason = null) : ContractEvent;

/// <summary>How work is turned into money was agreed anew, as a whole.</summary>
public sealed record ContractBillingTermsSet(BillingTerms Billing, string? Reason = null) : ContractEvent;

/// <summary>A meter counted what the contract prices by units.</summary>
public sealed record ContractUsageRecorded(string Usage, string Meter, Quantity Quantity, LocalDate UsedOn)
    : ContractEvent;

public sealed record ContractBillingScheduleSet(Items<ScheduleItem> Items) : ContractEvent;

/// <summary>One item of the schedule may be billed.</summary>
public sealed record ContractBillingScheduleReleased(string Item, LocalDate? On = null) : ContractEvent;

public sealed record ContractSuspended(LocalDate? On = null, string? Reason = null) : ContractEvent;

public sealed record ContractResumed(LocalDate? On = null, string? Reason = null) : ContractEvent;

public sealed record ContractTerminated(LocalDate? On = null, string? Reason = null) : ContractEvent;

public sealed record ContractClosed(LocalDate? On = null, string? Reason = null) : ContractEvent;

/// <summary>The contract as its system showed it.</summary>
public sealed record ContractStated(
    Said<Ref> Client = default,
    Said<LocalDate?> SignedOn = default,
    Said<LocalDate?> From = default,
    Said<LocalDate?> To = default,
    Said<Currency?> Currency = default,
    Said<BillingModel?> Model = default,
    Said<Items<ContractLine>> Lines = default,
    Said<Items<Ceiling>> Ceilings = default,
    Said<Items<Ref>> RateCards = default,
    Said<Rounding> Rounding = default,
    Said<string> TaxTreatment = default,
    Said<Terms> Terms = default,
    Said<ApprovalTerms> Approval = default,
    Said<string> ExpensePolicy = default,
    Said<Ref> Proposal = default,
    Said<ContractStatus?> Status = default,
    Said<BillingTerms> Billing = default,
    Said<Items<CardRate>> Rates = default,
    Said<Items<ScheduleItem>> Schedule = default,
    Said<Items<UsageRecord>> Usage = default,
    Said<Items<Amendment>> Amendments = default,
    Said<Items<Clause>> Clauses = default,
    Said<string> Reason = default) : Snapshot
{
    internal Contract Over(Contract before, EventFacts facts) => before.Limited(Shown(before, facts)) with
    {
        Client = Client.Or(before.Client),
        SignedOn = SignedOn.Or(before.SignedOn),
        From = From.Or(before.From),
        To = To.Or(before.To),
        Currency = Currency.Or(before.Currency),
        Model = Model.Or(before.Model),
        Lines = Lines.Or(before.Lines) ?? Items<ContractLine>.None,
        RateCards = RateCards.IsSaid ? AsAssigned(RateCards.Value) : before.RateCards,
        Rounding = Rounding.Or(before.Rounding),
        TaxTreatment = TaxTreatment.Or(before.TaxTreatment),
        Terms = Terms.Or(before.Terms),
        Approval = Approval.Or(before.Approval),
        ExpensePolicy = ExpensePolicy.Or(before.ExpensePolicy),
        Proposal = Proposal.Or(before.Proposal),
        Status = Status.Or(before.Status) ?? ContractStatus.Active,
        Billing = Billing.Or(before.Billing),
        Rates = Rates.Or(before.Rates) ?? Items<CardRate>.None,
        Schedule = Schedule.Or(before.Schedule) ?? Items<ScheduleItem>.None,
        // A meter tells what it counted since it last told.
        Usage = Over(Usage, before.Usage, "usage", used => used.Usage),
        Amendments = Over(Amendments, before.Amendments, "amendments", amendment => amendment.Id)
            .Select(a => before.Amendments.FirstOrDefault(b => b with { Position = a.Position } == a)
                ?? a with { Position = facts.Position }).ToItems(),
        Clauses = Over(Clauses, before.Clauses, "clauses", clause => (clause.Id, clause.EffectiveFrom))
            .Select(c => before.Clauses.FirstOrDefault(b => b with { Position = c.Position } == c)
                ?? c with { Position = facts.Position }).ToItems(),
        Reason = Reason.Or(before.Reason),
    };

    // What a system shows counts from the day it shows it; what it shows first, from the beginning.
    private Items<Dated<Ceiling>> Shown(Contract before, EventFacts facts)
    {
        var said = before.CeilingTerms;
        if (!Ceilings.IsSaid) return said;
        if (before == new Contract()) return Contract.Agreed(Ceilings.Value, facts);
        var shown = Contract.Keyed(Ceilings.Value);
        foreach (var key in said.Select(c => c.Of!).Concat(shown.Keys).Distinct())
            if (!Equals(said.On(facts.EffectiveOn, key), shown.GetValueOrDefault(key)))
                said = said.Saying(shown.GetValueOrDefault(key), facts.EffectiveOn, facts.Position, key);
        return said;
    }

    internal static Items<AssignedCard> AsAssigned(Items<Ref>? cards) =>
        (cards ?? Items<Ref>.None).Select(card => new AssignedCard(card)).ToItems();
}

/// <param name="Amount">In the contract's currency.</param>
public sealed record ContractLine(
    string Line, string? Project = null, BillingModel? Model = null, decimal? Amount = null);

/// <summary>A limit not to be exceeded.</summary>
/// <param name="Scope">What it limits: contract, line, role, customer.</param>
/// <param name="Amount">In the contract's currency.</param>
/// <param name="Qty">Of work.</param>
/// <param name="Of">Which line or role; null = each of them.</param>
public sealed record Ceiling(
    string Id, string Scope, decimal? Amount = null, Quantity? Qty = null, bool CountsTax = false,
    bool CountsExpenses = false, string? Of = null)
{
    /// <summary>How much of a ceiling of money something takes: what is billed, and what may be, alike.</summary>
    /// <param name="net">Before tax.</param>
    public decimal Takes(decimal net, decimal tax, bool isExpense) =>
        isExpense && !CountsExpenses ? 0m : CountsTax ? net + tax : net;

    /// <summary>How much of a ceiling of money a document takes.</summary>
    public decimal Takes(AskedMoney asked) =>
        Takes(asked.Net, asked.Tax, isExpense: false) + Takes(asked.Expenses, asked.ExpensesTax, isExpense: true);
}

/// <summary>Which work must be approved before it is billed; null = the contract does not say.</summary>
public sealed record ApprovalTerms(bool? Time = null, bool? Expense = null);

public sealed record TermChange(string Path, string? To = null, string? From = null);

/// <param name="Amount">In the contract's currency; 0 where <paramref name="Percent"/> says how much.</param>
/// <param name="Percent">Of the line's amount.</param>
/// <param name="Line">The contract line it is a part of; null = the contract's only one.</param>
public sealed record ScheduleItem(
    string Item, LocalDate DueOn, decimal Amount, string? Description = null, LocalDate? ReleasedOn = null,
    decimal? Percent = null, string? Line = null);

/// <param name="Position">Of the event that states it.</param>
public sealed record Amendment(
    string Id, LocalDate SignedOn, LocalDate EffectiveFrom, Items<TermChange> Changes, long Position = 0,
    string? Supersedes = null, string? Reason = null);

/// <param name="Position">Of the event that states it.</param>
public sealed record Clause(
    string Id, long Position = 0, string? Title = null, string? Text = null, LocalDate? EffectiveFrom = null);

public sealed record AssignedCard(Ref Card, LocalDate? From = null, LocalDate? To = null);

public enum ContractStatus
{
    Active,
    Suspended,
    Terminated,
    Closed,
}

/// <summary>An agreement with a client, as one source tells it.</summary>
public sealed record Contract : RecordState
{
    public Ref? Client { get; init; }

    public LocalDate? SignedOn { get; init; }

    public LocalDate? From { get; init; }

    public LocalDate? To { get; init; }

    public Currency? Currency { get; init; }

    public BillingModel? Model { get; init; }

    public Items<ContractLine> Lines { get; init; } = Items<ContractLine>.None;

    /// <summary>Those that begin last; for a day ask <see cref="CeilingsOn"/>.</summary>
    public Items<Ceiling> Ceilings { get; init; } = Items<Ceiling>.None;

    /// <summary>Every ceiling, as agreed and as changed, with the day it counts from.</summary>
    public Items<Dated<Ceiling>> CeilingTerms { get; init; } = Items<Dated<Ceiling>>.None;

    public Items<AssignedCard> RateCards { get; init; } = Items<AssignedCard>.None;

    public Rounding? Rounding { get; init; }

    public string? TaxTreatment { get; init; }

    public Terms? Terms { get; init; }

    public ApprovalTerms? Approval { get; init; }

    public string? ExpensePolicy { get; init; }

    public Ref? Proposal { get; init; }

    public ContractStatus Status { get; init; }

    /// <summary>Why it was suspended, resumed, terminated or closed, the last time; null = nobody said.</summary>
    public string? Reason { get; init; }

    public Items<Amendment> Amendments { get; init; } = Items<Amendment>.None;

    public Items<Clause> Clauses { get; init; } = Items<Clause>.None;

    public Items<ScheduleItem> Schedule { get; init; } = Items<ScheduleItem>.None;

    /// <summary>Null = nothing is agreed beside cards, ceilings and rounding.</summary>
    public BillingTerms? Billing { get; init; }

    /// <summary>Prices that the contract itself agrees; they go before every card.</summary>
    public Items<CardRate> Rates { get; init; } = Items<CardRate>.None;

    /// <summary>What meters counted.</summary>
    public Items<UsageRecord> Usage { get; init; } = Items<UsageRecord>.None;

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static Contract? Evolve(Contract? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, ContractSigned s) => (state ?? new()).Limited(Agreed(s.Ceilings, facts)) with
        {
            Client = s.Client, SignedOn = s.SignedOn, From = s.From, To = s.To, Currency = s.Currency, Model = s.Model,
            Lines = s.Lines ?? Items<ContractLine>.None,
            RateCards = ContractStated.AsAssigned(s.RateCards), Rounding = s.Rounding, TaxTreatment = s.TaxTreatment,
            Terms = s.Terms, Approval = s.Approval, ExpensePolicy = s.ExpensePolicy, Proposal = s.Proposal,
            Billing = s.Billing, Rates = s.Rates ?? Items<CardRate>.None,
        },
        (_, ContractStated s) => s.Over(state ?? new(), facts),
        (null, _) => null,
        (_, ContractAmended a) => Amended(
            state,
            new(a.Amendment, a.SignedOn, a.EffectiveFrom, a.Changes, facts.Position, a.Supersedes, a.Reason)),
        (_, ContractClauseSet c) => state with
        {
            Clauses = state.Clauses.Put(
                new(
                    c.Clause, facts.Position, c.Title, c.Text,
                    c.EffectiveFrom ?? (state.Clauses.Any(x => x.Id == c.Clause) ? facts.EffectiveOn : null)),
                x => (x.Id, x.EffectiveFrom)),
        },
        (_, ContractCeilingChanged c) => state.Limited(state.CeilingTerms.Saying(
            c.Ceiling, c.EffectiveFrom ?? facts.EffectiveOn, facts.Position, c.Ceiling.Id)),
        (_, ContractRateCardAssigned a) => state with
        {
            RateCards = Assigned(state.RateCards, new(a.RateCard, a.From, a.To)),
        },
        (_, ContractRateSet s) => state with
        {
            // Last, so that their order tells which was set last.
            Rates = RateCard.Ended(state.Rates, s.Replaces, s.From.PlusDays(-1)).Where(r => r.Rate != s.Rate)
                .Append(new(s.Rate, s.Use, s.Match, s.Price, s.From, s.To, facts.Position)).ToItems(),
        },
        (_, ContractRateWithdrawn w) => state.Rates.Any(r => r.Rate == w.Rate)
            ? state with { Rates = RateCard.Ended(state.Rates, w.Rate, w.On ?? facts.EffectiveOn) }
            : null,
        (_, ContractBillingTermsSet t) => state with { Billing = t.Billing },
        (_, ContractUsageRecorded u) => state with
        {
            Usage = state.Usage.Put(new(u.Usage, u.Meter, u.Quantity, u.UsedOn, facts.Position), x => x.Usage),
        },
        (_, ContractBillingScheduleSet s) => state with { Schedule = s.Items },
        (_, ContractBillingScheduleReleased r) => Released(state, r.Item, r.On ?? facts.EffectiveOn),
        (_, ContractSuspended s) => state with { Status = ContractStatus.Suspended, Reason = s.Reason },
        (_, ContractResumed r) => state with { Status = ContractStatus.Active, Reason = r.Reason },
        (_, ContractTerminated t) => state with { Status = ContractStatus.Terminated, Reason = t.Reason },
        (_, ContractClosed c) => state with { Status = ContractStatus.Closed, Reason = c.Reason },
        _ => throw Kind.Unfoldable(e),
    };

    /// <summary>The ceilings that count on a day; where a person, or another system, says otherwise than this one did,
    /// those, whatever the day.</summary>
    public Items<Ceiling> CeilingsOn(LocalDate day) =>
        Ceilings.Equals(Limits(CeilingTerms, LocalDate.MaxIsoValue)) ? Limits(CeilingTerms, day) : Ceilings;

    /// <summary>The clauses that count on a day, each in the words of that day.</summary>
    public IEnumerable<Clause> ClausesOn(LocalDate day) =>
        Clauses.Where(c => c.EffectiveFrom is null || c.EffectiveFrom <= day).GroupBy(c => c.Id)
            .Select(same => same.MaxBy(c => c.EffectiveFrom ?? LocalDate.MinIsoValue)!);

    /// <summary>What counts from the beginning.</summary>
    internal static Items<Dated<Ceiling>> Agreed(Items<Ceiling>? ceilings, EventFacts facts) =>
        Keyed(ceilings).Select(c => new Dated<Ceiling>(facts.Position, c.Value, null, c.Key)).ToItems();

    /// <summary>By their ids; careless sources use one twice.</summary>
    internal static Dictionary<string, Ceiling> Keyed(Items<Ceiling>? ceilings)
    {
        var keyed = new Dictionary<string, Ceiling>();
        foreach (var ceiling in ceilings ?? Items<Ceiling>.None)
        {
            var key = ceiling.Id;
            while (!keyed.TryAdd(key, ceiling)) key += "'";
        }

        return keyed;
    }

    /// <summary>A card counts once on any day: each of its spans holds until the day before its next begins; what is
    /// said without a first day takes the place of all that was said of the card. It keeps its place among others.
    /// </summary>
    private static Items<AssignedCard> Assigned(Items<AssignedCard> before, AssignedCard said)
    {
        if (said.From is not { } from)
            return before.Where(b => b.Card != said.Card || b == before.First(x => x.Card == said.Card)).ToItems()
                .Put(said, b => b.Card);
        var next = before.Where(b => b.Card == said.Card && b.From > from).Min(b => b.From)?.PlusDays(-1);
        var one = said with { To = said.To is null || next < said.To ? next ?? said.To : said.To };
        var all = before.Where(b => b.Card != said.Card || b.From != from).Select(b =>
            b.Card == said.Card && (b.From is null || b.From < from) && (b.To is null || b.To >= from)
                ? b with { To = from.PlusDays(-1) }
                : b).ToList();
        var place = before.ToList().FindIndex(b => b.Card == said.Card);
        var after = all.FindLastIndex(b => b.Card == said.Card && (b.From is null || b.From < from));
        all.Insert(after >= 0 ? after + 1 : place >= 0 ? place : all.Count, one);
        return all.ToItems();
    }

    internal Contract Limited(Items<Dated<Ceiling>> terms) =>
        this with { CeilingTerms = terms, Ceilings = Limits(terms, LocalDate.MaxIsoValue) };

    private static Items<Ceiling> Limits(Items<Dated<Ceiling>> terms, LocalDate day) =>
        terms.Select(t => t.Of).Distinct().Select(of => terms.On(day, of)).OfType<Ceiling>().ToItems();

    private static Contract Amended(Contract before, Amendment said)
    {
        var after = before.Amendments.Put(said, x => x.Id);
        return before.Limited(AmendedCeilings.Of(before, after, said.Id)) with { Amendments = after };
    }

    private static Contract? Released(Contract state, string item, LocalDate on) =>
        state.Schedule.Any(i => i.Item == item)
            ? state with
            {
                Schedule = state.Schedule.Select(i => i.Item == item ? i with { ReleasedOn = on } : i).ToItems(),
            }
            : null;
}
