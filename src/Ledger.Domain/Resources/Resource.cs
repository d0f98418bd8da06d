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
    Said<LocalDate?> To = default) : Snapshot
{
    internal Resource Over(Resource before) => before with
    {
        Name = Name.Or(before.Name),
        Role = Role.Or(before.Role),
        Grade = Grade.Or(before.Grade),
        EmployeeNo = EmployeeNo.Or(before.EmployeeNo),
        Subcontractor = Subcontractor.Or(before.Subcontractor),
        CostRate = CostRate.Or(before.CostRate),
        From = From.Or(before.From),
        To = To.Or(before.To),
    };
}

/// <summary>Someone who does the work, as one source tells it.</summary>
public sealed record Resource : RecordState
{
    public string? Name { get; init; }

    public string? Role { get; init; }

    public string? Grade { get; init; }

    public string? EmployeeNo { get; init; }

    public bool? Subcontractor { get; init; }

    public Rate? CostRate { get; init; }

    public LocalDate? From { get; init; }

    public LocalDate? To { get; init; }

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static Resource? Evolve(Resource? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, ResourceOnboarded r) => (state ?? new()) with
        {
            Name = r.Name, Role = r.Role, Grade = r.Grade, EmployeeNo = r.EmployeeNo, Subcontractor = r.Subcontractor,
            CostRate = r.CostRate, From = r.From, To = null,
        },
        (_, ResourceStated s) => s.Over(state ?? new()),
        (null, _) => null,
        (_, ResourceRoleChanged c) => state with { Role = c.Role ?? state.Role, Grade = c.Grade ?? state.Grade },
        (_, ResourceCostRateSet c) => state with { CostRate = c.Rate },
        (_, ResourceOffboarded o) => state with { To = o.On ?? facts.EffectiveOn },
        _ => throw Kind.Unfoldable(e),
    };
}
