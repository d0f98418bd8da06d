using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

internal sealed partial class Engagement
{
    private readonly List<Entry> open = [];
    private readonly List<Cost> costs = [];
    private int entries;
    private Entry? unapproved;

    /// <summary>An entry of the month at hand, as the PSA has it in the end.</summary>
    private sealed record Entry(
        string Id, Person Person, LocalDate Day, Quantity Quantity, bool Billable, string RecordedBy)
    {
        public Ref Ref { get; } = To(Kind.Time, Firm.Psa, Id);

        public string Stream => StreamName.Of(Kind.Time.Name, Firm.Psa, Id);
    }

    private sealed record Cost(string Id, LocalDate Day, string Category, decimal Amount);

    /// <summary>The month's entries and expenses, submitted and approved.</summary>
    private void Work(int month, LocalDate starts)
    {
        open.Clear();
        costs.Clear();
        for (var day = starts; day.Month == starts.Month; day = day.PlusDays(1))
        {
            if (day.DayOfWeek is IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday) continue;
            foreach (var person in team)
                if (dice.Chance(300)) Record(person, day);
            if (dice.Chance(20)) Spend(day);
        }

        // There is work to bill, and work that is not billable, in every month that a fault needs it in.
        var firstDay = Enumerable.Range(0, 7).Select(starts.PlusDays)
            .First(d => d.DayOfWeek is not (IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday));
        while (open.Count(w => w.Billable) < 4) Record(team[0], firstDay, billable: true);
        if (Struck(month, Fault.NotBillable) && open.All(w => w.Billable)) Record(team[0], firstDay, billable: false);
        Approve(month, starts.PlusMonths(1));
    }

    private void Record(Person person, LocalDate day, bool? billable = null)
    {
        entries++;
        var id = $"TE-{20_000 + index}-{entries}";
        var counts = billable ?? (model == BillingModel.TimeAndMaterials && !dice.Chance(70));
        var quantity = inMinutes
            ? new Quantity(dice.Between(6, 96) * 5m, Unit.Minute)
            : new Quantity(dice.Between(2, 32) * 0.25m, Unit.Hour);
        var at = day.At(new(17, 30)).PlusMinutes(entries % 90);
        var resource = To(Kind.Resource, Firm.Psa, person.Id);
        var on = To(Kind.Project, Firm.Psa, project);
        var (task, corrected) = (counts ? "advice" : "internal", dice.Chance(50));
        var said = corrected ? quantity with { Value = quantity.Value + (inMinutes ? 15m : 0.5m) } : quantity;
        string recorded;
        if (dice.Chance(60))
            recorded = teller.Shows(Firm.Psa, Kind.Time, id, at, new TimeStated
            {
                Resource = resource, WorkedOn = day, Quantity = said, Project = on, Task = task, Billable = counts,
            });
        else
            recorded = teller.Says(Firm.Psa, Kind.Time, id, at, new TimeEntryRecorded(
                resource, day, said, on, task, Billable: counts), person.Id);
        if (corrected)
            recorded = teller.Says(Firm.Psa, Kind.Time, id, at.PlusHours(15), new TimeEntryCorrected(
                Quantity: quantity, Reason: "typing error"), person.Id);
        open.Add(new(id, person, day, quantity, counts, recorded));
    }

    private void Spend(LocalDate day)
    {
        if (model == BillingModel.FixedFee) return;
        var id = $"EX-{20_000 + index}-{costs.Count + 1}-{day.Month}";
        var (category, amount) = (dice.Pick(["rail", "hotel", "survey"]), dice.Between(2_000, 60_000) / 100m);
        teller.Says(Firm.Psa, Kind.Expense, id, day.At(new(18, 45)), new ExpenseRecorded(
            day, category, amount, company.Currency, true, To(Kind.Resource, Firm.Psa, team[0].Id),
            Project: To(Kind.Project, Firm.Psa, project), Task: "advice"));
        teller.Says(Firm.Psa, Kind.Expense, id, day.PlusDays(3).At(new(9, 30)), new ExpenseApproved(Manager));
        costs.Add(new(id, day, category, amount));
    }

    private string Manager => firm.PersonAt(index % 13 == 0 ? 3 : 0).Id;

    /// <summary>Each entry is approved on the Monday after, at the latest on the first of the next month; one that a
    /// fault leaves out is submitted only.</summary>
    private void Approve(int month, LocalDate next)
    {
        var left = Struck(month, Fault.Unapproved) ? open.First(w => w.Billable) : null;
        foreach (var work in open)
        {
            if (dice.Chance(250) || work == left)
                teller.Says(
                    Firm.Psa, Kind.Time, work.Id, work.Day.At(new(19, 30)), new TimeEntrySubmitted(),
                    work.Person.Id);
            if (work == left) continue;
            var monday = work.Day.Next(IsoDayOfWeek.Monday);
            teller.Says(
                Firm.Psa, Kind.Time, work.Id, (monday < next ? monday : next).At(new(10, 0)).PlusMinutes(entries % 50),
                new TimeEntryApproved(Manager, work.Quantity), Manager);
        }

        unapproved = left;
    }
}
