using Ledger.Domain;
using Ledger.Projections.Proof;
using Ledger.Projections.Rating;
using Ledger.Projections.Views;
using Ledger.Store;

namespace Ledger.Projections.Tests;

public sealed class UnbilledWorkTests
{
    private static readonly Currency Pounds = Currency.Of("GBP");

    [Fact]
    public void Approved_minutes_are_summed_exactly_and_rounded_once()
    {
        var unbilled = Of(
            Work("1", 20, rate: 100), Approved("1", 20), Work("2", 20, rate: 100), Approved("2", 20),
            Work("3", 20, rate: 100), Approved("3", 20), Work("4", 500, rate: 100));

        unbilled.Totals.ShouldBe([new Money(100, Pounds)]);
        unbilled.Items.Select(i => i.Entity.Id).ShouldBe(["time/psa:1", "time/psa:2", "time/psa:3"]);
    }

    [Fact]
    public void What_a_live_invoice_bills_is_no_longer_unbilled_and_is_again_when_it_is_cancelled()
    {
        Understood[] billed =
        [
            Work("1", 60, rate: 100), Approved("1", 60), Cost("7", 30), Telling.Understood(
                "psa", "expense/7", new ExpenseApproved("bob"), 1),
            Telling.Understood("billing", "invoice/77", new InvoiceIssued(new(2026, 3, 31),
                [new("1", Bills: [new(new("time", "psa", "1")), new(new("expense", "psa", "7"))])]) { Number = "77" }),
        ];

        Of([.. billed[..4]]).Totals.ShouldBe([new Money(130, Pounds)]);
        Of(billed).Items.ShouldBeEmpty();
        Of([.. billed, Telling.Understood("billing", "invoice/77", new InvoiceVoided(), 1)]).Totals
            .ShouldBe([new Money(130, Pounds)]);
    }

    [Fact]
    public void A_part_that_was_billed_leaves_the_rest()
    {
        var unbilled = Of(
            Work("1", 90, rate: 100), Approved("1", 90),
            Telling.Understood("billing", "invoice/77", new InvoiceIssued(new(2026, 3, 31),
                [new("1", Bills: [new(new("time", "psa", "1"), new(1, Unit.Hour))])])));

        unbilled.Items.Single().Quantity.ShouldBe(new(30, Unit.Minute));
        unbilled.Totals.ShouldBe([new Money(50, Pounds)]);
    }

    [Fact]
    public void Work_that_two_systems_tell_of_counts_once()
    {
        var unbilled = Of(
            Work("1", 60, rate: 100), Approved("1", 60), Work("9", 60, rate: 90, source: "erp"),
            Approved("9", 60, source: "erp"),
            Telling.Understood(
                "ledger", "identity/1", new IdentityLinked(new("time", "psa", "1"), new("time", "erp", "9"))));

        unbilled.Totals.ShouldBe([new Money(100, Pounds)]);
    }

    [Fact]
    public void Work_without_a_rate_is_counted_and_never_worth_zero()
    {
        var unbilled = Of(Work("1", 60, rate: null), Approved("1", 60));

        unbilled.Unpriced.ShouldBe(1);
        unbilled.Totals.ShouldBeEmpty();
    }

    [Fact]
    public void Work_without_a_rate_of_its_own_is_worth_what_the_clients_card_says()
    {
        var unbilled = Of(
            Telling.Understood("psa", "project/P", new ProjectCreated("Survey", new("client", Id: "C"))),
            Telling.Understood("psa", "client/C", new ClientRegistered("Acme")),
            Telling.Understood("psa", "rate_card/R", new RateCardPublished(Pounds, Client: new("client", Id: "C"))),
            Telling.Understood(
                "psa", "rate_card/R",
                new RateCardRateSet("any", RateUse.Bill, new(), new(120, Pounds, Unit.Hour), new(2026, 1, 1)), 1),
            OnProject("1", 30), Approved("1", 30));

        unbilled.Items.Single().Rate.ShouldBe(new(120, Pounds, Unit.Hour));
        unbilled.Totals.ShouldBe([new Money(60, Pounds)]);
    }

    [Fact]
    public void Work_that_states_another_price_than_its_card_has_the_cards_price_wherever_it_is_asked()
    {
        var world = WorldOf(
            Telling.Understood("psa", "client/C", new ClientRegistered("Acme")),
            Telling.Understood("psa", "project/P", new ProjectCreated("Survey", Contract: new("contract", "clm", "K"))),
            Telling.Understood("clm", "contract/K", new ContractSigned(
                new("client", "psa", "C"), new(2026, 1, 1), new(2026, 1, 1), Pounds, BillingModel.TimeAndMaterials)),
            Telling.Understood(
                "psa", "rate_card/R", new RateCardPublished(Pounds, Client: new("client", Id: "C"))),
            Telling.Understood(
                "psa", "rate_card/R",
                new RateCardRateSet("any", RateUse.Bill, new(), new(120, Pounds, Unit.Hour), new(2026, 3, 1)), 1),
            Priced("1", 30, on: 2), Approved("1", 30), Priced("2", 30, on: -3), Approved("2", 30));

        var unbilled = UnbilledWork.Of(world);
        unbilled.Items.Select(i => i.Rate).ShouldBe([new(120, Pounds, Unit.Hour), new(100, Pounds, Unit.Hour)]);
        unbilled.Totals.ShouldBe([new Money(110, Pounds)]);
        RatingOf.Proposal(world, "contract/clm:K", new(2026, 3, 31))!.Documents.Single().Draft.Totals!.Net
            .ShouldBe(110m);
        ProofRun.Of(world, new()).Totals.Single().Work.Closing.Amount.ShouldBe(110m);
        RatingOf.Touches(world, "rate_card/psa:R", new(2026, 3, 1))!.Unbilled.ShouldBe([new Money(10, Pounds)]);
    }

    [Fact]
    public void Work_that_was_credited_waits_again()
    {
        var unbilled = Of(
            Work("1", 60, rate: 100), Approved("1", 60),
            Telling.Understood("billing", "invoice/77", new InvoiceIssued(
                new(2026, 3, 31), [new("1", Net: 100m, Bills: [new(new("time", "psa", "1"))])],
                Currency: Pounds, Totals: new(100m))),
            Telling.Understood("billing", "invoice/78", new InvoiceIssued(
                new(2026, 4, 2),
                [new("1", Net: 33.33m, Bills: [new(new("time", "psa", "1"), new(20, Unit.Minute))])],
                DocumentType.CreditNote, Currency: Pounds, Totals: new(33.33m),
                Preceding: [new(new("invoice", "billing", "77"), PrecedingRelation.Credits)])));

        unbilled.Items.Single().Quantity.ShouldBe(new(20, Unit.Minute));
    }

    [Fact]
    public void Work_that_a_fixed_fee_pays_for_does_not_wait_to_be_billed()
    {
        var unbilled = Of(
            Telling.Understood("psa", "project/P", new ProjectCreated("Survey", Model: BillingModel.FixedFee)),
            Telling.Understood("psa", "project/P", new ProjectTaskAdded("extra", FixedFee: false), 1),
            OnProject("1", 30), Approved("1", 30), OnProject("2", 30, "extra"), Approved("2", 30));

        unbilled.Items.Select(i => i.Entity.Id).ShouldBe(["time/psa:2"]);
    }

    [Fact]
    public void Of_what_was_approved_only_what_is_billable_waits()
    {
        var unbilled = Of(
            Telling.Understood(
                "psa", "time/1",
                new TimeEntryRecorded(
                    new("resource", Id: "anna"), new(2026, 3, 2), new(450, Unit.Minute),
                    BillableQuantity: new(390, Unit.Minute))),
            Approved("1", 450));

        unbilled.Items.Single().Quantity.ShouldBe(new(390, Unit.Minute));
    }

    [Fact]
    public void What_is_not_billable_rejected_deleted_or_written_off_is_not_unbilled()
    {
        var unbilled = Of(
            Work("1", 60, rate: 100), Approved("1", 60),
            Telling.Understood("psa", "time/1", new TimeEntryReclassified(Billable: false), 2),
            Work("2", 60, rate: 100), Approved("2", 60),
            Telling.Understood("psa", "time/2", new TimeEntryRejected("bob"), 2),
            Work("3", 60, rate: 100), Approved("3", 60), Telling.Understood("psa", "time/3", new RecordDeleted(), 2),
            Work("4", 60, rate: 100), Approved("4", 60),
            Telling.Understood("psa", "time/4", new TimeEntryWrittenOff(), 2),
            Work("5", 60, rate: 100), Approved("5", 60),
            Telling.Understood("psa", "time/5", new TimeEntryWrittenDown(25, Pounds), 2));

        unbilled.Items.Select(i => i.Entity.Id).ShouldBe(["time/psa:5"]);
        unbilled.Totals.ShouldBe([new Money(75, Pounds)]);
    }

    private static Understood Work(string id, decimal minutes, decimal? rate, string source = "psa") =>
        Telling.Understood(
            source, "time/" + id,
            new TimeEntryRecorded(
                new("resource", Id: "anna"), new(2026, 3, 2), new(minutes, Unit.Minute),
                BillRate: rate is { } amount ? new(amount, Pounds, Unit.Hour) : null));

    private static Understood Priced(string id, decimal minutes, int on) =>
        Telling.Understood(
            "psa", "time/" + id,
            new TimeEntryRecorded(
                new("resource", Id: "anna"), new NodaTime.LocalDate(2026, 3, 1).PlusDays(on), new(minutes, Unit.Minute),
                new("project", Id: "P"), BillRate: new(100, Pounds, Unit.Hour)));

    private static Understood OnProject(string id, decimal minutes, string? task = null) =>
        Telling.Understood(
            "psa", "time/" + id,
            new TimeEntryRecorded(
                new("resource", Id: "anna"), new(2026, 3, 2), new(minutes, Unit.Minute),
                new("project", Id: "P"), task));

    private static Understood Approved(string id, decimal minutes, string source = "psa") =>
        Telling.Understood(source, "time/" + id, new TimeEntryApproved("bob", new(minutes, Unit.Minute)), 1);

    private static Understood Cost(string id, decimal amount) =>
        Telling.Understood(
            "psa", "expense/" + id, new ExpenseRecorded(new(2026, 3, 2), "travel", amount, Pounds, true));

    private static UnbilledWork Of(params Understood[] told) => UnbilledWork.Of(WorldOf(told));

    private static World WorldOf(params Understood[] told)
    {
        var position = 0L;
        var records = told.Select(u => (u.Envelope, Event: new RecordedEvent(
                ++position, u.Envelope.Source, u.Envelope.Id, u.Envelope.Stream, u.Envelope.Type, u.Envelope.Time,
                u.Envelope.CountsFrom, null, null, u.Envelope.Time, u.Body))).ToArray()
            .GroupBy(x => x.Event.Stream).Select(g => new SourceRecord(
                g.Key, Kind.Find(g.First().Envelope.Kind), g.First().Envelope.Source, g.First().Envelope.RecordId,
                StreamFold.Fold(Kind.Find(g.First().Envelope.Kind), g.Select(x => x.Event))));
        return new(position, new(2026, 10, 1), records);
    }
}
