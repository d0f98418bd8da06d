using Ledger.Domain;
using Ledger.Projections.Tests.Lineage;
using NodaTime;

namespace Ledger.Projections.Tests.Identity;

public sealed class CoverageProposalTests
{
    private static readonly LocalDate April = new(2026, 4, 1);

    private static readonly Ref Acme = new("client", "erp", "1");

    private static Story Firm() => new Story().Client("client/erp:1").Client("client/erp:2", "Other");

    private static Story Asked(Story story, string id, decimal payable, Ref? client = null, LocalDate? on = null) =>
        story.Tells($"invoice/billing:{id}", new InvoiceIssued(
            on ?? April, [new("L1", Net: payable)], Client: client ?? Acme, Currency: Story.Dollar,
            Totals: new(Net: payable, Payable: payable)) { Number = $"INV-{id}" });

    private static Story Paid(
        Story story, decimal amount, string id = "P", Ref? client = null, string? remittance = null,
        Currency? currency = null) =>
        story.Tells($"payment/erp:{id}", new PaymentReceived(
            April.PlusDays(20), amount, currency ?? Story.Dollar, client ?? Acme, Remittance: remittance));

    private static Story Posted(Story story, string id, decimal net, LocalDate? on = null, string? number = null) =>
        story.Tells($"posting/erp:{id}", new PostingRecorded(
            on ?? April, "2026-04", Story.Dollar, new(net)) { Number = number });

    private static Story ThreeOpen() => Asked(Asked(Asked(Firm(), "1", 100m), "2", 250m), "3", 475m);

    /// <summary>What is proposed, in whatever order the records come.</summary>
    private static IReadOnlyList<CoverageProposal> Proposed(Story story)
    {
        var found = story.Now().CoverageProposals;
        story.Now(seed: 3).CoverageProposals.ShouldBe(found);
        return found;
    }

    [Fact]
    public void A_payment_that_is_what_one_invoice_asks_may_settle_it()
    {
        var proposal = Proposed(Paid(ThreeOpen(), 250m)).Single();
        (proposal.From, proposal.Rel, proposal.Currency, proposal.Confidence).ShouldBe(
            ("payment/erp:P", "settles", Story.Dollar, 0.80m));
        proposal.Covers.ShouldBe([new("invoice/billing:2", 250m)]);
        proposal.Evidence.Select(e => e.Words).ShouldBe(["250.00 USD is what is left of it", "one client"]);
    }

    [Fact]
    public void Or_several_that_come_to_it_together()
    {
        var proposal = Proposed(Paid(ThreeOpen(), 350m)).Single();
        proposal.Covers.ShouldBe([new("invoice/billing:1", 100m), new("invoice/billing:2", 250m)]);
        proposal.Confidence.ShouldBe(0.65m);
        proposal.Evidence[0].Words.ShouldBe("350.00 USD is what is left of the 2 together");
    }

    [Fact]
    public void The_surer_where_its_text_names_them()
    {
        Proposed(Paid(ThreeOpen(), 350m, remittance: "inv-1, INV-2")).Single().Confidence.ShouldBe(0.95m);
        Proposed(Paid(ThreeOpen(), 350m, remittance: "INV-1 INV-20")).Single().Confidence.ShouldBe(0.65m);
    }

    [Fact]
    public void Of_two_ways_none_is_proposed()
    {
        Proposed(Paid(Asked(ThreeOpen(), "4", 250m), 250m)).ShouldBeEmpty();
        Proposed(Paid(Asked(ThreeOpen(), "4", 350m), 350m)).ShouldBeEmpty();
        Proposed(Paid(Paid(ThreeOpen(), 250m), 250m, "Q")).ShouldBeEmpty("two payments may settle it");
    }

    [Fact]
    public void Nothing_is_proposed_where_the_sum_the_client_or_the_currency_is_another_or_it_came_before()
    {
        Proposed(Paid(ThreeOpen(), 250.01m)).ShouldBeEmpty();
        Proposed(Paid(ThreeOpen(), 250m, client: new("client", "erp", "2"))).ShouldBeEmpty();
        Proposed(Paid(ThreeOpen(), 250m, currency: Speaking.Pound)).ShouldBeEmpty();
        Proposed(Paid(Asked(Firm(), "1", 250m, on: April.PlusDays(21)), 250m)).ShouldBeEmpty();
    }

    [Fact]
    public void Nor_where_it_is_stated_or_the_invoice_is_no_longer_open()
    {
        Ref second = new("invoice", "billing", "2");
        Proposed(Paid(ThreeOpen(), 250m).Tells("payment/erp:P", new PaymentApplied(
            "a", second, ApplicationKind.Cash, 250m, April))).ShouldBeEmpty();
        Proposed(Paid(ThreeOpen(), 250m).Tells("payment/erp:P", new PaymentReversed())).ShouldBeEmpty();
        Proposed(Paid(ThreeOpen(), 250m).Tells("invoice/billing:2", new InvoiceVoided())).ShouldBeEmpty();
        var half = Paid(ThreeOpen(), 150m).Tells("payment/erp:Q", new PaymentApplied(
            "a", second, ApplicationKind.Cash, 100m, April, Currency: Story.Dollar));
        Proposed(half).Single().Covers.ShouldBe([new("invoice/billing:2", 150m)]);
    }

    [Fact]
    public void Among_more_than_twelve_nobody_looks()
    {
        Story Open(int count) => Enumerable.Range(1, count).Aggregate(
            Firm(), (story, i) => Asked(story, $"{i}", 1 << i));

        Proposed(Paid(Open(12), 6m)).ShouldHaveSingleItem();
        Proposed(Paid(Open(13), 6m)).ShouldBeEmpty();
    }

    [Fact]
    public void A_posting_of_the_same_number_and_amount_may_post_it()
    {
        var proposal = Proposed(Posted(
            Asked(ThreeOpen(), "4", 250m), "9", 250m, April.PlusDays(60), " inv-2 ")).Single();
        (proposal.From, proposal.Rel, proposal.Confidence).ShouldBe(("posting/erp:9", "posts", 0.90m));
        proposal.Covers.ShouldBe([new("invoice/billing:2", 250m)]);
        Proposed(Posted(ThreeOpen(), "9", 251m, number: "INV-2")).ShouldBeEmpty();
    }

    [Fact]
    public void Without_a_number_one_of_the_same_amount_within_five_days()
    {
        var proposal = Proposed(Posted(ThreeOpen(), "9", 250m, April.PlusDays(5))).Single();
        (proposal.Confidence, proposal.Evidence[0].Words).ShouldBe((0.40m, "250.00 USD on both, 5 days apart"));
        Proposed(Posted(ThreeOpen(), "9", 250m)).Single().Confidence.ShouldBe(0.50m);
        Proposed(Posted(ThreeOpen(), "9", 250m, April.PlusDays(6))).ShouldBeEmpty();
        Proposed(Posted(Asked(ThreeOpen(), "4", 250m), "9", 250m)).ShouldBeEmpty("two invoices ask for it");
        Proposed(Posted(Posted(ThreeOpen(), "9", 250m), "8", 250m)).ShouldBeEmpty("two postings may post it");
    }

    [Fact]
    public void What_was_asked_for_ahead_may_be_what_a_later_document_takes_off()
    {
        var proposal = Proposed(Final(Advance(Firm(), "A", 400m, "Förskott för material", "PO-7"), "Z", 475m, 400m))
            .Single();
        (proposal.From, proposal.Rel, proposal.Confidence).ShouldBe(("invoice/billing:A", "prepays", 0.85m));
        proposal.Covers.ShouldBe([new("invoice/billing:Z", 400m)]);
        proposal.Evidence.Select(e => e.Words).ShouldBe(
            ["it is called förskott", "order PO-7 on both", "400.00 USD is what was prepaid", "one client"]);
        Proposed(Final(Advance(Firm(), "A", 400m, "Material"), "Z", 475m, 400m)).Single().Confidence.ShouldBe(0.50m);
    }

    [Fact]
    public void But_not_another_sum_a_later_document_one_of_two_or_what_bills_work()
    {
        Proposed(Final(Advance(Firm(), "A", 400.01m), "Z", 475m, 400m)).ShouldBeEmpty();
        Proposed(Final(Advance(Firm(), "A", 400m, on: April.PlusDays(41)), "Z", 475m, 400m)).ShouldBeEmpty();
        Proposed(Final(Advance(Advance(Firm(), "A", 400m), "B", 400m), "Z", 475m, 400m)).ShouldBeEmpty();
        Proposed(Final(Final(Advance(Firm(), "A", 400m), "Y", 500m, 400m), "Z", 475m, 400m)).ShouldBeEmpty();
        Proposed(Final(
            Firm().Tells("time/psa:1", new TimeEntryRecorded(new("resource", Id: "R"), April, new(1m, Unit.Hour)))
                .Tells("invoice/billing:A", new InvoiceIssued(
                    April, [new("L1", Net: 400m, Bills: [new(new("time", "psa", "1"))])], Client: Acme,
                    Currency: Story.Dollar, Totals: new(Net: 400m, Gross: 400m))),
            "Z", 475m, 400m)).ShouldBeEmpty();
    }

    [Fact]
    public void What_somebody_says_prepays_or_turned_down_is_not_proposed()
    {
        var both = Final(Advance(Firm(), "A", 400m), "Z", 475m, 400m);
        Ref advance = new("invoice", "billing", "A"), final = new("invoice", "billing", "Z");
        Proposed(both.Tells("coverage/ledger:1", new CoverageProposalRejected(
            CoverageRelation.Prepays, advance, [new(final, 400m)], "another order"))).ShouldBeEmpty();
        Proposed(Final(Advance(Firm(), "A", 400m), "Z", 475m, 400m).Tells("coverage/billing:1", new CoverageStated(
            CoverageRelation.Prepays, advance, final, Amount: 400m))).ShouldBeEmpty();
    }

    private static Story Advance(
        Story story, string id, decimal gross, string? called = null, string? order = null, LocalDate? on = null) =>
        story.Tells($"invoice/billing:{id}", new InvoiceIssued(
            on ?? April, [new("L1", Description: called, Net: gross)], Client: Acme, Currency: Story.Dollar,
            OrderRef: order, Totals: new(Net: gross, Gross: gross, Payable: gross)));

    private static Story Final(Story story, string id, decimal gross, decimal prepaid) =>
        story.Tells($"invoice/billing:{id}", new InvoiceIssued(
            April.PlusDays(40), [new("L1", Net: gross)], Client: Acme, Currency: Story.Dollar, OrderRef: "PO-7",
            Totals: new(Net: gross, Gross: gross, Prepaid: prepaid, Payable: gross - prepaid)));
}
