namespace Ledger.Domain.Tests;

/// <summary>Whether a document adds up, by its own word only.</summary>
public sealed class InvoiceSumsTests
{
    private static readonly Currency Euro = Currency.Of("EUR");

    private static readonly Invoice Sound = new()
    {
        Currency = Euro,
        Lines =
        [
            new("1", Quantity: new(90m, Unit.Minute), Price: new(100m, Euro, Unit.Hour), Net: 150m, Tax: new(Category: "S", Rate: 20m)),
            new(
                "2", Quantity: new(3m, Unit.Piece), Price: new(33.333m, Euro, Unit.Piece),
                Adjustments: [new(false, 10m), new(true, 0.5m)], Net: 90.50m, Tax: new(Category: "Z", Rate: 0m)),
        ],
        Adjustments = [new(false, 20m, TaxCategory: "S"), new(true, 5m, TaxCategory: "S")],
        Taxes = [new(27m, "S", Rate: 20m, Base: 135m), new(0m, "Z", Rate: 0m, Base: 90.50m)],
        Totals = new(
            Net: 225.50m, Tax: 27m, Gross: 252.50m, Prepaid: 52.50m, Rounding: 0.10m, Payable: 200.10m, Lines: 240.50m,
            Allowances: 20m, Charges: 5m),
    };

    [Fact]
    public void A_sound_document_says_nothing_against_itself() => InvoiceSums.Differences(Sound).ShouldBeEmpty();

    [Fact]
    public void A_document_over_less_than_nothing_adds_up_as_any_other() =>
        InvoiceSums.Differences(new()
        {
            Currency = Euro,
            Lines = [new("1", Quantity: new(-2m, Unit.Piece), Price: new(10m, Euro, Unit.Piece), Net: -20m)],
            Adjustments = [new(false, -2m)],
            Totals = new(Net: -18m, Tax: -3.6m, Gross: -21.6m, Prepaid: -1.6m, Payable: -20m),
        }).ShouldBeEmpty();

    [Theory]
    [InlineData("150.01", "0", "LineNet 1 150.01 150", "Lines - 240.5 240.51", "TaxBase S 135 135.01")]
    [InlineData("150", "1", "Net - 226.5 225.5", "Gross - 252.5 253.5")]
    public void A_fault_shows_once_where_it_is(string net, string more, params string[] faults)
    {
        var faulty = Sound with
        {
            Lines = [Sound.Lines[0] with { Net = Number(net) }, Sound.Lines[1]],
            Totals = Sound.Totals! with { Net = Sound.Totals.Net + Number(more) },
        };
        Told(faulty).ShouldBe(faults);
    }

    [Fact]
    public void Each_total_is_held_against_its_own_parts()
    {
        Told(Sound with { Totals = Sound.Totals! with { Allowances = 21m } })
            .ShouldBe(["Allowances - 21 20", "Net - 225.5 224.5"]);
        Told(Sound with { Totals = Sound.Totals! with { Tax = 28m } }).ShouldBe(["Tax - 28 27", "Gross - 252.5 253.5"]);
        Told(Sound with { Totals = Sound.Totals! with { Payable = 200m } }).ShouldBe(["Payable - 200 200.1"]);
        Told(Sound with { Taxes = [Sound.Taxes[0] with { Amount = 27.50m }, Sound.Taxes[1]] })
            .ShouldBe(["CategoryTax S 20 % 27.5 27", "Tax - 27 27.5"]);
    }

    [Fact]
    public void Rounding_to_the_nearest_cent_is_no_fault_in_whichever_mode()
    {
        foreach (var net in new[] { 0.33m, 0.34m })
            InvoiceSums.Differences(new()
            {
                Currency = Euro,
                Lines = [new("1", Quantity: new(1m, Unit.Piece), Price: new(0.335m, Euro, Unit.Piece), Net: net)],
            }).ShouldBeEmpty();
    }

    [Fact]
    public void Lines_rounded_together_and_shared_are_no_fault()
    {
        InvoiceSums.Differences(Thirds(3.34m, 3.33m, 3.33m)).ShouldBeEmpty("10.00 in all, shared");
        // 10.00 is what they come to: 3.34 + 3.34 + 3.33 is a cent more.
        InvoiceSums.Differences(Thirds(3.34m, 3.34m, 3.33m)).Select(d => d.Part).ShouldBe(["1", "2"]);
        InvoiceSums.Differences(Thirds(3.35m, 3.33m, 3.32m)).Select(d => d.Part)
            .ShouldBe(["1", "3"], "the sum is right, and a line is more than a cent off");
    }

    [Fact]
    public void A_line_over_several_entries_may_be_rounded_with_each()
    {
        static Invoice Over(decimal net) => new()
        {
            Currency = Euro,
            Lines =
            [
                new("1", Quantity: new(3m, Unit.Piece), Price: new(0.335m, Euro, Unit.Piece), Net: net, Bills:
                    [.. Enumerable.Range(1, 3).Select(n => new Billed(new("time", "psa", $"{n}")))]),
            ],
        };
        InvoiceSums.Differences(Over(1.02m)).ShouldBeEmpty("3 × 0.34");
        InvoiceSums.Differences(Over(1.03m)).ShouldHaveSingleItem();
    }

    [Fact]
    public void A_tax_is_rounded_once_or_line_by_line_and_no_other_cent_is_explained()
    {
        // Three times 0.335, 1.005 in all.
        static Invoice Taxed(decimal tax) => new()
        {
            Currency = Euro,
            Lines = Enumerable.Range(1, 3).Select(n => new InvoiceLine(
                $"{n}", Net: 1.675m, Tax: new(Category: "S", Rate: 20m))).ToItems(),
            Taxes = [new(tax, "S", Rate: 20m, Base: 5.025m)],
        };
        foreach (var explained in new[] { 1.00m, 1.01m, 1.02m, 0.99m })
            Told(Taxed(explained)).ShouldBeEmpty("once, or three times up or down");
        Told(Taxed(1.03m)).ShouldBe(["CategoryTax S 20 % 1.03 1.005"]);
        Told(Taxed(0.98m)).ShouldBe(["CategoryTax S 20 % 0.98 1.005"]);
        var alone = Taxed(1.02m) with { Taxes = [new(1.02m, "S", Rate: 20m, Base: 5.02m)] };
        Told(alone).ShouldContain("CategoryTax S 20 % 1.02 1.004", "the lines are not what is taxed");
    }

    [Fact]
    public void The_taxes_of_the_lines_are_held_to_their_rates_and_to_the_total()
    {
        static Invoice Taxed(decimal first, decimal second, decimal total) => new()
        {
            Currency = Euro,
            Lines =
            [
                new("1", Net: 10.10m, Tax: new(first, Rate: 5m, Base: 10.10m)),
                new("2", Net: 10.10m, Tax: new(second, Rate: 5m, Base: 10.10m)),
            ],
            Totals = new(Net: 20.20m, Tax: total, Gross: 20.20m + total),
        };
        Told(Taxed(0.51m, 0.51m, 1.02m)).ShouldBeEmpty("line by line");
        Told(Taxed(0.51m, 0.51m, 1.01m)).ShouldBeEmpty("once");
        Told(Taxed(0.51m, 0.51m, 1.03m)).ShouldBe(["LineTaxes - 1.03 1.02"]);
        Told(Taxed(0.55m, 0.51m, 1.06m)).ShouldBe(["LineTax 1 0.55 0.505"]);
    }

    [Fact]
    public void What_is_not_stated_is_not_held_against_it()
    {
        InvoiceSums.Differences(new()).ShouldBeEmpty();
        InvoiceSums.Differences(Sound with { Totals = null, Taxes = Items<Tax>.None }).ShouldBeEmpty();
        InvoiceSums.Differences(Sound with
        {
            Lines = Sound.Lines.Select(l => l with { Basis = LineBasis.Derived, Net = 1m }).ToItems(),
        }).ShouldBeEmpty("what a rule worked out is no word of the source");
    }

    [Fact]
    public void Figures_beyond_any_money_are_not_reckoned_with() =>
        InvoiceSums.Differences(Sound with { Totals = Sound.Totals! with { Net = decimal.MaxValue } }).ShouldBeEmpty();

    /// <summary>Three lines of a third of ten each.</summary>
    private static Invoice Thirds(params decimal[] nets) => new()
    {
        Currency = Euro,
        Lines = nets.Select((net, i) => new InvoiceLine(
            $"{i + 1}", Quantity: new(20m, Unit.Minute), Price: new(10m, Euro, Unit.Hour), Net: net)).ToItems(),
    };

    private static decimal Number(string text) =>
        decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static string[] Told(Invoice i) => [.. InvoiceSums.Differences(i).Select(d =>
        $"{d.What} {d.Part ?? "-"} {DecimalText.Write(d.Stated)} {DecimalText.Write(d.Computed)}")];
}
