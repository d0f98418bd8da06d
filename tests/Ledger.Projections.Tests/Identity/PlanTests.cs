using Ledger.Domain;
using Ledger.Projections.Findings;
using Ledger.Projections.Tests.Lineage;

namespace Ledger.Projections.Tests.Identity;

/// <summary>What is offered, planned, recognised and published, as entities.</summary>
public sealed class PlanTests
{
    private static readonly Currency Dollar = Currency.Of("USD");

    private static ExchangeRatePublished Rate(decimal rate, string publisher = "ECB", string? type = "spot") =>
        new(Currency.Of("EUR"), Dollar, rate, new(2026, 3, 31), publisher, type);

    private static MilestonePlanned Milestone(string project, string name = "Go-live agreed") =>
        new(new("project", "psa", project), name, new(2026, 3, 31), 500m, Dollar);

    [Fact]
    public void A_rate_that_two_systems_keep_of_one_publisher_pair_and_day_is_one()
    {
        var world = new Story().Tells("exchange_rate/erp:1", Rate(1.0834m))
            .Tells("exchange_rate/billing:7", Rate(1.0843m, " ecb")).Now();
        world.Together(Kind.ExchangeRate).ShouldBe(["exchange_rate/erp:1 exchange_rate/billing:7"]);
        world.Compose(world.Entities(Kind.ExchangeRate).Single()).Value<decimal>("rate").ShouldBe(1.0834m);
    }

    [Fact]
    public void Another_publisher_or_type_of_rate_is_another() =>
        new Story().Tells("exchange_rate/erp:1", Rate(1.0834m)).Tells("exchange_rate/billing:7", Rate(1.0834m, "BoE"))
            .Tells("exchange_rate/psa:7", Rate(1.0834m, type: "average")).Now()
            .Entities(Kind.ExchangeRate).Count().ShouldBe(3);

    [Fact]
    public void A_proposal_and_an_opportunity_of_one_number_are_one()
    {
        var world = new Story()
            .Tells("proposal/cpq:1", new ProposalVersionDrafted("1") { Number = "Q-2041" })
            .Tells("proposal/crm:9", new ProposalVersionDrafted("1") { Number = "q-2041" })
            .Tells("opportunity/crm:1", new OpportunityOpened { Number = "1" })
            .Tells("opportunity/psa:1", new OpportunityOpened { Number = "1" }).Now();
        world.Together(Kind.Proposal).ShouldBe(["proposal/cpq:1 proposal/crm:9"]);
        world.Entities(Kind.Opportunity).Count().ShouldBe(2, "everybody has a number 1");
    }

    [Fact]
    public void Milestones_of_one_number_are_proposed_and_never_joined_by_it()
    {
        var world = new Story().Tells("milestone/psa:1", Milestone("P1") with { Number = "M-001" })
            .Tells("milestone/billing:1", Milestone("P1") with { Number = "M-001" }).Now();
        world.Entities(Kind.Milestone).Count().ShouldBe(2);
        world.Proposals.Single().Evidence.Select(e => e.Code).ShouldBe(["same_number", "same_name", "same_amount"]);
    }

    [Fact]
    public void Offers_in_two_currencies_contradict_each_other()
    {
        var world = new Story()
            .Tells("proposal/cpq:1", new ProposalVersionDrafted("1", Currency: Dollar) { Number = "Q-2041" })
            .Tells("proposal/crm:9", new ProposalVersionDrafted("1", Currency: Speaking.Pound) { Number = "Q-2041" })
            .Now();
        world.Entities(Kind.Proposal).Count().ShouldBe(2);
        world.Proposals.Single().Evidence.Single().Code.ShouldBe("same_number");
    }

    [Fact]
    public void Each_stands_for_its_figure_of_money()
    {
        var world = new Story()
            .Tells("opportunity/crm:1", new OpportunityOpened("Dock", Amount: 900m, Currency: Dollar))
            .Tells("proposal/cpq:1", new ProposalVersionDrafted("1", Currency: Dollar, Totals: new(800m, 80m, 880m)))
            .Tells("change_request/psa:1", new ChangeRequestRaised(
                new("project", Id: "P1"), Amount: -70m, Currency: Dollar))
            .Tells("milestone/psa:1", Milestone("P1"))
            .Tells("revenue/erp:1", new RevenueRecognized("1", new(2026, 3, 31), 40m, Dollar))
            .Tells("revenue/erp:1", new RevenueReversed("1", Amount: 10m))
            .Tells("knowledge_asset/km:1", new KnowledgeAssetLinked([new("project", "psa", "P1")]))
            .Tells("exchange_rate/erp:1", Rate(1.08m)).Now();
        Of(Kind.Opportunity).ShouldBe(new(900m, Dollar));
        Of(Kind.Proposal).ShouldBe(new(800m, Dollar));
        Of(Kind.ChangeRequest).ShouldBe(new(-70m, Dollar));
        Of(Kind.Milestone).ShouldBe(new(500m, Dollar));
        Of(Kind.Revenue).ShouldBe(new(30m, Dollar));
        Of(Kind.KnowledgeAsset).ShouldBeNull();
        Of(Kind.ExchangeRate).ShouldBeNull();

        EntityMoney? Of(Kind kind) => EntityMoney.Of(world.Compose(world.Entities(kind).Single()));
    }

    [Fact]
    public void The_word_of_whoever_owns_the_kind_counts()
    {
        var world = new Story().Tells("milestone/billing:1", Milestone("P1"))
            .Tells("milestone/psa:1", Milestone("P1") with { Amount = 600m })
            .Linked("milestone/billing:1", "milestone/psa:1", "l").Now();
        world.Compose(world.Entities(Kind.Milestone).Single()).Value<decimal>("amount").ShouldBe(600m);
    }

    [Fact]
    public void A_recognition_whose_posting_nobody_has_is_found()
    {
        var world = new Story().Tells("revenue/erp:1", new RevenueRecognized(
            "1", new(2026, 3, 31), 40m, Dollar, Posting: new("posting", Id: "JE-1"))).Now();
        var found = EntityFindings.Of(world, world.Entities(Kind.Revenue).Single()).Single();
        (found.Code, found.Part).ShouldBe((Codes.DanglingReference, "1"));
    }

    [Fact]
    public void Only_what_was_recognised_or_reversed_late_changes_a_closed_period()
    {
        var story = new Story()
            .Tells("period/erp:03", new PeriodOpened("2026-03", new(2026, 3, 1), new(2026, 3, 31)))
            .Tells("revenue/erp:1", new RevenueRecognized("1", new(2026, 3, 31), 40m, Dollar))
            .Tells("period/erp:03", new PeriodClosed())
            .Tells("revenue/erp:1", new RevenueRecognized("2", new(2026, 4, 30), 50m, Dollar))
            .Tells("revenue/erp:1", new RevenueReversed("1", new(2026, 4, 30)));
        Late().ShouldBeEmpty("the books of March are as they were");
        story.Tells("revenue/erp:1", new RevenueReversed("2", new(2026, 3, 31), 5m));
        Late().ShouldBe([("2", 6)]);

        IEnumerable<(string?, long)> Late()
        {
            var world = story.Now();
            return EntityFindings.Of(world, world.Entities(Kind.Revenue).Single())
                .Where(f => f.Code == Codes.ClosedPeriod).Select(f => (f.Part, f.Position));
        }
    }
}
