using NodaTime;
using static Ledger.Domain.Tests.Rating.Engaged;

namespace Ledger.Domain.Tests.Rating;

public sealed class ReRatingTests
{
    [Fact]
    public void An_untouched_invoice_of_any_engagement_is_worked_out_to_the_cent()
    {
        var random = new Random(1711);
        var rated = 0;
        for (var trial = 0; trial < 400; trial++)
        {
            var engagement = AnyEngagement.Draw(random);
            foreach (var document in engagement.Propose().Documents)
            {
                var again = ReRating.Of(Issued(engagement, document))!;
                again.Parts.ShouldBeEmpty($"trial {trial}");
                again.IsEqual.ShouldBeTrue();
                again.Stated.Amount.ShouldBe(document.Draft.Totals!.Gross!.Value);
                rated++;
            }
        }

        rated.ShouldBeGreaterThan(200);
    }

    [Fact]
    public void Any_change_behind_an_invoice_is_taken_apart_and_the_parts_sum_to_the_difference()
    {
        var random = new Random(1712);
        for (var trial = 0; trial < 400; trial++)
        {
            var engagement = AnyEngagement.Draw(random);
            foreach (var document in engagement.Propose().Documents)
            {
                var issued = Issued(engagement, document);
                var changed = issued with
                {
                    Items = issued.Items.Select(i => random.Next(5) switch
                    {
                        0 when i.Recorded is { } q => i with { Recorded = q with { Value = q.Value + 7m } },
                        1 when i.Agreed is { } r => i with { Agreed = r with { Amount = r.Amount + 3.33m } },
                        2 when i.Worth is { } w => i with { Worth = w - 1.11m },
                        3 => i with { IsKnown = false },
                        4 => i with { WrittenDown = i.WrittenDown + 2m },
                        _ => i,
                    }).ToItems(),
                    Agreed = random.Next(3) == 0 ? null : issued.Agreed,
                };
                var again = ReRating.Of(changed)!;
                again.Parts.Sum(p => p.Amount.Amount).ShouldBe(again.Difference.Amount, $"trial {trial}");
                again.Parts.ShouldAllBe(p => p.Amount.Amount != 0m);
            }
        }
    }

    [Fact]
    public void Hours_corrected_after_billing_are_hours_times_rate_and_name_the_correction()
    {
        var part = Only(One(i => i with { Recorded = new(45, Unit.Minute), QuantityEvent = 88 }));
        (part.Cause, part.Amount, part.Events, part.Items)
            .ShouldBe((DifferenceCause.Quantity, Euros(30m), [88], ["time/psa:1"]));
    }

    [Fact]
    public void Another_price_than_agreed_is_hours_times_the_difference_and_names_the_price()
    {
        var part = Only(One(i => i with { Agreed = PerHour(130m), PriceEvent = 99 }));
        (part.Cause, part.Amount, part.Events).ShouldBe((DifferenceCause.Rate, Euros(-10m), [99]));
    }

    [Fact]
    public void Both_at_once_sum_exactly()
    {
        var again = One(i => i with { Agreed = PerHour(130m), Recorded = new(45, Unit.Minute) });
        again.Parts.Select(p => (p.Cause, p.Amount.Amount))
            .ShouldBe([(DifferenceCause.Quantity, 32.50m), (DifferenceCause.Rate, -10m)]);
        again.Recomputed.ShouldBe(Euros(97.50m));
    }

    [Fact]
    public void A_price_in_another_currency_is_held_to_the_published_rate()
    {
        var usd = Currency.Of("USD");
        var issued = Billing(Minutes("1", 60));
        var foreign = issued with
        {
            Invoice = issued.Invoice with { Fx = new(150m, usd, 1.25m) },
            Items = [issued.Items[0] with { Agreed = new(150m, usd, Unit.Hour) }],
            Published = [new(usd, 0.75m, "ECB published 0.75 EUR for 1 USD", [57])],
        };
        var again = ReRating.Of(foreign)!;
        var part = Only(again);
        (part.Cause, part.Amount, part.Events.Single()).ShouldBe((DifferenceCause.Exchange, Euros(7.50m), 57));
        again.Exchange.ShouldBe(foreign.Published);
    }

    [Fact]
    public void Where_no_term_states_the_rounding_says_which_reproduces_the_invoice()
    {
        var engagement = At140().Rounded(RoundingScope.Entry).Worked(Minutes("1", 7), Minutes("2", 7), Minutes("3", 7));
        var again = ReRating.Of(Issued(engagement, engagement.Document()) with { Agreed = null })!;
        (again.IsEqual, again.IsRuleAgreed, again.Rule.Scope).ShouldBe((true, false, RoundingScope.Entry));
        again.Reproducing.ShouldAllBe(r => r.Scope == RoundingScope.Entry);
    }

    [Fact]
    public void A_residue_that_another_rule_reproduces_is_rounding()
    {
        var engagement = At140().Rounded(RoundingScope.Entry).Worked(Minutes("1", 7), Minutes("2", 7), Minutes("3", 7));
        var issued = Issued(engagement, engagement.Document());
        var part = Only(ReRating.Of(issued with { Agreed = InvoiceProposal.RoundingAssumed })!);
        (part.Cause, part.Amount).ShouldBe((DifferenceCause.Rounding, Euros(-0.01m)));
        part.Sentence.ShouldBe(
            "it is rounded per entry, half away from zero; the contract rounds per invoice, half away from zero");
    }

    [Fact]
    public void Money_that_nothing_stands_behind_is_unexplained_to_the_cent()
    {
        var issued = Billing(Minutes("1", 60));
        var invoice = issued.Invoice with
        {
            Lines = issued.Invoice.Lines.Plus(new InvoiceLine("x", Net: 950m, Description: "Project office")),
            Totals = new(1_070m),
        };
        Only(ReRating.Of(issued with { Invoice = invoice })!)
            .ShouldSatisfyAllConditions(p => p.Cause.ShouldBe(DifferenceCause.Unexplained),
                p => p.Amount.ShouldBe(Euros(950m)), p => p.Sentence.ShouldContain("nothing stands behind"));
        Only(One(i => i with { IsKnown = false })).Items.ShouldBe(["time/psa:1"]);
    }

    [Fact]
    public void Tax_follows_what_should_have_been_asked_for()
    {
        var engagement = TimeAndMaterials.Terms(new(Tax: new("S", 20m))).Worked(Minutes("1", 60));
        var issued = Issued(engagement, engagement.Document());
        var again = ReRating.Of(issued with { Items = [issued.Items[0] with { Agreed = PerHour(100m) }] })!;
        (again.Stated, again.Recomputed).ShouldBe((Euros(144m), Euros(120m)));
        again.Parts.Select(p => (p.Cause, p.Amount.Amount))
            .ShouldBe([(DifferenceCause.Rate, 20m), (DifferenceCause.Tax, 4m)]);
        var wrong = issued.Invoice with { Totals = issued.Invoice.Totals! with { Tax = 23m, Gross = 143m } };
        var part = Only(ReRating.Of(issued with { Invoice = wrong })!);
        (part.Cause, part.Amount).ShouldBe((DifferenceCause.Tax, Euros(-1m)));
    }

    [Fact]
    public void Work_that_no_card_prices_is_named_and_its_own_price_taken()
    {
        var again = One(i => i with { Agreed = null });
        (again.IsEqual, again.Unpriced).ShouldBe((true, ["time/psa:1"]));
    }

    private static Engagement At140() => TimeAndMaterials with
    {
        Cards = [CardOf(new CardRate("any", RateUse.Bill, new(), PerHour(140m), Begin))],
    };

    private static ReRating One(Func<IssuedItem, IssuedItem> change)
    {
        var issued = Billing(Minutes("1", 60));
        return ReRating.Of(issued with { Items = issued.Items.Select(change).ToItems() })!;
    }

    private static DifferencePart Only(ReRating again)
    {
        var part = again.Parts.ShouldHaveSingleItem();
        part.Amount.ShouldBe(again.Difference);
        return part;
    }

    private static IssuedDocument Billing(params WorkedTime[] time)
    {
        var engagement = TimeAndMaterials.Worked(time);
        return Issued(engagement, engagement.Document());
    }

    /// <summary>A proposed document as issued, with what stands behind it unchanged.</summary>
    private static IssuedDocument Issued(Engagement engagement, ProposedDocument document)
    {
        var invoice = Invoice.Evolve(
            null, document.Issued(Through, "1"), new(default, Through, null, 1))!;
        var items = from sources in document.Sources
                    from source in sources.Sources
                    let work = engagement.Time.FirstOrDefault(t => t.Id == source.Id)
                    select new IssuedItem(
                        source.Id, sources.Line, source.Ref, source.On, work is null ? null : source.Quantity,
                        work is null ? null : source.Price, work is null ? null : source.Quantity,
                        work is null ? null : source.Price)
                    {
                        Person = work?.Person, Task = work?.Entry.Task, TaxCategory = engagement.Terms.Tax?.Category,
                        WrittenDown = work?.Entry.WriteDowns.Where(w => w.Amount is not null).Sum(w => w.Amount!.Value)
                            ?? 0m,
                        Asked = work is null ? source.Share.Amount : null,
                        Worth = work is null ? source.Share.Amount : null,
                    };
        return new(
            "invoice/billing:1", invoice, document.Draft.Currency!.Value, items.ToItems(), engagement.Contract.Rounding);
    }
}
