using Ledger.Domain;
using Ledger.Projections.Lineage;
using static Ledger.Projections.Tests.Lineage.Story;

namespace Ledger.Projections.Tests.Lineage;

/// <summary>Stories with a known answer: everything a document rests on, and everything that came of it.</summary>
public sealed class AncestorTests
{
    /// <summary>What any hour of the engagement rests on, itself left out.</summary>
    private static readonly string[] Terms =
    [
        "client/erp:C1", "contract/clm:K1", "project/psa:P1", "rate_card/clm:RC", "rate_card/clm:RC#senior",
        "resource/psa:R1",
    ];

    [Fact]
    public void An_hour_rests_on_its_approval_its_assignment_its_task_its_price_and_the_terms_of_its_day()
    {
        var story = new Story().Engagement()
            .Says("psa", "project/P1", new ProjectResourceAssigned(
                new("resource", Id: "R1"), "Lead", new(2026, 1, 1), new(2026, 1, 31)))
            .Says("psa", "project/P1", new ProjectResourceAssigned(new("resource", Id: "R2"), "Tester"))
            .Says("clm", "contract/K1", new ContractAmended("A1", new(2025, 12, 20), new(2026, 1, 1), []))
            .Says("clm", "contract/K1", new ContractAmended("A2", new(2026, 1, 20), new(2026, 2, 1), []))
            .Says("clm", "contract/K1", new ContractClauseSet("4.2", "Travel at cost"))
            .Time("1", 8m, 120m, task: "T1").Approved("1", 8m)
            .Says("clm", "rate_card/RC", new RateCardRateSet(
                "lead", RateUse.Bill, new(Role: "Lead"), new(130m, Dollar, Unit.Hour), new(2026, 1, 1)))
            .Says("billing", "invoice/7", new InvoiceDrafted(
                Client: new("client", "erp", "C1"), Contracts: [new("contract", "clm", "K1")])
            { Entity = LegalEntity("HM-UK") })
            .Says("billing", "invoice/7", new InvoiceApproved("Cleo"))
            .Issued("7", 960m, Line("1", 960m, Bills("1")));

        var lineage = story.Lineage("7");

        lineage.RestsOn("invoice/billing:7").ShouldBe(
        [
            "client/erp:C1", "contract/clm:K1", "contract/clm:K1#4.2", "contract/clm:K1#A1", "invoice/billing:7#1",
            "invoice/billing:7#approval", "legal_entity/erp:HM-UK", "project/psa:P1", "project/psa:P1#T1",
            "project/psa:P1#assignment-resource/psa:R1", "rate_card/clm:RC", "rate_card/clm:RC#lead",
            "resource/psa:R1", "time/psa:1", "time/psa:1#approval",
        ]);
        lineage.Edges.Where(e => e.From == "time/psa:1").Select(e => (e.Rel, e.To, e.Basis, e.Position)).ShouldBe(
        [
            ("amendment", "contract/clm:K1#A1", EdgeBasis.Ruled, 10L),
            ("approval", "time/psa:1#approval", EdgeBasis.Stated, 14L),
            ("assignment", "project/psa:P1#assignment-resource/psa:R1", EdgeBasis.Ruled, 8L),
            ("clause", "contract/clm:K1#4.2", EdgeBasis.Ruled, 12L),
            ("project", "project/psa:P1", EdgeBasis.Stated, 13L),
            ("rate", "rate_card/clm:RC#lead", EdgeBasis.Ruled, 15L),
            ("resource", "resource/psa:R1", EdgeBasis.Stated, 13L),
            ("task", "project/psa:P1#T1", EdgeBasis.Stated, 13L),
        ]);
        lineage.NodeOf("time/psa:1#approval").Label.ShouldBe("Approved by Bea");
        lineage.NodeOf("project/psa:P1#assignment-resource/psa:R1").Label.ShouldBe("Assigned R1 · Lead");
        lineage.NodeOf("invoice/billing:7#approval").Label.ShouldBe("Approved by Cleo");
    }

    [Fact]
    public void Cancelled_and_rebilled_the_new_document_rests_on_the_old_one_and_both_on_the_work()
    {
        var story = new Story().Engagement().Time("1", 8m, 120m).Approved("1", 8m)
            .Issued("7", 960m, Line("1", 960m, Bills("1")))
            .Says("billing", "invoice/7", new InvoiceCancelled("wrong address"))
            .IssuedOn(new(2026, 2, 3), "8", 960m, null, Line("1", 960m, Bills("1")));

        story.Ancestors("8").ShouldBe(Set(
        [
            .. Terms, "invoice/billing:7", "invoice/billing:7#1", "invoice/billing:8#1", "time/psa:1",
            "time/psa:1#approval",
        ]));
        story.Ancestors("7").ShouldBe(Set([.. Terms, "invoice/billing:7#1", "time/psa:1", "time/psa:1#approval"]));
        After(story.Lineage("7")).ShouldBe(["invoice/billing:7#cancellation", "invoice/billing:8"], ignoreOrder: true);
        (story.Lineage("7").Unexplained, story.Lineage("8").Unexplained).ShouldBe((0m, 0m));
    }

    [Fact]
    public void Rebilled_in_two_parts_both_take_the_place_of_the_first_and_share_the_hours()
    {
        var story = new Story().Engagement().Time("1", 8m, 120m)
            .Issued("7", 960m, Line("1", 960m, Bills("1")))
            .Says("billing", "invoice/7", new InvoiceVoided("split by phase"))
            .IssuedOn(new(2026, 2, 3), "8", 600m, null, Line("1", 600m, Bills("1", hours: 5m)))
            .IssuedOn(new(2026, 2, 3), "9", 360m, null, Line("1", 360m, Bills("1", hours: 3m)));

        string[] work = [.. Terms, "invoice/billing:7", "invoice/billing:7#1", "time/psa:1"];
        story.Ancestors("8").ShouldBe(Set([.. work, "invoice/billing:8#1"]));
        story.Ancestors("9").ShouldBe(Set([.. work, "invoice/billing:9#1"]));
        foreach (var id in new[] { "7", "8", "9" })
        {
            var lineage = story.Lineage(id);
            lineage.Unexplained.ShouldBe(0m, id);
            lineage.Edges.Where(e => e.Rel == "replaces").Select(e => (e.From, e.To, e.Basis)).ShouldBe(
                [
                    ("invoice/billing:8", "invoice/billing:7", EdgeBasis.Ruled),
                    ("invoice/billing:9", "invoice/billing:7", EdgeBasis.Ruled),
                ], id);
        }
    }

    [Fact]
    public void An_entry_billed_in_parts_is_one_ancestor_of_two_live_documents()
    {
        var story = new Story().Engagement().Time("1", 8m, 120m)
            .Issued("7", 360m, Line("1", 360m, Bills("1", hours: 3m)))
            .IssuedOn(new(2026, 3, 1), "8", 600m, null, Line("1", 600m, Bills("1", hours: 5m)));

        story.Ancestors("7").ShouldBe(Set([.. Terms, "invoice/billing:7#1", "time/psa:1"]));
        story.Ancestors("8").ShouldBe(Set([.. Terms, "invoice/billing:8#1", "time/psa:1"]));
        foreach (var id in new[] { "7", "8" })
        {
            var lineage = story.Lineage(id);
            lineage.Unexplained.ShouldBe(0m);
            lineage.Edges.Where(e => e.To == "time/psa:1").Select(e => (e.From, e.Quantity)).ShouldBe(
            [
                ("invoice/billing:7#1", new Quantity(3m, Unit.Hour)),
                ("invoice/billing:8#1", new Quantity(5m, Unit.Hour)),
            ]);
            lineage.Edges.ShouldNotContain(e => e.Rel == "replaces");
        }
    }

    [Fact]
    public void A_thousand_ancestors_are_exactly_those()
    {
        const int Entries = 994;
        var story = new Story().Engagement();
        for (var i = 0; i < Entries; i++) story.Time($"{i}", 1m, null);
        var lines = Enumerable.Range(0, 14).Select(line =>
            Line($"{line}", 8520m, [.. Enumerable.Range(line * 71, 71).Select(i => Bills($"{i}"))]));
        story.Issued("7", 994m * 120m, [.. lines]);

        var lineage = story.Lineage("7");

        var records = lineage.RestsOn("invoice/billing:7")
            .Where(s => !s.StartsWith("invoice/billing:7#", StringComparison.Ordinal)).ToArray();
        records.Length.ShouldBe(1000);
        records.ShouldBe(Set([.. Terms, .. Enumerable.Range(0, Entries).Select(i => $"time/psa:{i}")]));
        lineage.Unexplained.ShouldBe(0m);
        lineage.Truncated.ShouldBeFalse();
    }

    [Fact]
    public void Hours_corrected_after_they_were_billed_leave_the_line_with_a_remainder_to_the_cent()
    {
        var story = new Story().Engagement().Time("1", 8m, 120m).Issued("7", 960m, Line("1", 960m, Bills("1")));
        var billed = story.Position;
        story.Says("psa", "time/1", new TimeEntryCorrected(Quantity: new(6.5m, Unit.Hour), Reason: "lunch"));

        story.Ancestors("7").ShouldBe(Set([.. Terms, "invoice/billing:7#1", "time/psa:1"]));
        var line = story.Lineage("7").Lines[0];
        (line.Explained, line.Remainder).ShouldBe((780m, 180m));
        line.Reason.ShouldBe("what it bills comes to 780.00 USD, the line says 960.00 USD");
        var then = story.Lineage("7", new(AsKnownAt: billed));
        then.Lines[0].Remainder.ShouldBe(0m);

        var difference = LineageDifference.Between(then, story.Lineage("7"));
        var entry = difference.Nodes.ShouldHaveSingleItem();
        entry.Figures.ShouldBe(
        [
            new("label", "8 h on 2026-01-05", "6.5 h on 2026-01-05"),
            new("quantity", "8 h", "6.5 h", 8, 10),
        ]);
        var changed = difference.Lines.ShouldHaveSingleItem();
        (changed.Line, changed.Change, changed.NetBy, changed.ExplainedBy, changed.RemainderBy)
            .ShouldBe(("1", Change.Changed, 0m, -180m, 180m));
        changed.Shares.ShouldHaveSingleItem().Before!.Quantity.ShouldBe(new Quantity(8m, Unit.Hour));
        difference.Edges.ShouldBeEmpty();
        difference.Document.ShouldBeEmpty("what the document says did not change");
    }

    [Fact]
    public void A_backdated_amendment_is_an_ancestor_now_and_was_none_when_the_invoice_was_issued()
    {
        var story = new Story().Engagement().Time("1", 8m, 120m).Issued("7", 960m, Line("1", 960m, Bills("1")));
        var issued = story.Position;
        story.Says("clm", "contract/K1", new ContractAmended(
                "A1", new(2026, 2, 10), new(2026, 1, 1), [new("rate", "110", "120")], Reason: "volume discount"))
            .Says("clm", "rate_card/RC", new RateCardRateSet(
                "senior-2", RateUse.Bill, new(Role: "Senior"), new(110m, Dollar, Unit.Hour), new(2026, 1, 1),
                Replaces: "senior"));

        string[] then = Set([.. Terms, "invoice/billing:7#1", "time/psa:1"]);
        story.Ancestors("7", new(AsKnownAt: issued)).ShouldBe(then);
        story.Ancestors("7").ShouldBe(Set(
        [
            .. then.Except(["rate_card/clm:RC#senior"]), "contract/clm:K1#A1", "rate_card/clm:RC#senior-2",
        ]));

        var difference = LineageDifference.Between(story.Lineage("7", new(AsKnownAt: issued)), story.Lineage("7"));
        difference.Nodes.Select(n => (n.Change, n.Node.Stream)).ShouldBe(
        [
            (Change.Came, "contract/clm:K1#A1"), (Change.Went, "rate_card/clm:RC#senior"),
            (Change.Came, "rate_card/clm:RC#senior-2"),
        ]);
        difference.Edges.Select(e => (e.Change, e.Edge.From, e.Edge.Rel, e.Edge.To)).ShouldBe(
        [
            (Change.Came, "contract/clm:K1#A1", "part_of", "contract/clm:K1"),
            (Change.Went, "rate_card/clm:RC#senior", "part_of", "rate_card/clm:RC"),
            (Change.Came, "rate_card/clm:RC#senior-2", "part_of", "rate_card/clm:RC"),
            (Change.Came, "time/psa:1", "amendment", "contract/clm:K1#A1"),
            (Change.Went, "time/psa:1", "rate", "rate_card/clm:RC#senior"),
            (Change.Came, "time/psa:1", "rate", "rate_card/clm:RC#senior-2"),
        ]);
        // The entry's own price stands, so no money moved; only what the card says of it did.
        var line = difference.Lines.ShouldHaveSingleItem();
        (line.NetBy, line.ExplainedBy, line.RemainderBy).ShouldBe((0m, 0m, 0m));
        var share = line.Shares.ShouldHaveSingleItem();
        (share.Before!.CardRate!.Amount, share.After!.CardRate!.Amount).ShouldBe((120m, 110m));
        LineageDifference.Between(story.Lineage("7"), story.Lineage("7")).IsNone.ShouldBeTrue();
    }

    [Fact]
    public void A_subcontractor_s_cost_leads_to_its_supplier_its_approval_and_its_own_posting()
    {
        var story = new Story().Engagement()
            .Says("erp", "client/S1", new ClientRegistered("Soil Labs"))
            .Says("psa", "expense/9", new SubcontractorCostRecorded(
                new("client", "erp", "S1"), new(2026, 1, 9), 1000m, Dollar, true, new("project", Id: "P1"), "T1",
                MarkupPercent: 8m))
            .Says("psa", "expense/9", new ExpenseApproved("Bea"))
            .Says("erp", "posting/AP-1", new PostingRecorded(
                new(2026, 1, 20), "2026-01", Dollar, new(Net: -1000m), Psa("expense", "9")))
            .Issued("7", 1080m, Line("1", 1080m, new Billed(Psa("expense", "9"))));

        story.Ancestors("7").ShouldBe(
        [
            "client/erp:C1", "client/erp:S1", "contract/clm:K1", "expense/psa:9", "expense/psa:9#approval",
            "invoice/billing:7#1", "project/psa:P1", "project/psa:P1#T1", "rate_card/clm:RC",
        ]);
        var lineage = story.Lineage("7");
        lineage.Unexplained.ShouldBe(0m);
        lineage.NodeOf("expense/psa:9").Figures.Where(f => f.Name is "amount" or "billableAmount")
            .Select(f => f.Value).ShouldBe(["1000.00 USD", "1080.00 USD"]);
        lineage.Edges.Where(e => e.To == "expense/psa:9").Select(e => (e.From, e.Rel)).ShouldBe(
            [("invoice/billing:7#1", "bills"), ("posting/erp:AP-1", "posts")]);
    }

    [Fact]
    public void Intercompany_the_document_is_in_two_books_and_the_entries_mirror_each_other()
    {
        var seller = LegalEntity("HM-DE");
        var buyer = LegalEntity("HM-UK");
        var story = new Story().Engagement().Time("1", 8m, 120m)
            .Says("billing", "invoice/7", new InvoiceDrafted(Currency: Dollar) { Entity = seller })
            .Issued("7", 960m, Line("1", 960m, Bills("1")))
            .Says("erp", "posting/DE-1", new PostingRecorded(
                new(2026, 2, 1), "2026-02", Dollar, new(Net: 960m), new("invoice", "billing", "7")) { Entity = seller })
            .Says("erp", "posting/UK-1", new PostingRecorded(
                new(2026, 2, 1), "2026-02", Dollar, new(Net: -960m), new("invoice", "billing", "7")) { Entity = buyer })
            .Says("erp", "posting/UK-2", new PostingRecorded(
                new(2026, 2, 2), "2026-02", Dollar, new(Net: 1m), new("invoice", "billing", "7")) { Entity = buyer });

        story.Ancestors("7").ShouldBe(Set(
            [.. Terms, "invoice/billing:7#1", "legal_entity/erp:HM-DE", "time/psa:1"]));
        var lineage = story.Lineage("7");
        After(lineage).ShouldBe(["posting/erp:DE-1", "posting/erp:UK-1", "posting/erp:UK-2"], ignoreOrder: true);
        lineage.Edges.Where(e => e.Rel == "mirrors").Select(e => (e.From, e.To, e.Basis)).ShouldBe(
        [
            ("posting/erp:UK-1", "posting/erp:DE-1", EdgeBasis.Ruled),
            ("posting/erp:UK-2", "posting/erp:DE-1", EdgeBasis.Ruled),
        ]);
        lineage.Edges.Where(e => e.From == "posting/erp:UK-1" && e.Rel == "legal_entity").Select(e => e.To)
            .ShouldBe(["legal_entity/erp:HM-UK"]);
    }

    [Fact]
    public void A_document_draws_on_the_retainer_that_prepays_it_and_the_retainer_is_drawn_by_it()
    {
        var story = new Story().Engagement().Time("1", 8m, 120m)
            .Says("billing", "invoice/R", new InvoiceIssued(
                new(2026, 1, 1), [new("1", Net: 5000m)], DocumentType: DocumentType.Prepayment, Currency: Dollar))
            .Issued("7", 960m, Line("1", 960m, Bills("1")))
            .Says("billing", "coverage/d1", new CoverageStated(
                CoverageRelation.Prepays, new("invoice", Id: "R"), new("invoice", Id: "7"), Amount: 960m,
                Currency: Dollar));

        story.Ancestors("7").ShouldBe(Set([.. Terms, "invoice/billing:7#1", "invoice/billing:R", "time/psa:1"]));
        After(story.Lineage("R")).ShouldBe(["invoice/billing:7"]);
        foreach (var id in new[] { "7", "R" })
        {
            story.Lineage(id).Edges.Where(e => e.Rel is "draws" or "prepays").ShouldBe(
            [
                new(
                    "invoice/billing:7", "draws", "invoice/billing:R", EdgeBasis.Stated, story.Position, Amount: 960m,
                    Currency: Dollar),
            ]);
        }
    }

    [Fact]
    public void Tax_leads_to_the_document_and_so_does_a_payment_s_own_posting()
    {
        var story = new Story().Time("1", 8m, 100m).Issued("7", 800m, Line("1", 800m, Bills("1")))
            .Says("billing", "invoice/7", new InvoiceTaxCalculated([new(160m, "S", Rate: 20m, Base: 800m)]))
            .Says("bank", "payment/B1", new PaymentApplied(
                "a1", new("invoice", "billing", "7"), ApplicationKind.Withholding, 960m, new(2026, 3, 1),
                Currency: Dollar))
            .Says("erp", "posting/J9", new PostingRecorded(
                new(2026, 3, 1), "2026-03", Dollar, new(Net: 960m), new("payment", "bank", "B1")));

        var lineage = story.Lineage("7");

        After(lineage).ShouldBe(["invoice/billing:7#tax-1", "payment/bank:B1", "posting/erp:J9"], ignoreOrder: true);
        lineage.NodeOf("invoice/billing:7#tax-1").Label.ShouldBe("Tax S · 20 % on 800.00 USD · 160.00 USD");
        lineage.Edges.Single(e => e.Rel == "taxes").ShouldBe(new(
            "invoice/billing:7#tax-1", "taxes", "invoice/billing:7", EdgeBasis.Stated, 3, Amount: 160m,
            Currency: Dollar));
        lineage.Edges.Single(e => e.Rel == "settles").Note.ShouldBe("application a1, withholding");
    }

    [Fact]
    public void A_merged_client_is_one_ancestor_with_the_one_it_was_merged_into_until_the_merge_is_undone()
    {
        var story = new Story().Engagement()
            .Says("erp", "client/C2", new ClientRegistered("Northwind Holding"))
            .Time("1", 8m, 120m).Issued("7", 960m, Line("1", 960m, Bills("1")));
        var billed = story.Position;
        story.Says("erp", "client/C1", new ClientMerged(new("client", Id: "C2")));

        // The survivor speaks for both; the reference still says whom it was made to.
        var node = story.Lineage("7").Nodes.Single(n => n.Kind == "client");
        node.Also.Append(node.Stream).ShouldBe(["client/erp:C1", "client/erp:C2"], ignoreOrder: true);
        node.Label.ShouldBe("Northwind Holding");
        story.Ancestors("7").ShouldBe(Set(
            [.. Terms.Except(["client/erp:C1"]), "client/erp:C2", "invoice/billing:7#1", "time/psa:1"]));
        story.Ancestors("7", new(AsKnownAt: billed)).ShouldBe(Set([.. Terms, "invoice/billing:7#1", "time/psa:1"]));
        var difference = LineageDifference.Between(story.Lineage("7", new(AsKnownAt: billed)), story.Lineage("7"));
        difference.Nodes.Where(n => n.Change is not Change.Changed).ShouldBeEmpty("it is the same client");

        story.Says("erp", "client/C1", new ClientMergeReversed());
        story.Ancestors("7").ShouldBe(Set([.. Terms, "invoice/billing:7#1", "time/psa:1"]));
    }

    [Fact]
    public void A_replaced_psa_leaves_one_of_both_copies_as_the_ancestor()
    {
        var story = new Story().Engagement().Time("1", 8m, 120m)
            .Issued("7", 960m, Line("1", 960m, Bills("1")))
            .Says("psa-2", "time/1", new TimeEntryRecorded(
                new("resource", "psa", "R1"), new(2026, 1, 5), new(8m, Unit.Hour), new Ref("project", "psa", "P1"),
                Billable: true, BillRate: new(120m, Dollar, Unit.Hour)));
        story.Ancestors("7").ShouldBe(Set([.. Terms, "invoice/billing:7#1", "time/psa:1"]));

        story.Says("ledger", "succession/s1", new StreamSucceeded(
            Psa("time", "1"), new("time", "psa-2", "1"), new(2026, 1, 1)));

        var lineage = story.Lineage("7");
        lineage.RestsOn("invoice/billing:7").ShouldBe(Set([.. Terms, "invoice/billing:7#1", "time/psa-2:1"]));
        lineage.NodeOf("time/psa-2:1").Also.ShouldBe(["time/psa:1"]);
        lineage.Unexplained.ShouldBe(0m, "both copies never count twice");
        lineage.Lines[0].Shares.ShouldHaveSingleItem();
    }

    [Fact]
    public void A_price_that_a_person_put_over_the_entry_s_own_is_confirmed_and_counts()
    {
        var story = new Story().Engagement().Time("1", 8m, 120m)
            .Issued("7", 800m, Line("1", 800m, Bills("1")))
            .Says("ledger", "override/o1", new TruthOverridden(
                Psa("time", "1"), "billRate",
                JsonText.Of(System.Text.Json.JsonElement.Parse(
                    """{"amount":"100","currency":"USD","per":"HUR"}""")), "agreed by phone"));

        var lineage = story.Lineage("7");

        lineage.Unexplained.ShouldBe(0m);
        lineage.RestsOn("invoice/billing:7").ShouldBe(Set(
            [.. Terms, "invoice/billing:7#1", "override/ledger:o1", "time/psa:1"]));
        Edge(lineage, "time/psa:1", "override").ShouldBe(new(
            "time/psa:1", "override", "override/ledger:o1", EdgeBasis.Confirmed, story.Position));
        lineage.NodeOf("override/ledger:o1").Label.ShouldBe("billRate overridden · agreed by phone");
    }

    [Fact]
    public void A_document_is_in_the_books_of_the_only_legal_entity_its_system_is_registered_with()
    {
        var story = new Story().Time("1", 8m, 100m)
            .Says("erp", "legal_entity/HM-UK", new LegalEntityRegistered("Halden Marsh UK"))
            .Says("ledger", "source/billing", new SourceRegistered(
                [Role.Billing], Entities: Items.Of<Ref>([LegalEntity("HM-UK")])))
            .Issued("7", 800m, Line("1", 800m, Bills("1")));

        Edge(story.Lineage("7"), "invoice/billing:7", "legal_entity").ShouldBe(new(
            "invoice/billing:7", "legal_entity", "legal_entity/erp:HM-UK", EdgeBasis.Ruled, 3,
            Note: "the only one billing is registered with"));
        story.Lineage("7").NodeOf("legal_entity/erp:HM-UK").Label.ShouldBe("Halden Marsh UK");
    }

    private static LineageEdge Edge(InvoiceLineage lineage, string from, string rel) =>
        lineage.Edges.Where(e => e.From == from && e.Rel == rel).ShouldHaveSingleItem();

    private static string[] Set(string[] streams) => [.. streams.Order(StringComparer.Ordinal)];
}
