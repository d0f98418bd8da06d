using NodaTime;

namespace Ledger.Domain;

/// <summary>How far a limit is used.</summary>
public enum CeilingStatus
{
    Within,

    /// <summary>Nothing more may be billed, and nothing is over.</summary>
    Reached,

    /// <summary>More is billed, or approved and not billed yet, than was agreed: a matter of its own, for an amendment
    /// or a write-off.</summary>
    Over,
}

/// <summary>One limit as it stands, through the day billed through.</summary>
/// <param name="Order">When it is asked, from 1: of what is narrower before of what is wider.</param>
/// <param name="Ceiling">As agreed.</param>
/// <param name="Of">The line or role it is told of; null = the contract or the customer.</param>
/// <param name="Billed">What counts of live documents, in the ceiling's measure: money, or hours.</param>
/// <param name="Unbilled">What counts of work that may be billed now.</param>
/// <param name="Proposed">What of that is proposed.</param>
/// <param name="Position">Position of the event that states it; 0 where that is not known.</param>
public sealed record CeilingState(
    int Order, Ceiling Ceiling, string? Of, decimal Limit, decimal Billed, decimal Unbilled, decimal Proposed,
    long Position)
{
    /// <summary>Billed, and approved but not billed yet.</summary>
    public decimal Committed => Billed + Unbilled;

    /// <summary>By how much more is committed than agreed; 0 where it is not.</summary>
    public decimal Overage => Math.Max(0m, Committed - Limit);

    public CeilingStatus Status => Committed > Limit ? CeilingStatus.Over
        : Committed == Limit ? CeilingStatus.Reached : CeilingStatus.Within;
}

/// <summary>Lets through what a contract's ceilings leave room for, in the order of the service dates: no more than the
/// ceiling of that day allows of all that is of its time or before, nor than one that follows, nor than that of the day
/// billed through allows of all.</summary>
internal sealed class Ceilings
{
    private readonly Engagement engagement;
    private readonly LocalDate through;
    private readonly Sorted sorted;
    private readonly Dictionary<LocalDate, Items<Ceiling>> inForce = [];
    private readonly List<Limit> limits = [];
    private readonly LocalDate[] lastDays;
    private readonly decimal taxRate;
    private readonly Lazy<Dictionary<string, WorkedTime>> time;
    private readonly Lazy<Dictionary<string, SpentMoney>> expenses;

    public Ceilings(Engagement engagement, LocalDate through, Sorted sorted)
    {
        (this.engagement, this.through, this.sorted) = (engagement, through, sorted);
        taxRate = engagement.Terms.Tax?.Rate ?? 0m;
        lastDays = [.. engagement.Contract.CeilingTerms.Select(t => t.From).OfType<LocalDate>().Distinct().Order()
            .Select(from => from.PlusDays(-1))];
        time = new(() => engagement.Time.ToDictionary(t => t.Id));
        expenses = new(() => engagement.Expenses.ToDictionary(e => e.Id));
    }

    public Items<CeilingState> States => limits
        .Select((l, i) => new CeilingState(
            i + 1, l.Ceiling, l.Of, l.Allowed, l.Billed, l.Unbilled, l.Used - l.Billed,
            engagement.Contract.CeilingTerms.InForce(through, l.Ceiling.Id)?.Position
                ?? engagement.PositionOf("ceilings")))
        .ToItems();

    /// <summary>What may be billed, what does not fit any more left out; an hour that does not fit as a whole is
    /// parted.</summary>
    public List<Candidate> Let(IEnumerable<Candidate> candidates)
    {
        var ordered = candidates.OrderBy(c => c.On).ThenBy(c => c.Id, StringComparer.Ordinal).ToArray();
        foreach (var ceiling in InForceOn(through).OrderBy(c => Width(c.Scope))
            .ThenBy(c => c.Id, StringComparer.Ordinal).SelectMany(Measures)) Open(ceiling, ordered);
        foreach (var candidate in ordered.Where(c => !c.IsAdvance))
            foreach (var limit in limits.Where(l => l.Covers(candidate)))
                limit.Unbilled += Counted(limit.Ceiling, candidate);
        return [.. ordered.Select(Let).OfType<Candidate>()];
    }

    private Candidate? Let(Candidate candidate)
    {
        var covering = limits.Where(l => !candidate.IsAdvance && l.Covers(candidate)).ToArray();
        var tight = covering.Where(l => Counted(l.Ceiling, candidate) > Room(l, candidate)).ToArray();
        var let = tight.Length == 0 ? candidate : Part(candidate, tight);
        if (let is not null)
            foreach (var limit in covering) limit.Used += Counted(limit.Ceiling, let);
        if (tight.Length == 0) return let;
        var first = tight[0];
        var detail = $"ceiling {first.Ceiling.Id} of {first.Words(Tightest(first, candidate).Allowed)} is used up";
        sorted.LeftOut.Add(let is null
            ? candidate.Left(LeftOutReason.Ceiling, detail, candidate.Quantity, candidate.Value)
            : candidate.Left(
                LeftOutReason.Ceiling, detail,
                candidate.Quantity! with { Value = candidate.Quantity!.Value - let.Quantity!.Value },
                candidate.Value with { Sixtieths = candidate.Value.Sixtieths - let.Value.Sixtieths }));
        return let;
    }

    private decimal Room(Limit limit, Candidate candidate) => Math.Max(0m, Tightest(limit, candidate).Room);

    /// <summary>Where there is least room: all is held to what is agreed now, and what is of the time of an earlier
    /// ceiling or before to that. What is billed of no known day is of any.</summary>
    private (decimal Allowed, decimal Room) Tightest(Limit limit, Candidate candidate)
    {
        var tightest = (limit.Allowed, Room: limit.Allowed - limit.Used);
        if (candidate.On is not { } day) return tightest;
        foreach (var last in lastDays.Where(last => last >= day && last < through))
        {
            var allowed = AllowedOn(limit, last);
            var room = allowed - limit.Used + limit.Known.Where(k => k.On > last).Sum(k => Counted(limit.Ceiling, k));
            if (room < tightest.Room) tightest = (allowed, room);
        }

        return tightest;
    }

    /// <summary>A ceiling that was not there yet that day limits it no more than the one there is now.</summary>
    private decimal AllowedOn(Limit limit, LocalDate day)
    {
        var then = InForceOn(day).FirstOrDefault(c => c.Id == limit.Ceiling.Id && c.Scope == limit.Ceiling.Scope
            && c.Of == limit.Ceiling.Of
            && (limit.Ceiling.Amount is not null || c.Qty?.Unit == limit.Ceiling.Qty?.Unit));
        var allowed = limit.Ceiling.Amount is null ? then?.Qty?.Value : then?.Amount;
        return allowed ?? limit.Allowed;
    }

    private Items<Ceiling> InForceOn(LocalDate day)
    {
        if (!inForce.TryGetValue(day, out var known)) inForce.Add(day, known = engagement.Contract.CeilingsOn(day));
        return known;
    }

    /// <summary>As much of an hour as fits, in whole minutes or hundredths; null where nothing does.</summary>
    private Candidate? Part(Candidate candidate, Limit[] tight)
    {
        if (candidate is not { Kind: LineKinds.Time, Quantity: { } whole, Price: { } price, WrittenDown: 0m })
            return null;
        var counted = whole.Value;
        foreach (var limit in tight)
        {
            var all = Counted(limit.Ceiling, candidate);
            var room = Room(limit, candidate);
            if (all <= 0m || room <= 0m) return null;
            counted = Math.Min(counted, whole.Value * room / all);
        }

        var fits = whole with { Value = Rounding.Round(counted, whole.Unit == Unit.Minute ? 0 : 2, RoundingMode.Down) };
        return fits.Value > 0m ? candidate with { Quantity = fits, Value = price.Extend(fits)!.Value } : null;
    }

    private void Open(Ceiling ceiling, Candidate[] candidates)
    {
        if ((ceiling.Amount ?? ceiling.Qty?.Value) is not { } allowed) return;
        var billed = engagement.Billed.Where(b => !b.IsDraft).Select(Known).ToArray();
        var names = ceiling.Scope switch
        {
            "line" => ceiling.Of is { } line
                ? [line]
                : candidates.Select(c => c.Line?.Line).Concat(billed.Select(b => b.Line)).Distinct()
                    .Order(StringComparer.Ordinal).ToArray(),
            "role" => ceiling.Of is { } role
                ? [role]
                : candidates.Select(c => c.Role).Concat(billed.Select(b => b.Role)).Distinct()
                    .Order(StringComparer.Ordinal).ToArray(),
            _ => new string?[] { null },
        };
        foreach (var name in names.Where(n => n is not null || ceiling.Scope is not ("line" or "role")))
        {
            var limit = new Limit(ceiling, name, allowed);
            limit.Known = Array.FindAll(billed, limit.Covers);
            limit.Billed = name is null && ceiling.Amount is not null
                ? OfDocuments(ceiling)
                : limit.Known.Sum(b => Counted(ceiling, b));
            limit.Used = limit.Billed;
            limits.Add(limit);
        }
    }

    /// <summary>What is billed is billed, whether a line names the work or not.</summary>
    private decimal OfDocuments(Ceiling ceiling) =>
        engagement.Documents.Where(d => d.Currency == engagement.Currency).Sum(ceiling.Takes)
        + (ceiling.Scope == "customer" ? engagement.Elsewhere?.Amount ?? 0m : 0m);

    // What is narrower is asked before what is wider; a scope nobody knows limits the contract.
    private static int Width(string scope) => scope switch { "role" => 0, "line" => 1, "customer" => 3, _ => 2 };

    private decimal Counted(Ceiling ceiling, Candidate c) => Counted(
        ceiling, new Counts(c.Kind, c.Line?.Line, c.Role, c.Value.Sixtieths / 60m, c.Quantity, c.On));

    /// <summary>How much of a ceiling something takes, in money or in the ceiling's unit.</summary>
    private decimal Counted(Ceiling ceiling, Counts what)
    {
        var isExpense = what.Kind == LineKinds.Expense;
        if (ceiling.Amount is not null) return ceiling.Takes(what.Amount, what.Amount * taxRate / 100m, isExpense);
        return (!isExpense || ceiling.CountsExpenses) && what.Quantity is { } quantity
            ? new Quantity(0m, ceiling.Qty!.Unit).DifferenceTo(quantity) ?? 0m
            : 0m;
    }

    /// <summary>A ceiling of money and of hours is two.</summary>
    private static Ceiling[] Measures(Ceiling ceiling) => ceiling is { Amount: not null, Qty: not null }
        ? [ceiling with { Qty = null }, ceiling with { Amount = null }]
        : [ceiling];

    /// <summary>What a document bills of the engagement, by what it is.</summary>
    private Counts Known(BilledPart part)
    {
        var amount = (part.Worth ?? part.Amount) is { } worth && worth.Currency == engagement.Currency
            ? worth.Amount : 0m;
        if (time.Value.TryGetValue(part.Target, out var work))
            return new(
                LineKinds.Time, LineOf(work.Project), work.Asked?.Role, amount,
                part.Quantity ?? (part.Amount is null ? TimeBilling.BillableOf(work.Entry) : null),
                work.Entry.WorkedOn);
        if (expenses.Value.TryGetValue(part.Target, out var expense))
            return new(LineKinds.Expense, LineOf(expense.Project), null, amount, null, expense.Expense.IncurredOn);
        var item = engagement.Contract.Schedule.FirstOrDefault(i => part.Target == $"{engagement.Id}#{i.Item}");
        var on = item is null
            ? engagement.Milestones.FirstOrDefault(m => m.Id == part.Target)?.AcceptedOn
            : item.ReleasedOn ?? item.DueOn;
        return new(LineKinds.Fee, item?.Line, null, amount, null, on);
    }

    private string? LineOf(string? project) => engagement.LineOf(engagement.ProjectOf(project))?.Line;

    /// <summary>What counts of one thing.</summary>
    private sealed record Counts(
        string Kind, string? Line, string? Role, decimal Amount, Quantity? Quantity, LocalDate? On);

    private sealed class Limit(Ceiling ceiling, string? of, decimal allowed)
    {
        public Ceiling Ceiling => ceiling;

        public string? Of => of;

        public decimal Allowed => allowed;

        /// <summary>What is known of what is billed.</summary>
        public Counts[] Known { get; set; } = [];

        public decimal Billed { get; set; }

        public decimal Unbilled { get; set; }

        public decimal Used { get; set; }

        public bool Covers(Candidate candidate) => Covers(candidate.Line?.Line, candidate.Role);

        public bool Covers(Counts counts) => Covers(counts.Line, counts.Role);

        public string Words(decimal value) => ceiling.Qty is { } quantity
            ? (quantity with { Value = value }).ToString()
            : DecimalText.Write(value);

        private bool Covers(string? line, string? role) => ceiling.Scope switch
        {
            "line" => of == line,
            "role" => of == role,
            _ => true,
        };
    }
}
