using Ledger.Domain;
using Ledger.Projections.Lineage;
using static Ledger.Projections.Tests.Lineage.Story;

namespace Ledger.Projections.Tests.Lineage;

public sealed class EdgesTests
{
    [Fact]
    public void A_line_s_references_leave_the_line_and_name_the_event_that_last_set_the_lines()
    {
        var invoice = Record(
            new Story().Says("billing", "invoice/7", new InvoiceDrafted(
                    Client: new("client", "erp", "C1"), Currency: Dollar, Preceding:
                    [new(new("invoice", Number: "INV-6"), PrecedingRelation.Replaces, 5m)]))
                .Says("billing", "invoice/7", new InvoiceLineSet(Line("1", 5m, Bills("1", hours: 2m, amount: 5m)) with
                {
                    Credits = new(new("invoice", Id: "6"), "3"),
                })),
            "invoice/billing:7");

        Edges.Of(invoice).ShouldBe(
        [
            new("invoice/billing:7", null, "client", new("client", "erp", "C1"), "client/erp:C1", EdgeBasis.Stated, 1),
            new(
                "invoice/billing:7", null, "replaces", new("invoice", Number: "INV-6"), null, EdgeBasis.Stated, 1,
                Amount: 5m, Currency: Dollar),
            new(
                "invoice/billing:7", "1", "bills", Psa("time", "1"), "time/psa:1", EdgeBasis.Stated, 2,
                new(2m, Unit.Hour), 5m, Dollar),
            new(
                "invoice/billing:7", "1", "credits", new("invoice", Id: "6", Line: "3"), "invoice/billing:6",
                EdgeBasis.Stated, 2, Amount: 5m, Currency: Dollar),
        ]);
    }

    [Fact]
    public void A_task_is_a_part_of_the_project()
    {
        var edges = Edges.Of(Record(new Story().Time("1", 1m, null, task: "T1"), "time/psa:1")).ToArray();

        edges.Select(e => (e.Rel, e.ToStream, e.To.Line)).ShouldBe(
        [
            ("resource", "resource/psa:R1", null), ("project", "project/psa:P1", null),
            ("task", "project/psa:P1", "T1"),
        ]);
    }

    [Fact]
    public void What_is_offered_planned_and_recognised_points_at_what_it_is_of()
    {
        var story = new Story()
            .Says("crm", "opportunity/O1", new OpportunityOpened("Dock", new("client", "erp", "C1")))
            .Says("crm", "opportunity/O1", new OpportunityWon(Contract: new("contract", "clm", "K1")))
            .Says("cpq", "proposal/Q1", new ProposalVersionDrafted(
                "1", Opportunity: new("opportunity", "crm", "O1"), RateCards: [new("rate_card", Id: "RC1")]))
            .Says("cpq", "proposal/Q1", new ProposalVersionDrafted("2", RateCards: [new("rate_card", Id: "RC2")]))
            .Says("psa", "milestone/M1", new MilestonePlanned(
                new("project", Id: "P1"), Contract: new("contract", "clm", "K1"), ContractLine: "L1"))
            .Says("psa", "change_request/CR1", new ChangeRequestRaised(
                new("project", Id: "P1"), Contract: new("contract", Number: "K-1")))
            .Says("erp", "revenue/R1", new RevenueRecognized(
                "1", new(2026, 3, 31), -40m, Dollar, Posting: new("posting", Id: "JE-1"),
                Contract: new("contract", "clm", "K1")))
            .Says("erp", "revenue/R1", new RevenueReversed("1", Amount: -10m, Posting: new("posting", Id: "JE-2")))
            .Says("km", "knowledge_asset/A1", new KnowledgeAssetLinked([new("project", "psa", "P1")]));

        Told("opportunity/crm:O1").ShouldBe(["client client/erp:C1 by 1", "won_as contract/clm:K1 by 2"]);
        Told("proposal/cpq:Q1").ShouldBe(
            ["opportunity opportunity/crm:O1 by 3", "#1 rate_card rate_card/cpq:RC1 by 4", "rate_card rate_card/cpq:RC2 by 4"]);
        Told("milestone/psa:M1").ShouldBe(["project project/psa:P1 by 5", "contract contract/clm:K1#L1 by 5"]);
        Told("change_request/psa:CR1").ShouldBe(["project project/psa:P1 by 6", "contract contract number K-1 by 6"]);
        Told("revenue/erp:R1").ShouldBe(
        [
            "contract contract/clm:K1 by 7", "#1 recognized_in posting/erp:JE-1 of 40 USD by 8",
            "#1 recognized_in posting/erp:JE-2 of 10 USD by 8",
        ]);
        Told("knowledge_asset/km:A1").ShouldBe(["about project/psa:P1 by 9"]);

        string[] Told(string stream) =>
        [
            .. Edges.Of(Record(story, stream)).Select(e =>
                (e.FromPart is null ? "" : $"#{e.FromPart} ") + e.Rel + " "
                + (e.ToStream is null ? e.To.ToString() : Describe.Address(e.ToStream, e.To.Line))
                + (e.Amount is { } amount ? $" of {DecimalText.Write(amount)} {e.Currency?.Code}" : "")
                + $" by {DecimalText.Write(e.Position)}"),
        ];
    }

    [Fact]
    public void Coverage_is_an_edge_of_what_it_tells_of_and_confirmed_where_people_speak()
    {
        var story = new Story()
            .Says("ledger", "coverage/1", new CoverageStated(
                CoverageRelation.Bills, new("invoice", "billing", "7", Line: "1"), Psa("time", "1"), Amount: 5m,
                Currency: Dollar))
            .Says("bank", "coverage/2", new CoverageStated(
                CoverageRelation.Settles, new("payment", Number: "B-1"), new("invoice", "billing", "7")));

        Edges.Of(Record(story, "coverage/ledger:1")).ShouldBe(
        [
            new(
                "invoice/billing:7", "1", "bills", Psa("time", "1"), "time/psa:1", EdgeBasis.Confirmed, 1,
                Amount: 5m, Currency: Dollar),
        ]);
        Edges.Of(Record(story, "coverage/bank:2")).Select(e => (e.From, e.Rel, e.To.ToString(), e.Basis)).ShouldBe(
        [
            ("coverage/bank:2", "coverage_from", "payment number B-1", EdgeBasis.Stated),
            ("coverage/bank:2", "settles", "invoice/billing:7", EdgeBasis.Stated),
        ]);
    }

    [Fact]
    public void What_was_taken_back_keeps_its_edges()
    {
        var story = new Story()
            .Says("bank", "payment/B1", new PaymentApplied(
                "a1", new("invoice", "billing", "7"), ApplicationKind.Cash, 300m, new(2026, 3, 1), Currency: Dollar))
            .Says("bank", "payment/B1", new PaymentUnapplied("a1"))
            .Says("bank", "payment/B1", new RecordDeleted());

        Edges.Of(Record(story, "payment/bank:B1")).ShouldHaveSingleItem().ShouldBe(new(
            "payment/bank:B1", "a1", "settles", new("invoice", "billing", "7"), "invoice/billing:7", EdgeBasis.Stated,
            2, Amount: 300m, Currency: Dollar));
    }

    private static SourceRecord Record(Story story, string stream) => story.World().Records[stream];
}
