namespace Ledger.Domain.Tests;

public sealed class DecimalTextTests
{
    [Theory]
    [InlineData("+0.10", "0.1")]
    [InlineData("8.850", "8.85")]
    [InlineData("1250.", "1250")]
    [InlineData(".5", "0.5")]
    [InlineData("-.5", "-0.5")]
    [InlineData("007", "7")]
    [InlineData("100", "100")]
    [InlineData("-0", "0")]
    [InlineData("-0.000", "0")]
    [InlineData("0", "0")]
    [InlineData("9999999999999999999999999999", "9999999999999999999999999999")]
    [InlineData("-0.0000000000000000000000000001", "-0.0000000000000000000000000001")]
    [InlineData("1.00000000000000000000000000000000000", "1")]
    [InlineData("12345678901234.12345678901234", "12345678901234.12345678901234")]
    public void Equal_values_have_one_form(string text, string canonical)
    {
        DecimalText.TryRead(text, out var value).ShouldBeTrue();
        DecimalText.Write(value).ShouldBe(canonical);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("-")]
    [InlineData("+-1")]
    [InlineData("--1")]
    [InlineData("1-")]
    [InlineData("1,000")]
    [InlineData("1 000")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1e5")]
    [InlineData("1E-5")]
    [InlineData("0x10")]
    [InlineData("1.2.3")]
    [InlineData("(1)")]
    [InlineData("$1")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("1\0")]
    [InlineData("\u0661")]
    [InlineData("12345678901234567890123456789")]
    [InlineData("0.12345678901234567890123456789")]
    [InlineData("0.00000000000000000000000000001")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000001")]
    public void What_is_no_plain_decimal_or_not_exact_is_refused_never_rounded(string text) =>
        DecimalText.TryRead(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("99999999999999.9999999999", true)]
    [InlineData("-00099999999999999", true)]
    [InlineData("100000000000000", false)]
    [InlineData("0.12345678901", false)]
    [InlineData("0.12345678900000", true)]
    public void A_source_states_no_figure_that_sums_and_products_could_not_hold(string text, bool taken) =>
        DecimalText.TryReadStated(text, out _).ShouldBe(taken);

    [Fact]
    public void Whatever_is_written_reads_back_as_the_same_value()
    {
        var random = new Random(28);
        for (var trial = 0; trial < 10_000; trial++)
        {
            var value = new decimal(
                random.Next(), random.Next(), random.Next(1 << 26), random.Next(2) == 0, (byte)random.Next(29));
            DecimalText.TryRead(DecimalText.Write(value), out var read).ShouldBeTrue();
            read.ShouldBe(value);
            DecimalText.Write(read).ShouldBe(DecimalText.Write(value));
        }
    }
}
