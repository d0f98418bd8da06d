using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens to those who do the work: people, and subcontractors.</summary>
public abstract record ResourceEvent : Event;

public sealed record ResourceOnboarded(
    string Name,
    string? Role = null,
    string? Grade = null,
    string? EmployeeNo = null,
    bool? Subcontractor = null,
    Rate? CostRate = null,
    LocalDate? From = null) : ResourceEvent;

public sealed record ResourceRoleChanged(string? Role = null, string? Grade = null, LocalDate? From = null)
    : ResourceEvent;

/// <param name="Rate">What an hour of this resource costs the firm.</param>
public sealed record ResourceCostRateSet(Rate Rate, LocalDate? From = null) : ResourceEvent;

public sealed record ResourceOffboarded(LocalDate? On = null, string? Reason = null) : ResourceEvent;

/// <summary>The resource as its system showed it.</summary>
public sealed record ResourceStated(
    Said<string> Name = default,
    Said<string> Role = default,
    Said<string> Grade = default,
    Said<string> EmployeeNo = default,
    Said<bool?> Subcontractor = default,
    Said<Rate> CostRate = default,
    Said<LocalDate?> From = default,
    Said<LocalDate?> To = default,
    Said<string> Reason = default) : Snapshot
{
    internal Resource Over(Resource before, EventFacts facts) => (before with
    {
        Name = Name.Or(before.Name),
        EmployeeNo = EmployeeNo.Or(before.EmployeeNo),
        Subcontractor = Subcontractor.Or(before.Subcontractor),
        From = From.Or(before.From),
        To = To.Or(before.To),
        Reason = Reason.Or(before.Reason),
        Roles = before.Roles.Shown(Role, facts),
        Grades = before.Grades.Shown(Grade, facts),
        CostRates = before.CostRates.Shown(CostRate, facts),
    }).Now();
}

/// <summary>Someone who does the work, as one source tells it.</summary>
public sealed record Resource : RecordState
{
    public string? Name { get; init; }

    /// <summary>The one that begins last, as are grade and cost.</summary>
    public string? Role { get; init; }

    public string? Grade { get; init; }

    public string? EmployeeNo { get; init; }

    public bool? Subcontractor { get; init; }

    public Rate? CostRate { get; init; }

    public LocalDate? From { get; init; }

    public LocalDate? To { get; init; }

    /// <summary>Why whoever left did; null = nobody said.</summary>
    public string? Reason { get; init; }

    /// <summary>Every role with the day it counts from.</summary>
    public Items<Dated<string>> Roles { get; init; } = Items<Dated<string>>.None;

    public Items<Dated<string>> Grades { get; init; } = Items<Dated<string>>.None;

    public Items<Dated<Rate>> CostRates { get; init; } = Items<Dated<Rate>>.None;

    public string? RoleOn(LocalDate day) => Roles.At(day, Role);

    public string? GradeOn(LocalDate day) => Grades.At(day, Grade);

    public Rate? CostRateOn(LocalDate day) => CostRates.At(day, CostRate);

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static Resource? Evolve(Resource? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, ResourceOnboarded r) => Onboarded(state ?? new(), r, facts),
        (_, ResourceStated s) => s.Over(state ?? new(), facts),
        (null, _) => null,
        (_, ResourceRoleChanged c) => (state with
        {
            Roles = c.Role is null ? state.Roles : state.Roles.Told(c.Role, c.From, facts),
            Grades = c.Grade is null ? state.Grades : state.Grades.Told(c.Grade, c.From, facts),
        }).Now(),
        (_, ResourceCostRateSet c) => (state with { CostRates = state.CostRates.Told(c.Rate, c.From, facts) }).Now(),
        (_, ResourceOffboarded o) => state with { To = o.On ?? facts.EffectiveOn, Reason = o.Reason },
        _ => throw Kind.Unfoldable(e),
    };

    // Who begins is what he begins as, whenever work is told of; who comes back is what he comes back as.
    private static Resource Onboarded(Resource before, ResourceOnboarded r, EventFacts facts) => (before with
    {
        Name = r.Name, EmployeeNo = r.EmployeeNo, Subcontractor = r.Subcontractor, From = r.From, To = null,
        Reason = null,
        Roles = before.Roles.Told(r.Role, before.Roles.Count == 0 ? null : r.From, facts),
        Grades = before.Grades.Told(r.Grade, before.Grades.Count == 0 ? null : r.From, facts),
        CostRates = before.CostRates.Told(r.CostRate, before.CostRates.Count == 0 ? null : r.From, facts),
    }).Now();

    internal Resource Now() => this with { Role = Roles.Last(), Grade = Grades.Last(), CostRate = CostRates.Last() };
}
