using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Lineage;
using static Ledger.Projections.Tests.Lineage.Story;

namespace Ledger.Projections.Tests.Lineage;

/// <summary>Stories of what was agreed, and of what counts because somebody decided so.</summary>
public sealed class AgreedTests
{
    [Fact]
    public void A_milestone_a_period_and_usage_are_explained_by_what_the_contract_says_they_are_worth()
    {
        var contract = new Ref("contract", "clm", "K1");
        Billed Part(string part, decimal? amount = null) => new(contract with { Line = part }, null, amount);
        var story = new Story().Engagement()
            .Says("clm", "contract/K1", new ContractBillingTermsSet(new(
                Subscriptions: Items.Of<SubscriptionTerms>([new("desk", 310m)]),
                Usage: Items.Of<UsageTerms>([new("pages", [new(new(2m, Dollar, Unit.Piece), 100m), new(
                    new(1m, Dollar, Unit.Piece))])]))))
            .Says("clm", "contract/K1", new ContractUsageRecorded(
                "U1", "pages", new(80m, Unit.Piece), new(2026, 1, 9)))
            .Says("clm", "contract/K1", new ContractUsageRecorded(
                "U2", "pages", new(50m, Unit.Piece), new(2026, 1, 16)))
            .Says("clm", "contract/K1", new ContractStated(Lines: Items.Of<ContractLine>([new("L1", Amount: 8000m)])))
            .Says("psa", "milestone/M1", new MilestonePlanned(
                new("project", Id: "P1"), "Design", Contract: contract, ContractLine: "L1", Percent: 25m))
            .Issued(
                "7", 3200m, Line("1", 2100m, new Billed(Psa("milestone", "M1"))),
                Line("2", 310m, Part("desk@2026-01-01")), Line("3", 90m, Part("U2")),
                Line("4", 700m, Part("L9", 700m)));

        var lines = story.Lineage("7").Lines;

        lines.Select(l => (l.Line, l.Explained, l.Remainder)).ShouldBe(
            [("1", 2000m, 100m), ("2", 310m, 0m), ("3", 70m, 20m), ("4", 0m, 700m)], "20 of 50 pages at 2, 30 at 1");
        lines[3].Reason.ShouldBe("contract/clm:K1#L9 has no amount of its own");
        story.Says("psa", "milestone/M1", new MilestoneAmountChanged(2100m, Dollar));
        story.Lineage("7").Lines[0].Remainder.ShouldBe(0m, "what it says itself counts before its share");
    }

    [Fact]
    public void A_milestone_leads_to_its_acceptance_and_its_contract_to_the_version_agreed_and_the_opportunity()
    {
        var story = new Story().Engagement()
            .Says("crm", "opportunity/O1", new OpportunityOpened("Dock", new("client", "erp", "C1")))
            .Says("cpq", "proposal/Q1", new ProposalVersionDrafted(
                "1", Opportunity: new("opportunity", "crm", "O1"), Totals: new(9000m)))
            .Says("cpq", "proposal/Q1", new ProposalVersionDrafted("2", Currency: Dollar, Totals: new(8000m)))
            .Says("cpq", "proposal/Q1", new ProposalVersionAccepted("2", "purchasing", new(2025, 12, 1)));
        var accepted = story.Position;
        story.Says("cpq", "proposal/Q1", new ProposalVersionDrafted("3", Totals: new(8500m)))
            .Says("clm", "contract/K1", new ContractStated(Proposal: new Ref("proposal", "cpq", "Q1")))
            .Says("psa", "milestone/M1", new MilestonePlanned(
                new("project", Id: "P1"), "Design", Amount: 2000m, Currency: Dollar))
            .Says("psa", "milestone/M1", new MilestoneAccepted(
                new("project", Id: "P1"), new(2026, 1, 30), "Northwind", [new("D1", "protocol.pdf")]))
            .Issued("7", 2000m, Line("1", 2000m, new Billed(Psa("milestone", "M1"))));

        var lineage = story.Lineage("7");

        lineage.RestsOn("invoice/billing:7").ShouldBe(
        [
            "client/erp:C1", "contract/clm:K1", "invoice/billing:7#1", "milestone/psa:M1", "milestone/psa:M1#approval",
            "opportunity/crm:O1", "project/psa:P1", "proposal/cpq:Q1", "proposal/cpq:Q1#2", "rate_card/clm:RC",
        ]);
        lineage.Edges.Single(e => e.Rel == "version").ShouldBe(new(
            "contract/clm:K1", "version", "proposal/cpq:Q1#2", EdgeBasis.Ruled, accepted));
        lineage.NodeOf("proposal/cpq:Q1#2").Figures.Select(f => (f.Name, f.Value)).ShouldBe(
            [("net", "8000.00 USD"), ("decidedBy", "purchasing"), ("decidedOn", "2025-12-01")]);
        var yes = lineage.NodeOf("milestone/psa:M1#approval");
        (yes.Label, yes.Figures[^1].Value).ShouldBe(("Accepted by Northwind", "protocol.pdf"));
    }

    [Fact]
    public void Whose_word_counts_is_as_assigned_for_lineage_and_drift_as_for_the_entity()
    {
        var story = new Story().Engagement().Time("1", 8m, 120m).Issued("7", 960m, Line("1", 960m, Bills("1")))
            .Says("erp", "invoice/9", new InvoiceIssued(
                new(2026, 2, 1), [Line("1", 900m, Bills("1"))], Currency: Dollar, Totals: new(Net: 900m)))
            .Says("ledger", "identity/1", new IdentityLinked(
                new("invoice", "billing", "7"), new("invoice", "erp", "9")));
        (string, decimal?, string) Told()
        {
            var lineage = story.Lineage("7");
            return (lineage.Stream, lineage.Document.Net, DriftRun.Compute(story.World()).Invoices.Single().Stream);
        }

        Told().ShouldBe(("invoice/billing:7", 960m, "invoice/billing:7"));
        story.Says("ledger", "ownership/o1", new OwnershipAssigned("invoice", [Role.Erp]));
        Told().ShouldBe(("invoice/erp:9", 900m, "invoice/erp:9"));
        var world = story.World();
        world.Compose(world.EntityOf("invoice/billing:7")).Field("lines")!.By.Stream.ShouldBe("invoice/erp:9");
    }

    [Fact]
    public void Hours_that_a_person_put_over_those_recorded_count_for_lineage_and_drift()
    {
        var story = new Story().Engagement().Time("1", 6.5m, 120m)
            .Issued("7", 960m, Line("1", 960m, Bills("1", hours: 8m)));
        (decimal, bool) Told() => (story.Lineage("7").Unexplained, DriftRun.Compute(story.World()).Findings
            .Any(f => f.Class == DriftClass.Quantity && f.Streams.Contains("time/psa:1")));

        Told().ShouldBe((180m, true));
        story.Says("ledger", "override/o1", new TruthOverridden(
            Psa("time", "1"), "quantity",
            JsonText.Of(System.Text.Json.JsonElement.Parse("""{"value":"8","unit":"HUR"}""")), "timesheet was lost"));
        Told().ShouldBe((0m, false));
    }

    [Fact]
    public void An_item_of_the_billing_schedule_explains_what_bills_it()
    {
        var story = new Story().Engagement()
            .Says("clm", "contract/K1", new ContractBillingScheduleSet([
                new("S1", new(2026, 1, 31), 2500m, "Inception"), new("S2", new(2026, 6, 30), 2500m)]))
            .Says("clm", "contract/K1", new ContractBillingScheduleReleased("S1", new(2026, 1, 30)))
            .Says("clm", "contract/K1", new ContractAmended("A1", new(2026, 1, 2), new(2026, 1, 15), []))
            .Says("clm", "contract/K1", new ContractAmended("A2", new(2026, 2, 2), new(2026, 2, 15), []))
            .Issued(
                "7", 2600m, Line("1", 2600m, new Billed(new("contract", "clm", "K1", Line: "S1"))));

        story.Ancestors("7").ShouldBe(
        [
            "client/erp:C1", "contract/clm:K1", "contract/clm:K1#A1", "contract/clm:K1#S1", "invoice/billing:7#1",
            "rate_card/clm:RC",
        ]);
        var line = story.Lineage("7").Lines[0];
        (line.Explained, line.Remainder).ShouldBe((2500m, 100m));
        story.Lineage("7").NodeOf("contract/clm:K1#S1").Figures.Select(f => (f.Name, f.Value)).ShouldBe(
            [("amount", "2500.00 USD"), ("dueOn", "2026-01-31"), ("releasedOn", "2026-01-30")]);
    }
}
