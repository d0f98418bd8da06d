using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

internal sealed partial class Engagement
{
    private const decimal Markup = 10m;

    // So many entries that each fault of a month finds one of its own.
    private const int EntriesMin = 4;
    private const int EntriesStruck = 10;
    private const int TriesMax = 40;

    private readonly List<Entry> open = [];
    private readonly List<Cost> costs = [];
    private int entries;
    private int expenses;
    private int worked;

    /// <summary>An entry of the month at hand, as the PSA has it in the end.</summary>
    private sealed record Entry(string Id, Person Person, LocalDate Day, Quantity Quantity, bool Billable)
    {
        public Ref Ref { get; } = To(Kind.Time, Firm.Psa, Id);

        public string Stream => StreamName.Of(Kind.Time.Name, Firm.Psa, Id);

        public bool IsApproved { get; set; } = true;

        /// <summary>How much of it was written down before it was billed.</summary>
        public decimal Down { get; set; }

        public Quantity Asked => Quantity with { Value = Quantity.Value - Down };
    }

    /// <param name="Amount">What the client pays of it.</param>
    private sealed record Cost(string Id, string Category, decimal Amount)
    {
        public string Stream => StreamName.Of(Kind.Expense.Name, Firm.Psa, Id);

        public bool IsBillable { get; init; } = true;

        public bool IsApproved { get; init; } = true;
    }

    /// <summary>The month's entries and expenses, submitted and approved.</summary>
    private void Work(int month, LocalDate starts)
    {
        open.Clear();
        costs.Clear();
        worked = month;
        // In the second month one in three teams has somebody in another place from the tenth day on; of some it is
        // told when the month is over.
        if (month == 1 && HasPlaces && index % 3 == 0)
            Promote(team[^1], starts.PlusDays(9), starts.PlusDays(index % 2 == 0 ? 8 : 27).At(new(7, 30)));
        for (var day = starts; day.Month == starts.Month; day = day.PlusDays(1))
        {
            if (day.DayOfWeek is IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday) continue;
            foreach (var person in team)
                if (dice.Chance(300)) Record(person, day);
            if (dice.Chance(40)) Spend(day);
        }

        // There is work to bill, and work that is not billable, in every month that a fault needs it in.
        var firstDay = Enumerable.Range(0, 7).Select(starts.PlusDays)
            .First(d => d.DayOfWeek is not (IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday));
        var least = Struck(month) ? EntriesStruck : EntriesMin;
        while (BySheet && open.Count(w => w.Billable) < least) Record(team[0], firstDay, billable: true);
        if (open.All(w => w.Billable)) Record(team[0], firstDay, billable: false);
        if (Struck(month, Fault.RateMissing)) Record(Firm.Intern, firstDay, billable: true);
        // Until the two ways of rounding come to two sums; at a price without fractions they never do.
        for (var i = 0; i < TriesMax && Struck(month, Fault.RoundingScope) && RoundedApart() == 0m; i++)
            Record(team[i * team.Length / TriesMax], firstDay, billable: true);
        foreach (var fault in (Fault[])
            [Fault.ExpenseCorrected, Fault.ExpenseDeleted, Fault.ExpenseUnapproved, Fault.ExpenseNotBillable])
            if (Struck(month, fault)) Spend(firstDay, fault);
        if (Struck(month, Fault.RoleBefore))
        {
            var work = For(Fault.RoleBefore);
            placeBefore = RoleOn(work.Person, work.Day);
            Promote(work.Person, work.Day, work.Day.At(new(8, 0)));
        }

        if (BySheet && index % 4 == 1) Subcontract(month, starts.PlusDays(20));
        // The ERP has copies of the first of each.
        if (month == 0 && expenses == 0 && (Struck(0, Fault.ExpenseAmount) || Struck(0, Fault.ExpenseMissing)))
            Spend(firstDay);
        if (month == 0) CopyHours(open[0], starts.PlusMonths(1).PlusDays(1).At(new(3, 0)));
        Approve(month, starts.PlusMonths(1));
        if (model is BillingModel.Milestone) Reach(month, starts.PlusMonths(1));
        if (model is BillingModel.Usage) Count(month, starts);
    }

    private bool Struck(int month) => faults[month].Any(Faults.IsOfDocument);

    private void Record(Person person, LocalDate day, bool? billable = null)
    {
        entries++;
        var id = $"TE-{20_000 + index}-{entries}";
        var counts = billable ?? (BySheet && !dice.Chance(70));
        var quantity = inMinutes
            ? new Quantity(dice.Between(6, 96) * 5m, Unit.Minute)
            : new Quantity(dice.Between(2, 32) * 0.25m, Unit.Hour);
        var at = day.At(new(17, 30)).PlusMinutes(entries % 90);
        var resource = To(Kind.Resource, Firm.Psa, person.Id);
        var (task, corrected) = (counts || !BySheet ? "advice" : "internal", dice.Chance(50));
        var said = corrected ? quantity with { Value = quantity.Value + (inMinutes ? 15m : 0.5m) } : quantity;
        // A few are begun as billable and turn out not to be.
        var reclassified = !counts && BySheet && dice.Chance(250);
        if (dice.Chance(60))
            teller.Shows(Firm.Psa, Kind.Time, id, at, new TimeStated
            {
                Resource = resource, WorkedOn = day, Quantity = said, Project = Project, Task = task,
                Billable = counts || reclassified,
            });
        else
            teller.Says(Firm.Psa, Kind.Time, id, at, new TimeEntryRecorded(
                resource, day, said, Project, task, Billable: counts || reclassified), person.Id);
        if (corrected)
            teller.Says(Firm.Psa, Kind.Time, id, at.PlusHours(15), new TimeEntryCorrected(
                Quantity: quantity, Reason: "typing error"), person.Id);
        if (reclassified)
            teller.Says(Firm.Psa, Kind.Time, id, at.PlusHours(16), new TimeEntryReclassified(
                Billable: false, Reason: "internal"), person.Id);
        open.Add(new(id, person, day, quantity, counts));
    }

    /// <param name="planned">The fault it is spent for.</param>
    private void Spend(LocalDate day, Fault? planned = null)
    {
        var id = $"EX-{20_000 + index}-{++expenses}";
        var (category, amount) = (dice.Pick(["rail", "hotel", "survey"]), dice.Between(2_000, 60_000) / 100m);
        var (billable, approved) = (
            BySheet && planned is not Fault.ExpenseNotBillable, planned is not Fault.ExpenseUnapproved);
        var abroad = dice.Chance(150) ? Other : (Currency?)null;
        var said = teller.Says(Firm.Psa, Kind.Expense, id, day.At(new(18, 45)), new ExpenseRecorded(
            day, category, amount, currency, billable, To(Kind.Resource, Firm.Psa, team[0].Id), Project: Project,
            Task: "advice", Original: abroad is { } other
                ? new(
                    ExchangeRates.Convert(new(amount, currency), other, day).Amount, other,
                    ExchangeRates.Rate(other, currency, day))
                : null,
            Reimbursable: true));
        if (approved)
            teller.Says(Firm.Psa, Kind.Expense, id, day.PlusDays(3).At(new(9, 30)), new ExpenseApproved(Manager));
        if (dice.Chance(500))
            teller.Says(Firm.Psa, Kind.Expense, id, day.PlusDays(12).At(new(9, 30)), new ExpenseReimbursed(
                day.PlusDays(12), amount, currency));
        CopyCost(id, day, category, amount, said);
        if (BySheet) costs.Add(new(id, category, amount) { IsBillable = billable, IsApproved = approved });
    }

    /// <summary>Somebody else's bill for the engagement, passed on with what was agreed on top.</summary>
    private void Subcontract(int month, LocalDate day)
    {
        var (id, amount) = ($"SC-{20_000 + index}-{month + 1}", dice.Between(40_000, 250_000) / 100m);
        var asked = Rounding.Round(amount * (100m + Markup) / 100m, 2, RoundingMode.HalfAwayFromZero);
        var said = teller.Says(Firm.Psa, Kind.Expense, id, day.At(new(11, 0)), new SubcontractorCostRecorded(
            To(Kind.Client, company.Erp, dice.Pick(Firm.Suppliers).Id), day, amount, currency, true, Project, "advice",
            asked, Markup));
        teller.Says(Firm.Psa, Kind.Expense, id, day.PlusDays(2).At(new(9, 30)), new ExpenseApproved(Manager));
        CopyCost(id, day, "subcontractor", amount, said);
        costs.Add(new(id, "subcontractor", asked));
    }

    /// <summary>Each entry is approved on the Monday after, at the latest on the first of the next month; one that a
    /// fault leaves out is submitted only. Some are sent back once before, and some are worth less in the end.
    /// </summary>
    private void Approve(int month, LocalDate next)
    {
        var left = Struck(month, Fault.Unapproved) ? For(Fault.Unapproved) : null;
        var part = Struck(month, Fault.ApprovedInPart) ? For(Fault.ApprovedInPart) : null;
        foreach (var work in open)
        {
            var monday = work.Day.Next(IsoDayOfWeek.Monday);
            var at = (monday < next ? monday : next).At(new(10, 0)).PlusMinutes(entries % 50);
            var back = dice.Chance(30);
            if (dice.Chance(250) || work == left || back)
                teller.Says(
                    Firm.Psa, Kind.Time, work.Id, work.Day.At(new(19, 30)), new TimeEntrySubmitted(),
                    work.Person.Id);
            if (work == left)
            {
                work.IsApproved = false;
                continue;
            }

            if (back)
                teller.Says(
                    Firm.Psa, Kind.Time, work.Id, at.PlusHours(-1), new TimeEntryRejected(Manager, "which task?"),
                    Manager);
            teller.Says(
                Firm.Psa, Kind.Time, work.Id, at, new TimeEntryApproved(
                    Manager, work == part ? work.Quantity with { Value = work.Quantity.Value / 2m } : work.Quantity),
                Manager);
            if (BySheet && work.Billable && !Struck(month) && dice.Chance(40)) WriteDown(work, next.At(new(6, 0)));
        }
    }

    private void WriteDown(Entry work, LocalDateTime at)
    {
        var less = work.Quantity.Value / 5m;
        work.Down = less;
        teller.Says(Firm.Psa, Kind.Time, work.Id, at, new TimeEntryWrittenDown(
            Quantity: work.Quantity with { Value = less }, Reason: "learning", Approver: Manager), Manager);
    }

    /// <summary>The month's entry that a fault is about; each has one of its own, but one that is corrected may also
    /// be written down or bear another price.</summary>
    private Entry For(Fault fault) => open.Where(w => w.Billable).ElementAt(fault switch
    {
        Fault.RateOff or Fault.WrittenDownLater when Struck(worked, Fault.HoursCorrected) => 1,
        Fault.RateOff => 0,
        Fault.HoursCorrected => 1,
        Fault.WrittenDownLater => 2,
        Fault.WrittenOffLater => 3,
        Fault.OtherProject => 4,
        Fault.WorkDeleted => 5,
        Fault.FlaggedOpen => 6,
        Fault.Unapproved => 7,
        Fault.ApprovedInPart => 8,
        Fault.RoleBefore => 9,
        _ => throw new System.Diagnostics.UnreachableException($"{fault} is about no entry"),
    });
}
