using Ledger.Domain;
using Ledger.Projections.Cases;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using static Ledger.Projections.Tests.Drift.Told;

namespace Ledger.Projections.Tests.Drift;

public sealed class IdentityDriftTests
{
    private static readonly IdentityLinked Same = new(new("invoice", "billing", "7"), new("invoice", "erp", "F7"));

    private static readonly InvoiceIssued Copy =
        new(February, [], Currency: Story.Dollar, Totals: new(Net: 960m)) { Number = "INV-7" };

    [Fact]
    public void Two_systems_that_tell_one_invoice_alike_agree()
    {
        var report = Linked(Copy).Report();
        report.Findings.ShouldBeEmpty();
        report.Invoices.ShouldHaveSingleItem().Verdict.ShouldBe(Verdict.Agrees);
    }

    [Fact]
    public void Without_a_link_they_are_two_invoices_of_one_number_that_ask_for_one_money()
    {
        // One number in two legal entities: no rule joins them.
        var elsewhere = Copy with { Entity = new("legal_entity", Id: "US") };
        var story = Agreeing().Says("erp", "invoice/F7", elsewhere).Registered("erp", Role.Erp, "invoice", "posting")
            .Says("billing", "invoice/7", new InvoiceSettlementStated(960m))
            .Says("erp", "payment/R1", new PaymentApplied(
                "a1", new("invoice", Id: "F7"), ApplicationKind.Cash, 960m, February, Currency: Story.Dollar))
            .Says("erp", "posting/J1", new PostingRecorded(
                February, "2026-02", Story.Dollar, new(Net: 960m), new("invoice", Id: "F7")))
            .Time("late", 1m, null, on: new(2026, 3, 1));
        var report = story.Report();
        report.Invoices.Count.ShouldBe(2);
        var only = report.Findings.ShouldHaveSingleItem();
        (only.Class, only.Weight).ShouldBe((DriftClass.Mapping, FindingWeight.Notice));
        only.Sentence.ShouldBe(
            "Invoice INV-7 is told by billing and erp under one number, and nothing links the two: they are compared "
            + "once somebody does.");
    }

    [Fact]
    public void Each_class_of_difference_is_a_finding_with_both_values()
    {
        var story = Linked(Copy with { IssuedOn = new(2026, 2, 2), Totals = new(Net: 900m) });
        var amount = story.Finding(DriftClass.Amount);
        (amount.Invoice, amount.Money()).ShouldBe(("INV-7", 60m));
        amount.Sentence.ShouldBe(
            "Invoice INV-7 is told differently. Net: billing says 960.00 USD, erp says 900.00 USD.");
        amount.Values.Select(v => (v.Source, v.Value, v.Position)).ShouldBe(
            [("billing", "960.00 USD", story.Position - 2), ("erp", "900.00 USD", story.Position - 1)]);
        story.Finding(DriftClass.Period).Sentence.ShouldEndWith(
            "Issued on: billing says 2026-02-01, erp says 2026-02-02.");
    }

    [Fact]
    public void Void_here_and_issued_there_is_a_status() =>
        Linked(Copy).Cancelled("7").Findings().ShouldContain(f => f.Class == DriftClass.Status
            && f.Sentence == "Invoice INV-7 is told differently. Status: billing says void, erp says issued.");

    [Fact]
    public void A_credit_note_and_a_negative_invoice_of_the_same_money_are_alike()
    {
        var note = new InvoiceIssued(
            February, [], DocumentType.CreditNote, Currency: Story.Dollar, Totals: new(Net: 100m));
        var negative = note with { DocumentType = DocumentType.Invoice, Totals = new(Net: -100m) };
        new Story().Says("billing", "invoice/7", note).Says("erp", "invoice/F7", negative)
            .Says("ledger", "identity/1", Same).ShouldNotFind(DriftClass.Amount);
    }

    [Fact]
    public void Hours_are_compared_after_conversion_and_clients_after_their_own_links()
    {
        Story Copied(Quantity quantity, string client) => new Story()
            .Says("crm", "client/A1", new ClientRegistered("Northwind"))
            .Says("erp", "client/C1", new ClientRegistered("Northwind"))
            .Says("erp", "client/C2", new ClientRegistered("Southwind"))
            .Says("ledger", "identity/1", new IdentityLinked(new("client", "crm", "A1"), new("client", "erp", "C1")))
            .Says("psa", "project/P1", new ProjectCreated(Client: new("client", "crm", "A1")))
            .Says("erp", "project/X1", new ProjectCreated(Client: new("client", "erp", client)))
            .Says("ledger", "identity/2", new IdentityLinked(new("project", "psa", "P1"), new("project", "erp", "X1")))
            .Says("psa", "time/1", new TimeEntryRecorded(new("resource", "psa", "R1"), new(2026, 1, 5), Minutes(450m)))
            .Says("erp", "time/T1", new TimeEntryRecorded(new("resource", "psa", "R1"), new(2026, 1, 5), quantity))
            .Says("ledger", "identity/3", new IdentityLinked(new("time", "psa", "1"), new("time", "erp", "T1")));
        Copied(Hours(7.5m), "C1").Findings().ShouldBeEmpty();
        Copied(Hours(8m), "C1").Finding(DriftClass.Quantity).Sentence.ShouldBe(
            "Time 1 is told differently. Quantity: psa says 450 min, erp says 8 h.");
        Copied(Hours(7.5m), "C2").Finding(DriftClass.Mapping).Sentence.ShouldBe(
            "Project P1 is told differently. Client: psa says A1, erp says C2.");
    }

    [Fact]
    public void What_is_offered_and_planned_is_compared_by_the_shape_of_its_fields()
    {
        var story = Both("opportunity",
            new OpportunityOpened(Amount: 1_000m, Currency: Story.Dollar, ExpectedOn: new(2026, 6, 30)),
            new OpportunityOpened(Amount: 900m, Currency: Story.Dollar, ExpectedOn: new(2026, 7, 31)));
        var amount = story.Finding(DriftClass.Amount);
        amount.Sentence.ShouldBe(
            "Opportunity A is told differently. Amount: crm says 1000.00 USD, psa says 900.00 USD.");
        amount.Money().ShouldBe(100m);
        amount.Values.Select(v => (v.Source, v.Position)).ShouldBe([("crm", 1L), ("psa", 2L)]);
        Breach.Of(story.World(), story.Report(), new Dictionary<string, long>())
            .Single(b => b.Opened is DriftCaseOpened { Class: DriftClass.Amount }).Opened.Suggestion
            .ShouldBe("psa: opportunity A, amount: 900.00 USD → 1000.00 USD");
        story.Finding(DriftClass.Period).Sentence.ShouldEndWith(
            "Expected on: crm says 2026-06-30, psa says 2026-07-31.");
        Both("change_request",
                new ChangeRequestRaised(Project, Quantity: Hours(8m)),
                new ChangeRequestRaised(Project, Quantity: Minutes(540m)))
            .Finding(DriftClass.Quantity).Sentence.ShouldEndWith("Quantity: psa says 540 min, crm says 8 h.");
        Both("milestone",
                new MilestonePlanned(Project, Amount: 5_000m), new MilestonePlanned(Project, Amount: 6_000m))
            .Finding(DriftClass.Amount).Sentence.ShouldEndWith("Amount: psa says 6000, crm says 5000.");
        Both("revenue", Earned(100m, "USD"), Earned(100m, "CAD")).Finding(DriftClass.Currency).Sentence
            .ShouldEndWith("Currency: psa says CAD, crm says USD.");
        Both("proposal", Offered(960m), Offered(990m)).Finding(DriftClass.Amount).Sentence
            .ShouldEndWith("Net: crm says 960.00 USD, psa says 990.00 USD.");
    }

    [Fact]
    public void A_status_that_nobody_said_contradicts_none_that_was()
    {
        var told = Both("milestone", new MilestonePlanned(Project), new MilestonePlanned(Project))
            .Says("crm", "milestone/A", new MilestoneCompleted());
        told.ShouldNotFind(DriftClass.Status);
        told.Says("psa", "milestone/A", new MilestoneCancelled()).Finding(DriftClass.Status).Sentence
            .ShouldBe("Milestone A is told differently. Status: psa says cancelled, crm says completed.");
        Both("knowledge_asset", new KnowledgeAssetPublished(), new KnowledgeAssetPublished())
            .Says("psa", "knowledge_asset/A", new KnowledgeAssetWithdrawn()).Finding(DriftClass.Status).Sentence
            .ShouldEndWith("Status: psa says withdrawn, crm says published.");
    }

    [Fact]
    public void A_row_that_leaves_the_status_out_contradicts_none()
    {
        static Story Linked(PostingStated row) => new Story()
            .Says("erp", "posting/J1", new PostingRecorded(February, "2026-02", Story.Dollar, new(Net: 960m)))
            .Says("erp", "posting/J1", new PostingReversed(February)).Says("erp-de", "posting/J1", row)
            .Says("ledger", "identity/1", new IdentityLinked(
                new("posting", "erp", "J1"), new("posting", "erp-de", "J1")));
        Linked(new(PostedOn: February)).ShouldNotFind(DriftClass.Status);
        Linked(new(PostedOn: February, Status: (PostingStatus?)PostingStatus.Posted)).Finding(DriftClass.Status)
            .Sentence.ShouldEndWith("Status: erp-de says posted, erp says reversed.");
    }

    [Fact]
    public void References_that_lead_to_two_things_are_a_mapping_and_one_that_dangles_is_none()
    {
        Story To(string project) => Both(
                "milestone", new MilestonePlanned(Story.Psa("project", "P1")),
                new MilestonePlanned(Story.Psa("project", project)))
            .Says("psa", "project/P1", new ProjectCreated()).Says("psa", "project/P2", new ProjectCreated());
        To("P2").Finding(DriftClass.Mapping).Sentence.ShouldEndWith("Project: psa says P2, crm says P1.");
        To("P3").ShouldNotFind(DriftClass.Mapping);
    }

    [Fact]
    public void A_price_of_one_card_in_two_systems_is_a_rate()
    {
        RateCardRateSet Senior(decimal price) =>
            new("senior", RateUse.Bill, new(Role: "Senior"), PerHour(price), February);
        Both("rate_card", new RateCardPublished(Story.Dollar), new RateCardPublished(Story.Dollar))
            .Says("crm", "rate_card/A", Senior(120m)).Says("psa", "rate_card/A", Senior(125m))
            .Finding(DriftClass.Rate).Sentence.ShouldEndWith(
                "Rates/senior from 2026-02-01: psa says 125.00 USD/h, crm says 120.00 USD/h.");
    }

    [Fact]
    public void A_published_rate_is_one_within_a_basis_point()
    {
        ExchangeRatePublished Rate(decimal rate) => new(Currency.Of("EUR"), Story.Dollar, rate, February, "ECB");
        Both("exchange_rate", Rate(1.0834m), Rate(1.0835m)).Findings().ShouldBeEmpty();
        Both("exchange_rate", Rate(1.0834m), Rate(1.0836m)).Finding(DriftClass.Currency).Sentence
            .ShouldEndWith("Rate: crm says 1.0834, psa says 1.0836.");
    }

    private static readonly Ref Project = Story.Psa("project", "P1");

    private static RevenueScheduleSet Earned(decimal amount, string currency) =>
        new(amount, Currency.Of(currency), new(RevenueTiming.OverTime));

    private static ProposalVersionDrafted Offered(decimal net) =>
        new("1", Currency: Story.Dollar, Totals: new(Net: net));

    /// <summary>One thing, as the CRM and as the PSA tell it.</summary>
    private static Story Both(string kind, Event crm, Event psa) => new Story()
        .Says("crm", $"{kind}/A", crm).Says("psa", $"{kind}/A", psa)
        .Says("ledger", "identity/1", new IdentityLinked(new(kind, "crm", "A"), new(kind, "psa", "A")));

    private static Story Linked(InvoiceIssued copy) =>
        Agreeing().Says("erp", "invoice/F7", copy).Says("ledger", "identity/1", Same);
}
