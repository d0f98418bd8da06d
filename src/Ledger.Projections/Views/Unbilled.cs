using Ledger.Domain;
using Ledger.Projections.Drift;
using NodaTime;

namespace Ledger.Projections.Views;

/// <summary>Approved, billable work that no live invoice bills yet.</summary>
/// <param name="Entity">The time entry's or expense's entity.</param>
/// <param name="Project">The project's stream or number; null = not said.</param>
/// <param name="On">The day of the work or the cost; null = not said.</param>
/// <param name="Quantity">What is left to bill of a time entry; null for an expense.</param>
/// <param name="Rate">The price of a time entry: its own, else what the cards give.</param>
/// <param name="Amount">What is left at that rate, exact; null where there is no rate, or none that fits the unit.
/// </param>
public sealed record UnbilledItem(
    Entity Entity, string? Project, LocalDate? On, Quantity? Quantity, Rate? Rate, ExactMoney? Amount);

/// <summary>Unbilled approved work as of a position.</summary>
/// <param name="Totals">By currency, each rounded once, half away from zero.</param>
/// <param name="Unpriced">Items no amount can be told of: a finding, never zero.</param>
public sealed record UnbilledWork(
    long Position, IReadOnlyList<Money> Totals, IReadOnlyList<UnbilledItem> Items, int Unpriced)
{
    /// <summary>Each thing counts once, each field by its owner's word. A line that bills a thing without saying how
    /// much bills all of it. Work that is not said to be billable or not counts as billable; what was written off is
    /// gone, what was written down is worth less; what a fixed fee pays for does not wait.</summary>
    public static UnbilledWork Of(World world)
    {
        var books = new Books(world);
        var billed = LiveLines(world);
        UnbilledItem[] items =
        [
            .. world.Entities(Kind.Time).Where(e => e.IsLive)
                .Select(e => Time(books, world.Compose(e), billed)).OfType<UnbilledItem>(),
            .. world.Entities(Kind.Expense).Where(e => e.IsLive)
                .Select(e => Expense(world.Compose(e), billed)).OfType<UnbilledItem>(),
        ];
        var totals = items.Select(i => i.Amount).OfType<ExactMoney>().GroupBy(a => a.Currency)
            .Select(g => g.Aggregate((a, b) => a + b).Round(RoundingMode.HalfAwayFromZero))
            .OrderByDescending(m => m.Amount).ThenBy(m => m.Currency.Code, StringComparer.Ordinal).ToArray();
        return new(world.Position, totals, items, items.Count(i => i.Amount is null));
    }

    /// <summary>What lines of live invoices bill, by the entity billed; a document told by two systems counts once.
    /// </summary>
    private static ILookup<string, (Billed Billed, Currency? Currency)> LiveLines(World world) =>
        (from invoice in world.Entities(Kind.Invoice)
         let composed = world.Compose(invoice)
         where invoice.IsLive && composed.Value<InvoiceStatus?>("status") is InvoiceStatus.Issued
             && composed.Value<DocumentType?>("documentType") is not DocumentType.CreditNote
         from field in composed.Fields
         where field.Name == "lines"
         from line in (Items<InvoiceLine>)field.Value
         from bills in line.Bills ?? Items<Billed>.None
         let target = world.Resolve(bills.Ref, field.By.Source)
         where target is not null
         select (world.EntityOf(target.Stream).Id, (bills, composed.Value<Currency?>("currency"))))
        .ToLookup(x => x.Id, x => x.Item2);

    private static UnbilledItem? Time(
        Books books, ComposedEntity time, ILookup<string, (Billed, Currency?)> billed)
    {
        var approval = time.Value<Approval>("approval");
        var writeDowns = time.Value<Items<WriteDown>>("writeDowns") ?? Items<WriteDown>.None;
        if (approval?.Status is not ApprovalStatus.Approved || time.Value<bool?>("billable") is false) return null;
        if (writeDowns.Any(w => w.Off) || IsOfFixedFee(books, time)) return null;
        var quantity = time.Value<Quantity>("billableQuantity") ?? approval.Quantity
            ?? time.Value<Quantity>("quantity");
        if (quantity is null) return null;
        var money = new List<Money>();
        foreach (var down in writeDowns)
        {
            if (down.Quantity is { } less) quantity = Less(quantity, less);
            else if (down is { Amount: { } amount, Currency: { } currency }) money.Add(new(amount, currency));
        }

        foreach (var (part, currency) in billed[time.Entity.Id])
        {
            if (part.Quantity is { } less) quantity = Less(quantity, less);
            else if (part.Amount is { } amount && currency is { } of) money.Add(new(amount, of));
            else return null;
        }

        if (quantity.Value <= 0m) return null;
        var rate = time.Value<Rate>("billRate") ?? CardPrice(books, time.Entity);
        var left = Less(rate?.Extend(quantity), money);
        return left is { Sixtieths: <= 0m } && money.Count > 0
            ? null
            : new(time.Entity, ProjectOf(time), time.Value<LocalDate?>("workedOn"), quantity, rate, left);
    }

    /// <summary>Whether a fee agreed beforehand pays for it: the task's word, else the project's.</summary>
    private static bool IsOfFixedFee(Books books, ComposedEntity time) =>
        time.Fields.FirstOrDefault(f => f.Name == "project") is { Value: Ref named, By.Source: var source }
        && books.Find<Project>(named, source) is { State: var project }
        && (project.Tasks.FirstOrDefault(t => t.Task == time.Value<string>("task"))?.FixedFee
            ?? project.Model is BillingModel.FixedFee);

    private static Rate? CardPrice(Books books, Entity time) =>
        time.Members.FirstOrDefault(m => m.IsLive) is { Fold.State: TimeEntry entry } record
            ? books.Prices.Of(record, entry, null)?.Price
            : null;

    private static UnbilledItem? Expense(ComposedEntity expense, ILookup<string, (Billed, Currency?)> billed)
    {
        if (expense.Value<Approval>("approval")?.Status is not ApprovalStatus.Approved) return null;
        if (expense.Value<bool?>("billable") is false || expense.Value<bool>("writtenOff")) return null;
        var money = new List<Money>();
        foreach (var (part, currency) in billed[expense.Entity.Id])
        {
            if (part.Amount is not { } amount || currency is not { } of) return null;
            money.Add(new(amount, of));
        }

        var worth = expense.Value<decimal?>("billableAmount") ?? expense.Value<decimal?>("amount");
        var exact = worth is { } value && expense.Value<Currency?>("currency") is { } stated
            ? ExactMoney.Of(new Money(value, stated))
            : default(ExactMoney?);
        var left = Less(exact, money);
        return left is { Sixtieths: <= 0m } && money.Count > 0
            ? null
            : new(expense.Entity, ProjectOf(expense), expense.Value<LocalDate?>("incurredOn"), null, null, left);
    }

    private static string? ProjectOf(ComposedEntity work) =>
        work.Fields.FirstOrDefault(f => f.Name == "project") is { Value: Ref project } field
            ? project.Stream(field.By.Source) ?? project.Number
            : null;

    /// <summary>What is left of a quantity; one in a unit that does not convert takes nothing away.</summary>
    private static Quantity Less(Quantity whole, Quantity less) =>
        less.Unit == whole.Unit ? whole with { Value = whole.Value - less.Value }
        : whole.Unit.PerHour is { } mine && less.Unit.PerHour is { } theirs
            ? whole with { Value = whole.Value - less.Value * mine / theirs }
            : whole;

    /// <summary>What is left of an amount; null where one part of it is in another currency.</summary>
    private static ExactMoney? Less(ExactMoney? whole, List<Money> parts) =>
        whole is { } all && parts.TrueForAll(p => p.Currency == all.Currency)
            ? parts.Aggregate(all, (left, part) => left + ExactMoney.Of(-part))
            : null;
}
