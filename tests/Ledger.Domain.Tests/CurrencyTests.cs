using System.Globalization;
using System.Xml.Linq;
using Ledger.Testing;

namespace Ledger.Domain.Tests;

public sealed class CurrencyTests
{
    [RealFact("iso4217")]
    public void Every_current_currency_has_the_minor_unit_of_the_list()
    {
        var wrong =
            from entry in Entries("table_a1.xml", "CcyNtry")
            let digits = int.TryParse(entry.Minor, NumberStyles.None, CultureInfo.InvariantCulture, out var d) ? d : 0
            where !Currency.TryOf(entry.Code, out var ours) || ours.MinorDigits != digits
            select $"{entry.Code} has {entry.Minor}";
        wrong.ShouldBeEmpty();
    }

    [RealFact("iso4217")]
    public void Every_withdrawn_currency_is_still_read() =>
        Entries("table_a2.xml", "HstrcCcyNtry").Where(e => !Currency.TryOf(e.Code, out _)).Select(e => e.Code)
            .ShouldBeEmpty();

    [Theory]
    [InlineData("JPY", 0)]
    [InlineData("USD", 2)]
    [InlineData("KWD", 3)]
    [InlineData("CLF", 4)]
    [InlineData("XXX", 0)]
    public void Knows_the_digits_of_its_minor_unit(string code, int digits) =>
        Currency.Of(code).MinorDigits.ShouldBe(digits);

    [Theory]
    [InlineData("usd")]
    [InlineData("US")]
    [InlineData("USDX")]
    [InlineData("ABC")]
    [InlineData("")]
    [InlineData(null)]
    public void Refuses_what_is_not_on_the_list(string? code)
    {
        Currency.TryOf(code, out var none).ShouldBeFalse();
        none.Code.ShouldBe("XXX");
        if (code is not null) Should.Throw<ArgumentException>(() => Currency.Of(code));
    }

    private static IEnumerable<(string Code, string? Minor)> Entries(string file, string element) =>
        XDocument.Load(Path.Combine(RealData.Path("iso4217")!, file)).Descendants(element)
            .Where(e => e.Element("Ccy") is not null)
            .Select(e => (e.Element("Ccy")!.Value, e.Element("CcyMnrUnts")?.Value)).Distinct();
}
