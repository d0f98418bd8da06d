using static Ledger.Domain.Tests.Rating.Engaged;

namespace Ledger.Domain.Tests.Rating;

public sealed class CeilingTests
{
    [Fact]
    public void An_hour_that_does_not_fit_is_parted_and_the_rest_left_out()
    {
        var proposal = Capped(new Ceiling("cap", "contract", 200m)).Worked(Minutes("1", 60), Minutes("2", 60, day: 11)).Propose();
        proposal.Documents[0].Draft.Totals!.Net.ShouldBe(200m);
        var left = proposal.LeftOut.ShouldHaveSingleItem();
        (left.Id, left.Reason, left.Quantity, left.Amount).ShouldBe(
            ("time/psa:2", LeftOutReason.Ceiling, new Quantity(20, Unit.Minute), Euros(40m)));
        left.Detail.ShouldBe("ceiling cap of 200 is used up");
    }

    [Fact]
    public void Committed_is_what_is_billed_and_what_is_approved_and_not_billed_and_overage_is_a_state_of_its_own()
    {
        var engagement = Capped(new Ceiling("cap", "contract", 200m)).Worked(Minutes("1", 60), Minutes("2", 60)) with
        {
            Documents = [new(Eur, 150m, Expenses: 30m), new(Eur, -20m), new(Currency.Of("GBP"), 900m)],
        };
        var state = engagement.Propose().Ceilings.ShouldHaveSingleItem();
        (state.Billed, state.Unbilled, state.Committed, state.Proposed, state.Overage, state.Status)
            .ShouldBe((130m, 240m, 370m, 70m, 170m, CeilingStatus.Over));
        engagement.With(c => c with { Ceilings = [new("cap", "contract", 370m)] }).Propose().Ceilings[0].Status
            .ShouldBe(CeilingStatus.Reached, "an amendment that raises it re-evaluates it");
        engagement.With(c => c with { Ceilings = [new("cap", "contract", 371m)] }).Propose().Ceilings[0].Status
            .ShouldBe(CeilingStatus.Within);
    }

    [Fact]
    public void Whether_tax_and_expenses_count_is_a_term()
    {
        var engagement = TimeAndMaterials.Terms(new(Tax: new("S", 20m))).Worked(Minutes("1", 60)).Spent(Expense("1", 50m));
        Committed(new("a", "contract", 1_000m)).ShouldBe(120m);
        Committed(new("a", "contract", 1_000m, CountsExpenses: true)).ShouldBe(170m);
        Committed(new("a", "contract", 1_000m, CountsTax: true, CountsExpenses: true)).ShouldBe(204m);

        decimal Committed(Ceiling ceiling) =>
            engagement.With(c => c with { Ceilings = [ceiling] }).Propose().Ceilings[0].Committed;
    }

    [Fact]
    public void Narrower_ceilings_are_asked_before_wider_ones_and_the_order_is_recorded()
    {
        var engagement = Capped(
            new Ceiling("d", "customer", 900m), new("c", "contract", 800m), new("b", "line", 700m, Of: "1"),
            new("a", "role", 600m, Of: "lead")).Worked(Minutes("1", 60, role: "lead")) with
        {
            Elsewhere = Euros(500m),
        };
        engagement.Propose().Ceilings.Select(c => (c.Order, c.Ceiling.Id, c.Of, c.Billed, c.Committed)).ShouldBe(
        [
            (1, "a", "lead", 0m, 120m), (2, "b", "1", 0m, 0m), (3, "c", null, 0m, 120m), (4, "d", null, 500m, 620m),
        ]);
    }

    [Fact]
    public void A_ceiling_of_a_role_limits_that_role_alone()
    {
        var proposal = Capped(new Ceiling("cap", "role", 60m, Of: "lead"))
            .Worked(Minutes("1", 60, role: "lead"), Minutes("2", 60, role: "staff")).Propose();
        proposal.LeftOut.ShouldHaveSingleItem().Id.ShouldBe("time/psa:1");
        proposal.Documents[0].Draft.Totals!.Net.ShouldBe(180m);
    }

    [Fact]
    public void A_ceiling_of_hours_counts_hours_whatever_unit_they_were_recorded_in()
    {
        var proposal = Capped(new Ceiling("cap", "contract", Qty: new(1.5m, Unit.Hour)))
            .Worked(Minutes("1", 60), Minutes("2", 0, change: e => e with { Quantity = new(1m, Unit.Hour) })).Propose();
        (proposal.Documents[0].Draft.Totals!.Net, proposal.LeftOut[0].Quantity)
            .ShouldBe((180m, new Quantity(0.50m, Unit.Hour)));
        proposal.LeftOut[0].Detail.ShouldBe("ceiling cap of 1.5 h is used up");
    }

    [Fact]
    public void Work_fits_under_the_ceiling_of_its_day_and_under_that_of_the_day_billed_through()
    {
        var engagement = Changed(100m, 300m)
            .Worked(Minutes("1", 60), Minutes("2", 60, day: 11));
        var raised = engagement.Propose();
        (raised.Documents[0].Draft.Totals!.Net, raised.LeftOut[0].Id, raised.LeftOut[0].Detail)
            .ShouldBe((220m, "time/psa:1", "ceiling cap of 100 is used up"));
        (raised.Ceilings[0].Limit, raised.Ceilings[0].Position).ShouldBe((300m, 7));

        var lowered = Changed(300m, 100m)
            .Worked(Minutes("1", 60), Minutes("2", 60, day: 11)).Propose();
        lowered.Documents[0].Draft.Totals!.Net.ShouldBe(100m, "what is issued now is never over what is agreed now");
    }

    [Fact]
    public void An_earlier_ceiling_is_charged_with_what_is_of_its_time_and_never_lets_through_more_than_there_is_now()
    {
        Let(100m, 200m, late: 15).ShouldBe(30m);
        Let(100m, 200m, late: 30).ShouldBe(40m, "60 of its time are billed");
        Let(100m, 170m, late: 30).ShouldBe(10m, "160 are billed in all");
        Let(60m, 200m, late: 30).ShouldBe(0m);

        decimal Let(decimal first, decimal then, int late)
        {
            var engagement = Changed(first, then).Worked(
                Minutes("1", 30, day: 8), Minutes("2", 50, day: 12), Minutes("3", late, day: 9)) with
            {
                Billed =
                [
                    new("time/psa:1", "invoice 1", false, null, null, null, Euros(60m)),
                    new("time/psa:2", "invoice 1", false, null, null, null, Euros(100m)),
                ],
                Documents = [new(Eur, 160m)],
            };
            return engagement.Propose().Documents.Sum(d => d.Draft.Totals!.Net ?? 0m);
        }
    }

    [Fact]
    public void A_fee_that_does_not_fit_is_left_out_whole()
    {
        var engagement = Capped(new Ceiling("cap", "contract", 100m)).With(c => c with
        {
            Schedule = [new("big", Begin, 101m, ReleasedOn: Begin), new("fits", Begin, 99m, ReleasedOn: Begin)],
        });
        engagement.WhyNot("#big").ShouldBe(LeftOutReason.Ceiling);
        engagement.Document().Draft.Totals!.Net.ShouldBe(99m);
    }

    /// <summary>Another ceiling from 11 March on.</summary>
    private static Engagement Changed(decimal first, decimal then) => TimeAndMaterials.With(c => c with
    {
        CeilingTerms =
        [
            new(6, new("cap", "contract", first), Of: "cap"),
            new(7, new("cap", "contract", then), new(2026, 3, 11), "cap"),
        ],
        Ceilings = [new("cap", "contract", then)],
    });

    private static Engagement Capped(params Ceiling[] ceilings) =>
        TimeAndMaterials.With(c => c with { Ceilings = [.. ceilings] });
}
