using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>Billed by the sheet: hours at their price, and what was spent.</summary>
internal sealed partial class Engagement
{
    private const decimal RateOff = 7.5m;
    private const decimal InternPrice = 75m;

    private Priced? lastBilled;
    private List<Priced> sheet = [];

    /// <summary>An entry on a line: what it comes to, before any rounding.</summary>
    private sealed record Priced(Entry Entry, Rate Price)
    {
        public ExactMoney Exact { get; } = ExactMoney.Of(Entry.Asked, Price)!.Value;

        public decimal Rounded => Exact.Round(RoundingMode.HalfAwayFromZero, 2).Amount;

        /// <summary>What so much less of it would come to.</summary>
        public decimal Less(decimal value) => ExactMoney.Of(Entry.Asked with { Value = value }, Price)!.Value
            .Round(RoundingMode.HalfAwayFromZero, 2).Amount;
    }

    /// <summary>The month's billable, approved entries, what was spent, and what a fault lets in.</summary>
    private Asked Sheet(int month, Fault[] struck)
    {
        sheet = [.. open.Where(w => w.Billable).Select(w => new Priced(w, PriceOf(w)))];
        if (struck.Contains(Fault.NotBillable)) sheet.Add(NotBillable());
        if (struck.Contains(Fault.RateOff))
        {
            var at = sheet.FindIndex(p => p.Entry == For(Fault.RateOff));
            sheet[at] = new(sheet[at].Entry, sheet[at].Price with { Amount = sheet[at].Price.Amount - RateOff });
        }

        if (struck.Contains(Fault.RoleBefore))
        {
            var at = sheet.FindIndex(p => p.Entry == For(Fault.RoleBefore));
            sheet[at] = new(
                sheet[at].Entry, sheet[at].Price with { Amount = PriceOf(sheet[at].Entry, placeBefore!) });
        }

        var rounds = RoundedBy(struck);
        var all = struck.Contains(Fault.HourTwice) && lastBilled is { } again ? sheet.Append(again).ToList() : sheet;
        var lines = all.Select(p => new InvoiceLine(
            "L-" + p.Entry.Id, Kind: "time", Description: p.Entry.Person.Role, Quantity: p.Entry.Asked, Price: p.Price,
            Net: rounds == RoundingScope.Line ? p.Rounded : null, Bills: [new(p.Entry.Ref, p.Entry.Asked)],
            Work: new(p.Entry.Day, To(Kind.Resource, Firm.Psa, p.Entry.Person.Id), "advice")));
        // What is billed of an expense is all of it, as much as that turns out to be.
        var spent = costs.Where(c => c.IsBillable || struck.Contains(Fault.ExpenseNotBillable)).ToArray();
        var asked = new Asked(
            lines.Concat(spent.Select(c => new InvoiceLine(
                "X-" + c.Id, Kind: "expense", Description: c.Category, Net: c.Amount,
                Bills: [new(To(Kind.Expense, Firm.Psa, c.Id))]))).ToItems(),
            Sum(all, rounds) + spent.Sum(c => c.Amount));
        if (!struck.Contains(Fault.WorkNotDelivered)) return asked;
        var strange = To(Kind.Time, Firm.Psa, StrangeEntry(month));
        return Plus(asked, new(
            "L-" + strange.Id, Kind: "time", Description: "Senior consultant", Net: StrangeAmount,
            Bills: [new(strange, Amount: StrangeAmount)]));
    }

    private const decimal StrangeAmount = 426m;

    private string StrangeEntry(int month) => $"TE-{20_000 + index}-S{month + 1}";

    private Priced NotBillable() => new(open.First(w => !w.Billable), PriceOf(open.First(w => !w.Billable)));

    /// <summary>One that may be billed a second time.</summary>
    private Priced? Remembered() => sheet.FirstOrDefault(p => p.Entry.Down == 0m);

    private Rate PriceOf(Entry work)
    {
        var amount = work.Person == Firm.Intern ? InternPrice : PriceOf(work, RoleOn(work.Person, work.Day));
        return new(amount, currency, Unit.Hour);
    }

    private decimal PriceOf(Entry work, string role) =>
        agreed is { } own && own.Role == role && work.Day >= own.From ? own.Amount
            : Firm.Price(client, role, work.Day.Year);

    /// <summary>What somebody is that day: on the project, where it gives people places, else in the firm.</summary>
    private string RoleOn(Person person, LocalDate day) =>
        places.Where(p => p.Key.Person == person.Id && p.Key.From <= day).OrderBy(p => p.Key.From)
            .Select(p => p.Value).LastOrDefault() ?? (HasPlaces ? person.Role : person.RoleOn(day));

    /// <summary>Another place on the project from a day on.</summary>
    private void Promote(Person person, LocalDate from, LocalDateTime at)
    {
        var role = Firm.Above(RoleOn(person, from));
        places[(person.Id, from)] = role;
        Place(person, role, from, at);
    }

    /// <summary>What is lost by the price that no card states.</summary>
    private decimal Lost(Fault fault = Fault.RateOff) =>
        Math.Abs(new Priced(For(fault), PriceOf(For(fault))).Rounded - Billed(fault).Rounded);

    /// <summary>What rounding line by line makes of the month, less rounding once.</summary>
    private decimal RoundedApart()
    {
        var work = open.Where(w => w.Billable).Select(w => new Priced(w, PriceOf(w))).ToArray();
        return Sum(work, RoundingScope.Line) - Sum(work, RoundingScope.Invoice);
    }

    private RoundingScope RoundedBy(Fault[] struck) => struck.Contains(Fault.RoundingScope)
        ? scope == RoundingScope.Line ? RoundingScope.Invoice : RoundingScope.Line
        : scope;

    private decimal Sum(IReadOnlyList<Priced> work, RoundingScope rounds) => rounds == RoundingScope.Line
        ? work.Sum(p => p.Rounded)
        : work.Aggregate(ExactMoney.Zero(currency), (sum, p) => sum + p.Exact)
            .Round(RoundingMode.HalfAwayFromZero, 2).Amount;
}
