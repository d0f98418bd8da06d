namespace Ledger.Domain.Tests.Rating;

public sealed class RoundingProbeTests
{
    private static readonly Currency Usd = Currency.Of("USD");

    [Fact]
    public void Three_entries_of_seven_minutes_tell_an_invoice_from_its_entries()
    {
        // 7 min at 140.00/h is 16.333…: three of them are 49.00 exactly, but 48.99 when each is rounded.
        var work = Enumerable.Range(1, 3).Select(i => Entry($"e{i}", 7, 140m)).ToArray();
        Reproducing(work, 49.00m).ShouldContain(new Rounding(RoundingScope.Invoice, RoundingMode.HalfAwayFromZero));
        Reproducing(work, 49.00m).ShouldNotContain(new Rounding(RoundingScope.Entry, RoundingMode.HalfAwayFromZero));
        Reproducing(work, 48.99m).Select(rule => rule.Scope).Distinct()
            .ShouldBe([RoundingScope.Line, RoundingScope.Entry], ignoreOrder: true);
    }

    [Fact]
    public void Half_a_cent_tells_the_modes_apart()
    {
        // 15 min at 0.50/h is 0.125.
        var work = new[] { Entry("e", 15, 0.50m) };
        Modes(work, 0.13m).ShouldBe([RoundingMode.HalfAwayFromZero, RoundingMode.Up]);
        Modes(work, 0.12m).ShouldBe([RoundingMode.HalfEven, RoundingMode.HalfTowardsZero, RoundingMode.Down]);
        Modes(work, 0.14m).ShouldBeEmpty();
    }

    [Fact]
    public void Negative_work_rounds_like_its_mirror()
    {
        var work = new[] { Entry("e", -15, 0.50m) };
        Modes(work, -0.13m).ShouldBe([RoundingMode.HalfAwayFromZero, RoundingMode.Up]);
        Modes(work, -0.12m).ShouldBe([RoundingMode.HalfEven, RoundingMode.HalfTowardsZero, RoundingMode.Down]);
    }

    [Fact]
    public void Groups_by_person_and_by_task_apart()
    {
        // Ann: 16.333… + 16.333… = 32.67; Ben: 16.333… → 16.33. By task: 16.33 and 32.67 as well, but of other entries.
        ProbedWork[] work =
        [
            Entry("1", 7, 140m) with { Person = "ann", Task = "a" },
            Entry("2", 7, 140m) with { Person = "ann", Task = "b" },
            Entry("3", 8, 140m) with { Person = "ben", Task = "b" },
        ];
        Total(work, RoundingScope.Person).ShouldBe(32.67m + 18.67m);
        Total(work, RoundingScope.Task).ShouldBe(16.33m + 35.00m);
        Total(work, RoundingScope.Entry).ShouldBe(16.33m + 16.33m + 18.67m);
        Total(work, RoundingScope.Invoice).ShouldBe(51.33m);
    }

    [Fact]
    public void What_stands_in_cents_is_never_rounded_again()
    {
        var probed = RoundingProbe.Try([Entry("e", 7, 140m)], new Money(299.69m, Usd), new Money(816.02m, Usd));
        probed[0].Rule.ShouldBe(new Rounding(RoundingScope.Invoice, RoundingMode.HalfAwayFromZero));
        probed[0].Computed.ShouldBe(new Money(316.02m, Usd));
        probed[0].Remainder.ShouldBe(new Money(500.00m, Usd), "what no work and no expense explains");
        probed.ShouldNotContain(rule => rule.Reproduces);
    }

    [Fact]
    public void Nothing_billed_is_nothing_by_every_rule() =>
        RoundingProbe.Try([], Money.Zero(Usd), Money.Zero(Usd)).ShouldAllBe(rule => rule.Reproduces);

    private static ProbedWork Entry(string id, decimal minutes, decimal perHour) =>
        new(id, ExactMoney.Of(new Quantity(minutes, Unit.Minute), new Rate(perHour, Usd, Unit.Hour))!.Value, Line: id);

    private static Rounding[] Reproducing(ProbedWork[] work, decimal stated) =>
        [.. RoundingProbe.Try(work, Money.Zero(Usd), new(stated, Usd)).Where(r => r.Reproduces).Select(r => r.Rule)];

    private static RoundingMode[] Modes(ProbedWork[] work, decimal stated) =>
        [.. Reproducing(work, stated).Where(rule => rule.Scope == RoundingScope.Invoice).Select(rule => rule.Mode)];

    private static decimal Total(ProbedWork[] work, RoundingScope scope) =>
        RoundingProbe.Total(work, new(scope, RoundingMode.HalfAwayFromZero), Usd).Amount;
}
