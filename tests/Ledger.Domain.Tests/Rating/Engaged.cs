using NodaTime;

namespace Ledger.Domain.Tests.Rating;

/// <summary>An engagement in euros at 120.00 an hour, and what is done under it.</summary>
internal static class Engaged
{
    public const string ContractId = "contract/clm:K1";

    public static readonly Currency Eur = Currency.Of("EUR");
    public static readonly LocalDate Begin = new(2026, 1, 1);
    public static readonly LocalDate Through = new(2026, 3, 31);
    public static readonly Ref ContractRef = new("contract", "clm", "K1");
    public static readonly Ref ProjectRef = new("project", "psa", "P1");
    public static readonly Approval Approved = new(ApprovalStatus.Approved, "mia");

    public static readonly Engagement TimeAndMaterials = new(
        ContractId, ContractRef,
        new Contract
        {
            Client = new("client", "crm", "C1"), From = Begin, Currency = Eur, Model = BillingModel.TimeAndMaterials,
        },
        900, [new("project/psa:P1", ProjectRef, new Project { Name = "Quay", Status = ProjectStatus.Active }, ["P1"])],
        Items<WorkedTime>.None, Items<SpentMoney>.None, Items<ReachedMilestone>.None,
        [CardOf(new CardRate("any", RateUse.Bill, new(), PerHour(120m), Begin, Position: 41))],
        Items<BilledPart>.None, Items<Retainer>.None, Items<AskedMoney>.None);

    public static Rate PerHour(decimal amount) => new(amount, Eur, Unit.Hour);

    public static Money Euros(decimal amount) => new(amount, Eur);

    public static OfferedCard CardOf(params CardRate[] rates) =>
        new(CardOrigin.Contract, "rate_card/clm:RC1", new RateCard { Rates = [.. rates] }, 40);

    public static Engagement Model(BillingModel model) => TimeAndMaterials.With(c => c with { Model = model });

    public static Engagement With(this Engagement engagement, Func<Contract, Contract> change) =>
        engagement with { Contract = change(engagement.Contract) };

    public static Engagement Terms(this Engagement engagement, BillingTerms terms) =>
        engagement.With(c => c with { Billing = terms });

    public static Engagement Rounded(this Engagement engagement, RoundingScope scope,
        RoundingMode mode = RoundingMode.HalfAwayFromZero) =>
        engagement.With(c => c with { Rounding = new(scope, mode) });

    public static Engagement Worked(this Engagement engagement, params WorkedTime[] time) =>
        engagement with { Time = [.. engagement.Time, .. time] };

    public static Engagement Spent(this Engagement engagement, params SpentMoney[] expenses) =>
        engagement with { Expenses = [.. engagement.Expenses, .. expenses] };

    /// <summary>Approved, billable minutes of one person, on one day of 2026.</summary>
    public static WorkedTime Minutes(
        string id, decimal minutes, int month = 3, int day = 10, string person = "ann", string? role = null,
        Func<TimeEntry, TimeEntry>? change = null)
    {
        var on = new LocalDate(2026, month, day);
        var entry = new TimeEntry
        {
            WorkedOn = on, Quantity = new(minutes, Unit.Minute), Billable = true, Approval = Approved, Task = "T1",
            Resource = new("resource", "psa", person),
        };
        return new(
            $"time/psa:{id}", new("time", "psa", id), change?.Invoke(entry) ?? entry,
            new(on, ["T1"], [person], role), "project/psa:P1", person, 70);
    }

    public static SpentMoney Expense(string id, decimal amount, Func<Expense, Expense>? change = null, bool sub = false)
    {
        var expense = new Expense
        {
            IncurredOn = new LocalDate(2026, 3, 12), Category = "travel", Amount = amount, Currency = Eur,
            Billable = true, Approval = Approved,
        };
        return new(
            $"expense/psa:{id}", new("expense", "psa", id), change?.Invoke(expense) ?? expense, "project/psa:P1", 71,
            sub);
    }

    public static InvoiceProposal Propose(this Engagement engagement) => InvoiceProposal.Of(engagement, Through);

    /// <summary>The only document proposed.</summary>
    public static ProposedDocument Document(this Engagement engagement) =>
        engagement.Propose().Documents.ShouldHaveSingleItem();

    /// <summary>Why something is left out.</summary>
    public static LeftOutReason WhyNot(this Engagement engagement, string id) =>
        engagement.Propose().LeftOut.Where(l => l.Id.EndsWith(id, StringComparison.Ordinal)).ShouldHaveSingleItem()
            .Reason;

    /// <summary>The engagement after its proposals are issued: what their lines bill is billed, and what they draw is
    /// drawn.</summary>
    public static Engagement AfterIssuing(this Engagement engagement, InvoiceProposal proposal)
    {
        var billed = from document in proposal.Documents
                     from line in document.Draft.Lines!
                     from part in line.Bills!
                     let source = document.Sources.SelectMany(s => s.Sources).Single(s => s.Ref == part.Ref)
                     select new BilledPart(
                         source.Id, $"invoice {document.Draft.DocumentType}", false, null, part.Quantity,
                         part.Amount is { } amount ? new Money(amount, document.Draft.Currency!.Value) : null,
                         source.Share);
        var drawn = proposal.Documents.SelectMany(d => d.Draft.Preceding ?? Items<Preceding>.None)
            .ToLookup(p => p.Ref, p => p.Amount!.Value);
        return engagement with
        {
            Billed = [.. engagement.Billed, .. billed],
            Documents =
            [
                .. engagement.Documents,
                .. proposal.Documents.Where(d => d.Draft.DocumentType is not DocumentType.Prepayment)
                    .Select(d => new AskedMoney(
                        d.Draft.Currency!.Value, d.Draft.Totals!.Net!.Value, d.Draft.Totals.Tax ?? 0m)),
            ],
            Retainers =
            [
                .. engagement.Retainers.Select(r =>
                    r with { Drawn = r.Drawn with { Amount = r.Drawn.Amount + drawn[r.Ref].Sum() } }),
            ],
        };
    }
}
