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
                Card(CardOrigin.Contract, Price("first", 180, new())),
                Card(CardOrigin.Contract, Price("second", 90, new(Task: "T1"))))!
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
