using NodaTime;

namespace Ledger.Domain.Tests.Rating;

public sealed class RateResolutionTests
{
    private static readonly Currency Gbp = Currency.Of("GBP");
    private static readonly LocalDate March = new(2026, 3, 14);
    private static readonly PricedWork Work = new(March, ["T1"], ["R1", "E-17"], "consultant", "senior", ["P1"]);

    [Theory]
    [InlineData("task,resource,role,grade,any", RateLevel.Task)]
    [InlineData("any,grade,role,resource", RateLevel.Resource)]
    [InlineData("grade,any,role", RateLevel.Role)]
    [InlineData("any,grade", RateLevel.Grade)]
    [InlineData("any", RateLevel.Default)]
    public void Within_a_card_the_most_particular_price_counts(string prices, RateLevel expected)
    {
        var rates = prices.Split(',').Select((name, i) => Price(name, 100 + i, MatchOf(name)));
        Resolve(Card(CardOrigin.Contract, [.. rates]))!.Level.ShouldBe(expected);
    }

    [Fact]
    public void The_contracts_card_is_asked_before_the_clients_and_the_clients_before_the_default()
    {
        var contract = Card(CardOrigin.Contract, Price("c", 180, new()));
        var client = Card(CardOrigin.Client, Price("l", 170, new(Task: "T1")));
        var any = Card(CardOrigin.Default, Price("d", 160, new(Task: "T1")));
        Resolve(any, client, contract)!.Path.ShouldBe("the contract's card, for any work");
        Resolve(any, client)!.Price.Amount.ShouldBe(170m);
        Resolve(any)!.Path.ShouldBe("the default card, by task");
    }

    [Fact]
    public void A_contracts_cards_are_asked_in_its_order() =>
        Resolve(
                Card(CardOrigin.Contract, Price("second", 90, new(Task: "T1"))) with { Rank = 1 },
                Card(CardOrigin.Contract, Price("first", 180, new())))!
            .CardRate.ShouldBe("first");

    [Fact]
    public void A_card_without_a_price_for_the_work_hands_on_to_the_next() =>
        Resolve(
                Card(CardOrigin.Contract, Price("other", 180, new(Role: "partner"))),
                Card(CardOrigin.Client, Price("l", 170, new())))!
            .Origin.ShouldBe(CardOrigin.Client);

    [Fact]
    public void The_service_date_selects_the_card_and_the_price()
    {
        var ended = Card(CardOrigin.Contract, Price("old", 150, new())) with
        {
            Assigned = new(new(2025, 1, 1), new(2026, 3, 13)),
        };
        var current = Card(CardOrigin.Contract,
            Price("before", 160, new()) with { To = new LocalDate(2026, 3, 13) },
            Price("now", 165, new()) with { From = March },
            Price("later", 175, new()) with { From = March.PlusDays(1) });
        Resolve(ended, current)!.CardRate.ShouldBe("now");
        RateResolution.Resolve(Work with { On = March.PlusDays(-1) }, RateUse.Bill, [ended, current])!
            .CardRate.ShouldBe("old");
    }

    [Fact]
    public void A_price_for_a_role_in_a_project_comes_before_the_roles_price_anywhere() =>
        Resolve(Card(
                CardOrigin.Contract, Price("any", 100, new(Role: "consultant")),
                Price("here", 110, new(Role: "consultant", Project: "P1"))))!
            .CardRate.ShouldBe("here");

    [Fact]
    public void Says_which_event_asserts_the_price()
    {
        Resolve(Card(CardOrigin.Contract, Price("r", 100, new()) with { Position = 41 }))!.Position.ShouldBe(41);
        Resolve(Card(CardOrigin.Contract, Price("r", 100, new())))!.Position
            .ShouldBe(7, "a snapshot states all prices at once");
    }

    [Fact]
    public void No_rate_is_no_rate_and_never_zero()
    {
        Resolve(Card(CardOrigin.Contract, Price("r", 100, new(Resource: "R2")))).ShouldBeNull();
        Resolve(Card(CardOrigin.Contract, Price("r", 100, new()) with { Use = RateUse.Cost }))
            .ShouldBeNull("a cost is no price");
        Resolve().ShouldBeNull();
    }

    [Fact]
    public void The_contracts_own_price_goes_before_every_card_and_the_proposals_before_the_clients()
    {
        var contract = new Contract { Rates = [Price("own", 200, new(Role: "consultant")) with { Position = 12 }] };
        var own = OfferedCard.Of("contract/clm:K1", contract, 5)!;
        var proposal = Card(CardOrigin.Proposal, Price("p", 175, new()));
        var client = Card(CardOrigin.Client, Price("l", 170, new(Task: "T1")));
        var card = Card(CardOrigin.Contract, Price("c", 180, new(Task: "T1")));
        var found = Resolve(client, card, proposal, own)!;
        (found.Path, found.Card, found.Position).ShouldBe(("the contract itself, by role", "contract/clm:K1", 12));
        Resolve(client, proposal)!.Path.ShouldBe("the accepted proposal's card, for any work");
        OfferedCard.Of("contract/clm:K1", new Contract(), 5).ShouldBeNull();
    }

    [Fact]
    public void Where_there_is_no_price_says_which_cards_were_asked_and_why_they_gave_none()
    {
        var ended = Card(CardOrigin.Contract, Price("r", 100, new())) with { Assigned = new(March.PlusDays(1)) };
        var other = Card(CardOrigin.Client, Price("r", 100, new(Role: "partner")));
        var none = RateResolution.Find(Work, RateUse.Bill, [other, ended]).ShouldBeOfType<NoRate>();
        none.Cards.ShouldBe(
            [new(CardOrigin.Contract, ended.Stream, false), new(CardOrigin.Client, other.Stream, true)]);
        none.Why.ShouldBe(
            "rate_card/clm:Contract is not in force that day; rate_card/clm:Client has no price for it");
        RateResolution.Find(Work, RateUse.Bill, []).ShouldBe(new NoRate(Items<CardAsked>.None));
    }

    [Fact]
    public void Any_cards_in_any_order_give_any_work_the_same_answer()
    {
        var random = new Random(2026_11_21);
        for (var trial = 0; trial < 2_000; trial++)
        {
            var cards = Enumerable.Range(0, random.Next(0, 6)).Select(i => AnyCard(random, i)).ToArray();
            var work = new PricedWork(
                March.PlusDays(random.Next(-3, 4)), [Any(random, "T")], [Any(random, "R")], Any(random, "role"),
                Any(random, "grade"), [Any(random, "P")]);
            var found = RateResolution.Find(work, RateUse.Bill, cards);
            random.Shuffle(cards);
            var shuffled = cards.Select(c => c with { Card = c.Card with { Rates = Shuffled(c.Card.Rates, random) } });
            RateResolution.Find(work, RateUse.Bill, [.. shuffled]).ShouldBe(found);
            if (found is ResolvedRate { Price.Amount: var amount }) amount.ShouldBeGreaterThan(0m);
            else ((NoRate)found).Cards.Count.ShouldBe(cards.Length);
        }
    }

    private static OfferedCard AnyCard(Random random, int number) => new(
        (CardOrigin)random.Next(5), $"rate_card/clm:{number}", new RateCard
        {
            From = random.Next(3) == 0 ? March.PlusDays(random.Next(-2, 3)) : null,
            Rates = Enumerable.Range(0, random.Next(0, 5)).Select(i => Price($"{i}", 100 + i, new(
                Maybe(random, "T"), Maybe(random, "R"), Maybe(random, "role"), Maybe(random, "grade"),
                Maybe(random, "P"))) with { From = March.PlusDays(random.Next(-4, 2)) }).ToItems(),
        }, number, Rank: random.Next(2));

    private static string Any(Random random, string name) => name + random.Next(2);

    private static string? Maybe(Random random, string name) => random.Next(2) == 0 ? null : Any(random, name);

    private static Items<CardRate> Shuffled(Items<CardRate> rates, Random random)
    {
        var shuffled = rates.ToArray();
        random.Shuffle(shuffled);
        return [.. shuffled];
    }

    private static ResolvedRate? Resolve(params OfferedCard[] cards) =>
        RateResolution.Resolve(Work, RateUse.Bill, cards);

    private static OfferedCard Card(CardOrigin origin, params CardRate[] rates) =>
        new(origin, $"rate_card/clm:{origin}", new RateCard { Rates = [.. rates] }, 7);

    private static CardRate Price(string id, decimal amount, RateMatch match) =>
        new(id, RateUse.Bill, match, new Rate(amount, Gbp, Unit.Hour), new LocalDate(2026, 1, 1));

    private static RateMatch MatchOf(string name) => name switch
    {
        "task" => new(Task: "T1"),
        "resource" => new(Resource: "E-17"),
        "role" => new(Role: "consultant"),
        "grade" => new(Grade: "senior"),
        _ => new(),
    };
}
