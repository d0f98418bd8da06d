using Ledger.Domain;
using Ledger.Projections.Lineage;
using static Ledger.Projections.Tests.Lineage.Story;

namespace Ledger.Projections.Tests.Lineage;

public sealed class LineageOfTests
{
    [Fact]
    public void A_line_rests_on_its_entry_and_all_that_the_entry_rests_on()
    {
        var lineage = Of(new Story().Engagement().Time("1", 8m, 120m, task: "T1")
            .Issued("7", 960m, Line("1", 960m, Bills("1"))));

        lineage.RestsOn("invoice/billing:7#1").ShouldBe(
        [
            "client/erp:C1", "contract/clm:K1", "project/psa:P1", "project/psa:P1#T1", "rate_card/clm:RC",
            "rate_card/clm:RC#senior", "resource/psa:R1", "time/psa:1",
        ]);
        var line = lineage.Lines.ShouldHaveSingleItem();
        (line.Explained, line.Remainder, line.Reason).ShouldBe((960m, 0m, null));
        var share = line.Shares.ShouldHaveSingleItem();
        share.Rate!.Amount.ShouldBe(120m);
        share.RateBasis.ShouldBe(RateBasis.Entry);
        share.CardRate!.Amount.ShouldBe(120m);
        lineage.Unexplained.ShouldBe(0m);
    }

    [Fact]
    public void Each_edge_names_the_event_that_asserts_it()
    {
        var story = new Story().Engagement().Time("1", 8m, null, task: "T1");
        var recorded = story.Position;
        var lineage = Of(story.Issued("7", 960m, Line("1", 960m, Bills("1"))));

        Edge(lineage, "time/psa:1", "project").Position.ShouldBe(recorded);
        Edge(lineage, "invoice/billing:7#1", "bills").ShouldBe(new(
            "invoice/billing:7#1", "bills", "time/psa:1", EdgeBasis.Stated, recorded + 1));
        Edge(lineage, "time/psa:1", "rate").ShouldBe(new(
            "time/psa:1", "rate", "rate_card/clm:RC#senior", EdgeBasis.Ruled, 4,
            Note: "the contract's card, by role"));
    }

    [Fact]
    public void The_card_prices_an_entry_that_states_no_rate()
    {
        var share = Of(new Story().Engagement().Time("1", 8m, null).Issued("7", 960m, Line("1", 960m, Bills("1"))))
            .Lines[0].Shares[0];

        (share.RateBasis, share.Rate!.Amount).ShouldBe((RateBasis.Card, 120m));
    }

    [Fact]
    public void An_expense_line_rests_on_the_expense_and_its_supplier()
    {
        var lineage = Of(new Story().Engagement()
            .Says("psa", "expense/9", new ExpenseRecorded(
                new(2026, 1, 7), "Travel", 33.33m, Dollar, true, Supplier: new("client", "erp", "S1"),
                Project: new("project", Id: "P1")))
            .Says("psa", "expense/9", new ExpenseApproved("Bea"))
            .Issued("7", 33.33m, Line("1", 33.33m, new Billed(Psa("expense", "9")))));

        lineage.RestsOn("invoice/billing:7#1").ShouldBe(
        [
            "client/erp:C1", "client/erp:S1", "contract/clm:K1", "expense/psa:9", "expense/psa:9#approval",
            "project/psa:P1", "rate_card/clm:RC",
        ]);
        lineage.NodeOf("client/erp:S1").Standing.ShouldBe(Standing.Dangling);
        lineage.Lines[0].Remainder.ShouldBe(0m);
        lineage.Lines[0].Shares[0].Approval.ShouldBe(ApprovalStatus.Approved);
        lineage.Lines[0].Shares[0].ApprovedAt.ShouldBe(9);
    }

    [Fact]
    public void The_terms_in_force_on_the_day_of_the_work_are_named_and_no_others()
    {
        var story = new Story().Engagement()
            .Says("clm", "contract/K1", new ContractAmended("A1", new(2025, 12, 20), new(2026, 1, 1), []))
            .Says("clm", "contract/K1", new ContractAmended("A2", new(2026, 1, 20), new(2026, 2, 1), []))
            .Says("clm", "contract/K1", new ContractClauseSet("4.2", "Travel", "at cost"))
            .Says("clm", "contract/K1", new ContractClauseSet("4.2", "Travel", "at half", new(2026, 1, 3)))
            .Says("clm", "contract/K1", new ContractClauseSet("4.2", "Travel", "included", new(2026, 2, 1)))
            .Says("psa", "resource/R1", new ResourceRoleChanged("Senior", From: new(2026, 1, 4)))
            .Says("psa", "resource/R1", new ResourceRoleChanged("Lead", From: new(2026, 2, 1)))
            .Says("psa", "project/P1", new ProjectResourceAssigned(Psa("resource", "R1"), "Senior", new(2026, 1, 1)))
            .Says("psa", "project/P1", new ProjectResourceAssigned(Psa("resource", "R1"), "Lead", new(2026, 2, 1)))
            .Time("1", 1m, 120m, on: new(2026, 1, 5));

        var lineage = Of(story.Issued("7", 120m, Line("1", 120m, Bills("1"))));

        lineage.Edges.Where(e => e.From == "time/psa:1" && e.Basis is EdgeBasis.Ruled && e.Rel != "rate")
            .Select(e => (e.Rel, e.To, e.Position)).ShouldBe(
            [
                ("amendment", "contract/clm:K1#A1", 8L),
                ("assignment", "project/psa:P1#assignment-resource/psa:R1", 15L),
                ("clause", "contract/clm:K1#4.2@2026-01-03", 11L), ("role", "resource/psa:R1#role@2026-01-04", 13L),
            ]);
        lineage.NodeOf("contract/clm:K1#4.2@2026-01-03").Figures.ShouldContain(f => f.Value == "at half");
    }

    [Fact]
    public void A_rebill_replaces_the_cancelled_invoice_whose_work_it_bills_again()
    {
        var story = new Story().Time("1", 1m, 100m).Time("2", 2m, 100m)
            .Issued("7", 300m, Line("1", 300m, Bills("1"), Bills("2")))
            .Says("billing", "invoice/7", new InvoiceCancelled("wrong address"))
            .IssuedOn(new(2026, 2, 3), "8", 300m, null, Line("1", 300m, Bills("1"), Bills("2")));

        var cancelled = Of(story);
        var rebill = Of(story, "8");

        Replaces(cancelled).ShouldBe([("invoice/billing:8", "invoice/billing:7", EdgeBasis.Ruled)]);
        Replaces(rebill).ShouldBe([("invoice/billing:8", "invoice/billing:7", EdgeBasis.Ruled)]);
        Edge(rebill, "invoice/billing:8", "replaces").ShouldBe(new(
            "invoice/billing:8", "replaces", "invoice/billing:7", EdgeBasis.Ruled, 5,
            Note: "bills 2 of its 2 pieces of work again"));
        Edge(cancelled, "invoice/billing:7#cancellation", "cancels").Position.ShouldBe(4);
        cancelled.NodeOf("invoice/billing:7").Standing.ShouldBe(Standing.Ended);
        rebill.NodeOf("invoice/billing:8").Standing.ShouldBe(Standing.Live);
    }

    [Fact]
    public void A_rebill_may_be_split_and_a_chain_is_walked_to_its_ends()
    {
        var story = new Story().Time("1", 1m, 100m).Time("2", 2m, 100m)
            .Issued("7", 300m, Line("1", 300m, Bills("1"), Bills("2")))
            .Says("billing", "invoice/7", new InvoiceCancelled())
            .IssuedOn(new(2026, 2, 3), "8", 100m, null, Line("1", 100m, Bills("1")))
            .IssuedOn(new(2026, 2, 3), "9", 200m, null, Line("1", 200m, Bills("2")))
            .Says("billing", "invoice/9", new InvoiceVoided())
            .IssuedOn(new(2026, 2, 9), "10", 200m, null, Line("1", 200m, Bills("2")));

        (string, string, EdgeBasis)[] chain =
        [
            ("invoice/billing:10", "invoice/billing:9", EdgeBasis.Ruled),
            ("invoice/billing:8", "invoice/billing:7", EdgeBasis.Ruled),
            ("invoice/billing:9", "invoice/billing:7", EdgeBasis.Ruled),
        ];
        foreach (var document in new[] { "7", "8", "9", "10" }) Replaces(Of(story, document)).ShouldBe(chain);
    }

    [Fact]
    public void What_a_source_states_to_replace_needs_no_rule()
    {
        var story = new Story().Time("1", 1m, 100m).Issued("7", 100m, Line("1", 100m, Bills("1")))
            .Says("billing", "invoice/7", new InvoiceCancelled())
            .IssuedOn(
                new(2026, 2, 3), "8", 100m, [new(new("invoice", Id: "7"), PrecedingRelation.Replaces)],
                Line("1", 100m, Bills("1")));

        Replaces(Of(story)).ShouldBe([("invoice/billing:8", "invoice/billing:7", EdgeBasis.Stated)]);
    }

    [Fact]
    public void Work_on_two_live_documents_shows_both_and_replaces_neither()
    {
        var lineage = Of(new Story().Time("1", 1m, 100m).Issued("7", 100m, Line("1", 100m, Bills("1")))
            .Issued("8", 100m, Line("3", 100m, Bills("1"))));

        Replaces(lineage).ShouldBeEmpty();
        Edge(lineage, "invoice/billing:8#3", "bills").To.ShouldBe("time/psa:1");
        lineage.Lines[0].Remainder.ShouldBe(0m);
    }

    [Fact]
    public void A_line_may_bill_part_of_an_entry()
    {
        var story = new Story().Time("1", 8m, 100m)
            .Issued("7", 300m, Line("1", 300m, Bills("1", hours: 3m)))
            .Issued("8", 500m, Line("1", 500m, Bills("1", amount: 500m)));

        Of(story).Lines[0].Shares[0].Quantity.ShouldBe(new Quantity(3m, Unit.Hour));
        (Of(story).Unexplained, Of(story, "8").Unexplained).ShouldBe((0m, 0m));
    }

    [Fact]
    public void A_line_bills_no_more_hours_than_the_entry_has()
    {
        var line = Of(new Story().Time("1", 6m, 100m).Issued("7", 750m, Line("1", 750m, Bills("1", hours: 7.5m))))
            .Lines[0];

        (line.Explained, line.Remainder, line.Reason).ShouldBe(
            (600m, 150m, "time/psa:1 has 6 h, the line bills 7.5 h"));
    }

    [Fact]
    public void A_fixed_fee_is_explained_up_to_the_fee_of_its_task()
    {
        var story = new Story().Engagement()
            .Says("psa", "project/P1", new ProjectTaskChanged("T1", FixedFee: true, Budget: 5000m))
            .Issued(
                "7", 6500m,
                Line("1", 5500m, new Billed(Psa("project", "P1") with { Line = "T1" }, Amount: 5500m)),
                Line("2", 1000m, new Billed(Psa("project", "P1") with { Line = "T1" }, Amount: 1000m)));

        Of(story).Lines.Select(l => l.Remainder).ShouldBe([500m, 0m]);
        Of(story).RestsOn("invoice/billing:7#1").ShouldContain("project/psa:P1#T1");
    }

    [Fact]
    public void A_line_never_takes_more_from_an_entry_than_there_is()
    {
        var line = Of(new Story().Time("1", 2m, 100m).Issued("7", 250m, Line("1", 250m, Bills("1", amount: 250m))))
            .Lines[0];

        (line.Explained, line.Remainder).ShouldBe((200m, 50m));
        line.Reason.ShouldBe("what it bills comes to 200.00 USD, the line says 250.00 USD");
    }

    [Fact]
    public void A_reference_to_nothing_is_a_node_of_its_own_words_and_its_money_unexplained()
    {
        var lineage = Of(new Story().Issued(
            "7", 100m, Line("1", 100m, Bills("99")), Line("2", 0m, new Billed(new("milestone", Number: "M-3")))));

        lineage.NodeOf("time/psa:99").ShouldBe(new(
            "time/psa:99", "time", null, "time 99 is not in the ledger", Standing.Dangling, [], []));
        lineage.NodeOf("milestone number M-3").Standing.ShouldBe(Standing.Dangling);
        lineage.Lines[0].Remainder.ShouldBe(100m);
        lineage.Lines[0].Reason.ShouldBe("time/psa:99 is not in the ledger");
    }

    [Fact]
    public void A_document_that_says_more_than_its_lines_has_a_node_for_the_rest()
    {
        var lineage = Of(new Story().Time("1", 8m, 100m)
            .Issued("7", 1300m, Line("1", 800m, Bills("1")), Line("fee", 350m)));

        lineage.Document.BeyondLines.ShouldBe(150m);
        lineage.Unexplained.ShouldBe(500m);
        lineage.Lines[1].Reason.ShouldBe("the line names nothing it bills");
        lineage.NodeOf("invoice/billing:7#unexplained").Label.ShouldBe(
            "150.00 USD that no line explains: the document says 1300.00 USD, its lines come to 1150.00 USD");
    }

    [Fact]
    public void Cents_that_a_rounding_rule_makes_are_explained_by_the_rule()
    {
        Rate rate = new(140m, Dollar, Unit.Hour);
        var story = new Story();
        foreach (var (id, minutes) in new[] { ("1", 13m), ("2", 13m), ("3", 13m) })
        {
            story.Says("psa", $"time/{id}", new TimeEntryRecorded(
                new("resource", Id: "R1"), new(2026, 1, 5), new(minutes, Unit.Minute), BillRate: rate));
        }

        story.Issued("7", 91m, Line("1", null, Bills("1"), Bills("2"), Bills("3")))
            .Issued("8", 90.99m, Line("1", 90.99m, Bills("1"), Bills("2"), Bills("3")))
            .Issued("9", 95.99m, Line("1", null, Bills("1"), Bills("2"), Bills("3")));

        Of(story).Document.Rounding.ShouldBe(new Rounding(RoundingScope.Invoice, RoundingMode.HalfAwayFromZero));
        Of(story).Unexplained.ShouldBe(0m);
        Of(story, "8").Lines[0].Rounding.ShouldBe(new Rounding(RoundingScope.Entry, RoundingMode.HalfAwayFromZero));
        Of(story, "8").Unexplained.ShouldBe(0m);
        Of(story, "9").Document.BeyondLines.ShouldBe(4.99m);
    }

    [Fact]
    public void Postings_payments_and_credits_lead_back_to_the_document()
    {
        var story = new Story().Time("1", 8m, 100m).Issued("7", 800m, Line("1", 800m, Bills("1")))
            .Says("erp", "posting/J1", new PostingRecorded(
                new(2026, 2, 1), "2026-02", Dollar, new(Net: 800m), new("invoice", Number: "INV-7")))
            .Says("erp", "posting/J2", new PostingRecorded(
                new(2026, 2, 2), "2026-02", Dollar, new(Net: -800m), Reverses: new("posting", Id: "J1")))
            .Says("bank", "payment/B1", new PaymentReceived(new(2026, 3, 1), 300m, Dollar))
            .Says("bank", "payment/B1", new PaymentApplied(
                "a1", new("invoice", "billing", "7"), ApplicationKind.Cash, 300m, new(2026, 3, 1)))
            .Says("bank", "payment/B1", new PaymentUnapplied("a1"))
            .Says("billing", "invoice/C", new InvoiceIssued(
                new(2026, 3, 2), [new("1", Net: 100m, Credits: new(new("invoice", Id: "7"), "1"))],
                DocumentType.CreditNote, Currency: Dollar))
            .Says("billing", "invoice/7", new InvoiceSettlementStated(700m, Dollar, new(2026, 3, 5)));

        var lineage = Of(story);

        lineage.Edges.Where(e => e.Rel is "posts" or "settles" or "credits" or "reverses")
            .Select(e => (e.From, e.Rel, e.To, e.Withdrawn)).ShouldBe(
            [
                ("invoice/billing:7#settlement", "settles", "invoice/billing:7", false),
                ("invoice/billing:C#1", "credits", "invoice/billing:7#1", false),
                ("payment/bank:B1", "settles", "invoice/billing:7", true),
                ("posting/erp:J1", "posts", "invoice/billing:7", false),
                ("posting/erp:J2", "reverses", "posting/erp:J1", false),
            ]);
        var credit = Of(story, "C");
        credit.Lines[0].Remainder.ShouldBe(0m);
        credit.RestsOn("invoice/billing:C#1").ShouldBe(
            ["invoice/billing:7#1", "project/psa:P1", "resource/psa:R1", "time/psa:1"]);
    }

    [Fact]
    public void Linked_records_are_one_node_told_by_the_owner()
    {
        var story = new Story().Engagement().Says("psa", "client/c-9", new ClientStated(Name: "NW Ltd"))
            .Says("ledger", "identity/1", new IdentityLinked(Psa("client", "c-9"), new("client", "erp", "C1")))
            .Says("psa", "project/P1", new ProjectStated(Client: new Ref("client", Id: "c-9")))
            .Time("1", 1m, 100m).Issued("7", 100m, Line("1", 100m, Bills("1")));

        var node = Of(story).Nodes.Where(n => n.Kind == "client").ShouldHaveSingleItem();

        (node.Stream, node.Label).ShouldBe(("client/erp:C1", "Northwind"));
        node.Also.ShouldBe(["client/psa:c-9"]);
    }

    [Fact]
    public void Circles_end()
    {
        var story = new Story()
            .Says("psa", "project/P1", new ProjectCreated(Parent: new("project", Id: "P2")))
            .Says("psa", "project/P2", new ProjectCreated(Parent: new("project", Id: "P1")))
            .Time("1", 1m, 100m).Issued("7", 100m, Line("1", 100m, Bills("1")));

        Of(story).RestsOn("invoice/billing:7#1").ShouldContain("project/psa:P2");
    }

    [Fact]
    public void From_a_record_the_lines_it_touches_are_found()
    {
        var world = new Story().Engagement().Time("1", 1m, null).Time("2", 1m, null, on: new(2025, 6, 1))
            .Issued("7", 240m, Line("1", 120m, Bills("1")), Line("2", 120m, Bills("2"))).World();

        LineageOf.Touching(world, "rate_card/clm:RC#senior").ShouldBe(
            [new("invoice/billing:7", "invoice/billing:7#1")]);
        LineageOf.Touching(world, "client/erp:C1").Count.ShouldBe(2);
        LineageOf.Touching(world, "client/erp:nobody").ShouldBeEmpty();
    }

    [Fact]
    public void What_is_no_invoice_has_no_lineage()
    {
        var world = new Story().Engagement().World();
        LineageOf.Invoice(world, "client/erp:C1").ShouldBeNull();
        LineageOf.Invoice(world, "invoice/billing:1").ShouldBeNull();
    }

    [Fact]
    public void The_order_in_which_records_come_changes_nothing()
    {
        var story = new Story().Engagement().Time("1", 8m, 120m).Time("2", 8m, 120m)
            .Issued("7", 1920m, Line("1", 960m, Bills("1")), Line("2", 960m, Bills("2")));
        var first = LineageJson.Write(LineageOf.Invoice(story.World(), "invoice/billing:7")!);

        for (var seed = 0; seed < 20; seed++)
            LineageJson.Write(LineageOf.Invoice(story.World(seed), "invoice/billing:7")!).ShouldBe(first);
    }

    private static InvoiceLineage Of(Story story, string invoice = "7") =>
        LineageOf.Invoice(story.World(), $"invoice/billing:{invoice}").ShouldNotBeNull();

    private static LineageEdge Edge(InvoiceLineage lineage, string from, string rel) =>
        lineage.Edges.Where(e => e.From == from && e.Rel == rel).ShouldHaveSingleItem();

    private static IEnumerable<(string, string, EdgeBasis)> Replaces(InvoiceLineage lineage) =>
        lineage.Edges.Where(e => e.Rel == "replaces").Select(e => (e.From, e.To, e.Basis));
}
