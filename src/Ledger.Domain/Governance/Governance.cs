using NodaTime;

namespace Ledger.Domain;

/// <summary>What is said about the systems themselves, and about how their records belong together.</summary>
public abstract record GovernanceEvent : Event;

/// <summary>A system plays these roles and carries these kinds; nothing else can be missing from it.</summary>
/// <param name="Zone">IANA time zone in which its dates are meant.</param>
/// <param name="LagDays">How many days it may be late before a record counts as missing.</param>
/// <param name="Entities">The legal entities it keeps records of; where it is one, a record that names none is its.
/// </param>
public sealed record SourceRegistered(
    Items<Role> Roles,
    Items<string>? Kinds = null,
    string? Name = null,
    string? Zone = null,
    LocalDate? From = null,
    LocalDate? To = null,
    int? LagDays = null,
    ApprovalTerms? Approval = null,
    Items<Ref>? Entities = null) : GovernanceEvent, System.Text.Json.Serialization.IJsonOnDeserialized
{
    private const int LagDaysMax = 3650;

    /// <summary>A lag is ten years at most.</summary>
    void System.Text.Json.Serialization.IJsonOnDeserialized.OnDeserialized()
    {
        if (LagDays is < 0 or > LagDaysMax) throw new System.Text.Json.JsonException("lagDays is 0 to 3650");
    }
}

/// <summary>A system delivers nothing for now: nothing is missing from it meanwhile, and what comes with its token is
/// refused. The ledger's own word alone.</summary>
public sealed record SourceSuspended(string Reason, LocalDate? On = null) : GovernanceEvent;

/// <summary>It delivers again, and what it carries is expected of it as before.</summary>
public sealed record SourceResumed(string? Reason = null, LocalDate? On = null) : GovernanceEvent;

/// <summary>Two records of one kind are the same thing.</summary>
public sealed record IdentityLinked(Ref A, Ref B, string? Reason = null) : GovernanceEvent;

public sealed record IdentityUnlinked(Ref A, Ref B, string? Reason = null) : GovernanceEvent;

/// <summary>Two records look like the same thing and are not: no rule joins them, nobody is asked again.</summary>
public sealed record IdentityProposalRejected(Ref A, Ref B, string Reason) : GovernanceEvent;

/// <summary>One record covers others, with amounts: never identity.</summary>
public sealed record CoverageStated(
    CoverageRelation Rel, Ref From, Ref To, Quantity? Quantity = null, decimal? Amount = null,
    Currency? Currency = null, string? Reason = null) : GovernanceEvent;

/// <summary>What was stated, or turned down, is taken back.</summary>
public sealed record CoverageWithdrawn(string? Reason = null) : GovernanceEvent;

/// <summary>One record looks as if it covered just these, and does not: nobody is asked again.</summary>
/// <param name="Covers">All that it was proposed to cover together; not empty.</param>
public sealed record CoverageProposalRejected(
    CoverageRelation Rel, Ref From, Items<RejectedCover> Covers, string Reason, Currency? Currency = null)
    : GovernanceEvent, System.Text.Json.Serialization.IJsonOnDeserialized
{
    /// <summary>What covers nothing cannot be turned down.</summary>
    void System.Text.Json.Serialization.IJsonOnDeserialized.OnDeserialized()
    {
        if (Covers.Count == 0) throw new System.Text.Json.JsonException("covers is not empty");
    }
}

/// <param name="Amount">How much of it; positive.</param>
public sealed record RejectedCover(Ref To, decimal? Amount = null);

public enum CoverageRelation
{
    Bills,
    Posts,
    Settles,
    Credits,
    Replaces,
    Corrects,
    Prepays,
}

/// <summary>What a system's own extract says it holds: the ground for control totals. A page of it, or all.</summary>
/// <param name="Extract">Its id.</param>
/// <param name="Of">The kind of record it lists.</param>
/// <param name="Scope">What part of the source it is of; null = all of it.</param>
/// <param name="Count">How many records there are in all.</param>
/// <param name="Delivered">How many this page carried.</param>
/// <param name="Page">From 1; null = the only one.</param>
/// <param name="Sums">Of this page.</param>
/// <param name="Records">Ids of the records this page lists, where it names them.</param>
public sealed record ExtractCompleted(
    string Extract,
    string Of,
    string? Scope = null,
    int? Page = null,
    int? Pages = null,
    int? Count = null,
    int? Delivered = null,
    Items<ControlSum>? Sums = null,
    Items<string>? Records = null) : GovernanceEvent;

public sealed record ControlSum(string Field, decimal Amount, Currency Currency);

/// <summary>What a system is to the firm.</summary>
public enum Role
{
    Crm,
    Cpq,
    Clm,
    Psa,
    Erp,
    Billing,
    Km,
    Tax,
    Bank,
}

/// <summary>The record is gone at its source; it stays in the ledger.</summary>
public sealed record RecordDeleted(string? Reason = null) : Event;

public sealed record RecordRestored(string? Reason = null) : Event;

/// <summary>One system, as registered.</summary>
public sealed record Source : RecordState
{
    public string? Name { get; init; }

    public Items<Role> Roles { get; init; } = Items<Role>.None;

    public Items<string> Kinds { get; init; } = Items<string>.None;

    public string? Zone { get; init; }

    public LocalDate? From { get; init; }

    public LocalDate? To { get; init; }

    public int? LagDays { get; init; }

    public ApprovalTerms? Approval { get; init; }

    /// <summary>Since when nothing is expected of it, and why; null = it delivers.</summary>
    public Standstill? Suspended { get; init; }

    /// <summary>The legal entities it keeps records of.</summary>
    public Items<Ref> Entities { get; init; } = Items<Ref>.None;

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static Source? Evolve(Source? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, SourceRegistered r) => (state ?? new()) with
        {
            Name = r.Name, Roles = r.Roles, Kinds = r.Kinds ?? Items<string>.None, Zone = r.Zone, From = r.From,
            To = r.To, LagDays = r.LagDays, Approval = r.Approval, Entities = r.Entities ?? Items<Ref>.None,
        },
        (null, _) => null,
        (_, SourceSuspended s) => state with { Suspended = new(s.On ?? facts.EffectiveOn, s.Reason) },
        // What is told for a later day is left to that day.
        (_, SourceResumed r) => state with
        {
            Suspended = (r.On ?? facts.EffectiveOn) is var on && on > facts.Time.InUtc().Date
                && state.Suspended is { } still ? still with { Until = on } : null,
        },
        _ => throw Kind.Unfoldable(e),
    };
}

/// <summary>That a system delivers nothing for now.</summary>
/// <param name="On">The first day.</param>
/// <param name="Until">The first day on which it delivers again; null = nobody said.</param>
public sealed record Standstill(LocalDate On, string Reason, LocalDate? Until = null)
{
    public bool CountsOn(LocalDate day) => On <= day && (Until is not { } until || day < until);
}

/// <summary>Whether two records are one thing, by the word of whoever states it.</summary>
public sealed record IdentityLink : RecordState
{
    public Ref? A { get; init; }

    public Ref? B { get; init; }

    public bool Linked { get; init; }

    /// <summary>Whether a proposal to link them was turned down: they are not to be proposed again.</summary>
    public bool Rejected { get; init; }

    public string? Reason { get; init; }

    /// <summary>The next state.</summary>
    public static IdentityLink? Evolve(IdentityLink? state, Event e, EventFacts facts) => e switch
    {
        IdentityLinked l => new() { A = l.A, B = l.B, Linked = true, Reason = l.Reason },
        IdentityUnlinked u => new() { A = u.A, B = u.B, Reason = u.Reason },
        IdentityProposalRejected r => new() { A = r.A, B = r.B, Rejected = true, Reason = r.Reason },
        _ => throw Kind.Unfoldable(e),
    };
}

/// <summary>One record's coverage of another, by the word of whoever states it.</summary>
public sealed record Coverage : RecordState
{
    public CoverageRelation Rel { get; init; }

    public Ref? From { get; init; }

    public Ref? To { get; init; }

    public Quantity? Quantity { get; init; }

    public decimal? Amount { get; init; }

    public Currency? Currency { get; init; }

    public bool Withdrawn { get; init; }

    /// <summary>What a proposal that was turned down would have covered; empty = none was.</summary>
    public Items<RejectedCover> Rejected { get; init; } = Items<RejectedCover>.None;

    public string? Reason { get; init; }

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static Coverage? Evolve(Coverage? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, CoverageStated c) => (state ?? new()) with
        {
            Rel = c.Rel, From = c.From, To = c.To, Quantity = c.Quantity, Amount = c.Amount, Currency = c.Currency,
            Withdrawn = false, Rejected = Items<RejectedCover>.None, Reason = c.Reason,
        },
        (_, CoverageProposalRejected r) => new()
        {
            Rel = r.Rel, From = r.From, Currency = r.Currency, Rejected = r.Covers, Reason = r.Reason,
        },
        (null, _) => null,
        (_, CoverageWithdrawn w) => state with
        {
            Withdrawn = true, Rejected = Items<RejectedCover>.None, Reason = w.Reason,
        },
        _ => throw Kind.Unfoldable(e),
    };
}

/// <summary>A system's own extract, as it describes it: its pages under one id, or one page of several that agree in
/// scope, count and number of pages.</summary>
public sealed record Extract : RecordState
{
    public string? Of { get; init; }

    public string? Scope { get; init; }

    public int? Pages { get; init; }

    public int? Count { get; init; }

    /// <summary>The pages that are complete, each as it was last stated, in their order.</summary>
    public Items<ExtractPage> Read { get; init; } = Items<ExtractPage>.None;

    /// <summary>The next state. Another number of pages is another reading of the source: it begins anew.</summary>
    public static Extract? Evolve(Extract? state, Event e, EventFacts facts) => e switch
    {
        ExtractCompleted x => (state ?? new()) with
        {
            Of = x.Of, Scope = x.Scope, Pages = x.Pages, Count = x.Count,
            Read = (state is not null && state.Pages == x.Pages ? state.Read : Items<ExtractPage>.None)
                .Where(page => page.Page != (x.Page ?? 1)).Append(ExtractPage.Of(x)).OrderBy(page => page.Page)
                .ToItems(),
        },
        _ => throw Kind.Unfoldable(e),
    };
}

/// <summary>One page of an extract.</summary>
/// <param name="Page">From 1.</param>
/// <param name="Records">Ids of the records it lists; null where it does not name them.</param>
public sealed record ExtractPage(
    int Page, Items<ControlSum> Sums, int? Delivered = null, Items<string>? Records = null)
{
    internal static ExtractPage Of(ExtractCompleted x) =>
        new(x.Page ?? 1, x.Sums ?? Items<ControlSum>.None, x.Delivered, x.Records);
}
