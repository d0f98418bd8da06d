using System.Text;

namespace Ledger.Domain.Tests;

public sealed class SkimTests
{
    [Fact]
    public void Takes_from_an_envelope_what_tells_it_from_others()
    {
        EnvelopeReader.TrySkim(Document("""{"quantity":{"value":"8.5","unit":"HUR"} }"""), out var skimmed)
            .ShouldBeTrue();
        Text(skimmed.Source).ShouldBe("psa");
        Text(skimmed.Id).ShouldBe("e-1");
        Text(skimmed.Type).ShouldBe("time_entry_corrected");
        Text(skimmed.Subject).ShouldBe("time/10:4/2");
        Text(skimmed.Time).ShouldBe("2026-03-14T09:30:00.25Z");
        Text(skimmed.EffectiveOn).ShouldBe("2026-03-13");
        Text(skimmed.Actor).ShouldBe("Zoë");
        skimmed.Sequence.ShouldBe(7);
        Text(skimmed.Data).ShouldBe("""{"quantity":{"value":"8.5","unit":"HUR"} }""");
        skimmed.Stream().ShouldBe(StreamName.Of("time", "psa", "10:4/2"));
    }

    [Theory]
    [InlineData("\"8.5\"")]
    [InlineData("\"0\"")]
    [InlineData("\"-0.5\"")]
    [InlineData("\"2026-03-14\"")]
    [InlineData("\"2026-03-14T09:30:00Z\"")]
    [InlineData("\"12-34\"")]
    [InlineData("\"\"")]
    [InlineData("\"-\"")]
    [InlineData("\"two\"")]
    [InlineData("[true,1,{}]")]
    public void Passes_a_value_that_reading_surely_leaves_as_it_is(string value) => Passes(value).ShouldBeTrue();

    [Theory]
    [InlineData("8.50", "8.5")]
    [InlineData("8.", "8")]
    [InlineData(".5", "0.5")]
    [InlineData("+8", "8")]
    [InlineData("08", "8")]
    [InlineData("-0.0", "0")]
    public void Puts_a_decimal_in_canonical_form_and_leaves_a_text_that_looks_like_one(string said, string canonical)
    {
        string Body(string value) => $$"""
            {"note":"{{said}}","q\u0075antity":{"value":"{{value}}","unit":"HUR"},"attachments":[{"id":"{{said}}"}],
             "ext":{"value":"{{said}}"},"task":"{{said}}","billRate":{"per":"HUR","amount":"{{value}}","currency":"USD"} }
            """;
        EnvelopeReader.TrySkim(Document(Body(said)), out var skimmed).ShouldBeTrue();
        Text(skimmed.Data).ShouldBe(Body(canonical));
    }

    [Fact]
    public void Puts_decimals_of_lists_and_snapshots_in_canonical_form()
    {
        string Body(string value) => $$"""
            {"lines":[{"line":"01","bills":[{"ref":{"kind":"time","id":"07"},"quantity":{"value":"{{value}}","unit":"HUR"} }]},
             {"line":"02","net":"{{value}}"}],"number":"030.50","totals":{"net":"{{value}}"} }
            """;
        EnvelopeReader.TrySkim(Document(Body("30.50"), type: "invoice_stated"), out var skimmed).ShouldBeTrue();
        Text(skimmed.Data).ShouldBe(Body("30.5"));
    }

    [Theory]
    [InlineData("time_entry_corrected", "123456789012345.0")]
    [InlineData("time_entry_corrected", "0.12345678901")]
    [InlineData("event_of_tomorrow", "8.50")]
    public void Leaves_a_decimal_to_reading_that_may_not_be_stated_or_of_a_type_that_is_not_known(string type, string said) =>
        EnvelopeReader.TrySkim(
            Document($$"""{"quantity":{"value":"0{{said}}","unit":"HUR"} }""", type: type), out _).ShouldBeFalse();

    [Theory]
    [InlineData("\"2026-03-14T09:30:00+01:00\"")]
    [InlineData("\"2026-03-14T09:30:00.250Z\"")]
    [InlineData("\"2026-03-14T09:30:00.1234567Z\"")]
    [InlineData("null")]
    public void Leaves_a_value_to_reading_that_it_would_change(string value) => Passes(value).ShouldBeFalse();

    [Theory]
    [InlineData("2026-03-14T09:30:00.250Z")]
    [InlineData("2026-03-14T09:30:00.1234567Z")]
    [InlineData("2026-03-14T09:30:00+01:00")]
    public void Leaves_an_instant_to_reading_that_is_written_otherwise(string time) =>
        EnvelopeReader.TrySkim(Document("{}", time), out _).ShouldBeFalse();

    private static bool Passes(string value) =>
        EnvelopeReader.TrySkim(Document($$"""{"any":{{value}} }"""), out _);

    private static byte[] Document(
        string body, string time = "2026-03-14T09:30:00.25Z", string type = "time_entry_corrected") =>
        Encoding.UTF8.GetBytes($$"""
        {"source":"psa","id":"e-1","type":"{{type}}","subject":"time/10:4/2","sequence":7,"actor":"Zoë",
         "effectiveOn":"2026-03-13","traceparent":"t","time":"{{time}}","data":{{body}} }
        """);

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
