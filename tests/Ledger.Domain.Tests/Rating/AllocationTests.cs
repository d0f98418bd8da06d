namespace Ledger.Domain.Tests.Rating;

public sealed class AllocationTests
{
    private static readonly Currency[] Currencies = [Currency.Of("EUR"), Currency.Of("JPY"), Currency.Of("KWD")];

    [Fact]
    public void Shares_of_work_rounded_anywhere_sum_to_what_the_rule_makes_of_it_and_none_is_a_unit_off()
    {
        var random = new Random(4218);
        for (var trial = 0; trial < 5_000; trial++)
        {
            var currency = Currencies[trial % 3];
            var rule = new Rounding(
                (RoundingScope)random.Next(6), (RoundingMode)random.Next(5), random.Next(4) == 0 ? random.Next(4) : null);
            var work = Enumerable.Range(0, random.Next(1, 12)).Select(i => new ProbedWork(
                $"e{i}", new ExactMoney(random.Next(-20_000, 100_000) * 0.07m, currency), $"l{random.Next(3)}",
                $"p{random.Next(2)}", $"t{random.Next(2)}", "S")).ToArray();
            var groups = work.Select(w => rule.Scope switch
            {
                RoundingScope.Entry => w.Entry,
                RoundingScope.Line => w.Line!,
                RoundingScope.Person => w.Person!,
                RoundingScope.Task => w.Task!,
                _ => "",
            }).ToArray();
            var shares = Allocation.Round([.. work.Select(w => w.Amount)], groups, rule);
            shares.Aggregate((a, b) => a + b).ShouldBe(RoundingProbe.Total(work, rule, currency));
            var unit = (decimal)Math.Pow(10, -(rule.Digits ?? currency.MinorDigits));
            for (var i = 0; i < shares.Length; i++)
                Math.Abs(shares[i].Amount - work[i].Amount.Sixtieths / 60m).ShouldBeLessThanOrEqualTo(unit);
        }
    }

    [Fact]
    public void The_rest_goes_to_who_lost_most_and_a_tie_to_the_earlier()
    {
        ExactMoney[] thirds = [.. Enumerable.Repeat(ExactMoney.Of(new Money(100m / 3m, Currencies[0])), 3)];
        Allocation.Share(new(100m, Currencies[0]), thirds).Select(s => s.Amount).ShouldBe([33.34m, 33.33m, 33.33m]);
        ExactMoney[] mixed = [new(60m * 1.001m, Currencies[0]), new(60m * -0.502m, Currencies[0])];
        Allocation.Share(new(0.50m, Currencies[0]), mixed).Select(s => s.Amount).ShouldBe([1.00m, -0.50m]);
    }
}
