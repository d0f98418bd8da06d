using System.Text;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Domain.Tests;

public sealed class EnvelopeReaderTests
{
    private const string Time = """
        {"id":"e1","source":"psa","type":"time_entry_recorded","subject":"time/1042","time":"2026-03-14T22:30:00-08:00",
         "data":{"resource":{"kind":"resource","id":"R1"},"workedOn":"2026-03-14",
                 "quantity":{"value":"+90.0","unit":"MIN"},"billRate":{"amount":"140.00","currency":"USD","per":"HUR"}}}
        """;

    [Fact]
    public void Reads_an_event_and_writes_its_decimals_in_one_form()
    {
        var read = Read(Time).ShouldBeOfType<Understood>();
        read.Envelope.Stream.ShouldBe("time/psa:1042");
        read.Envelope.CountsFrom.ShouldBe(new LocalDate(2026, 3, 14), "a date never shifts into another zone");
        read.Body.ShouldBe(new TimeEntryRecorded(
            new Ref("resource", Id: "R1"), new LocalDate(2026, 3, 14), new Quantity(90m, Unit.Minute),
            BillRate: new Rate(140m, Currency.Of("USD"), Unit.Hour)));
        Encoding.UTF8.GetString(read.Data).ShouldContain("\"value\":\"90\"");
    }

    [Theory]
    [InlineData("\"value\":\"+90.0\"", "\"value\":90", "/data/quantity/value", "invalid")]
    [InlineData("\"workedOn\":\"2026-03-14\",", "", "/data", "required")]
    [InlineData("\"workedOn\":\"2026-03-14\"", "\"workedOn\":\"14.3.2026\"", "/data/workedOn", "invalid")]
    [InlineData("\"workedOn\":", "\"wrokedOn\":1,\"workedOn\":", "/data/wrokedOn", "unknown_field")]
    [InlineData("\"currency\":\"USD\"", "\"currency\":\"US\"", "/data/billRate/currency", "invalid")]
    [InlineData("\"id\":\"R1\"", "\"id\":\"R1\",\"number\":\"7\"", "/data/resource", "invalid")]
    [InlineData("time/1042", "invoice/1042", "/subject", "kind_mismatch")]
    public void Names_the_place_of_what_the_schema_refuses(string part, string instead, string pointer, string code)
    {
        var invalid = Read(Time.Replace(part, instead, StringComparison.Ordinal)).ShouldBeOfType<Invalid>();
        invalid.Problems.ShouldHaveSingleItem();
        (invalid.Problems[0].Pointer, invalid.Problems[0].Code).ShouldBe((pointer, code), invalid.Problems[0].Message);
    }

    [Fact]
    public void Names_every_member_of_an_envelope_that_is_missing_or_wrong()
    {
        var malformed = Read("""{"source":"PSA 1","type":"time_stated","time":"yesterday","colour":"red"}""")
            .ShouldBeOfType<Malformed>();
        malformed.Problems.Select(p => p.Pointer + " " + p.Code).Order().ShouldBe(
        [
            "/colour unknown_member", "/data required", "/id required", "/source invalid_name", "/subject required",
            "/time invalid_time",
        ]);
    }

    [Theory]
    [InlineData("""{"id":"1","id":"2"}""")]
    [InlineData("""{"id":"1" """)]
    [InlineData("")]
    [InlineData("""[1]""")]
    public void Refuses_what_is_no_document_or_says_a_thing_twice(string text) =>
        Read(text).ShouldBeOfType<Malformed>();

    [Fact]
    public void Refuses_nesting_deeper_than_anyone_needs() =>
        Read(Time.Replace("\"R1\"", new string('[', 100) + new string(']', 100), StringComparison.Ordinal))
            .ShouldBeOfType<Malformed>();

    [Theory]
    [InlineData("0001-01-01T00:00:00Z", true)]
    [InlineData("0001-01-01T00:00:00-18:00", true)]
    [InlineData("0001-01-01T00:00:00+18:00", false)]
    [InlineData("0000-12-31T23:59:59Z", false)]
    [InlineData("-9998-01-01T00:00:00+18:00", false)]
    [InlineData("9999-12-31T23:59:59+18:00", true)]
    [InlineData("9999-12-31T23:59:59-18:00", false)]
    public void Takes_the_times_that_read_back_in_utc(string time, bool taken)
    {
        var read = Read(Time.Replace("2026-03-14T22:30:00-08:00", time, StringComparison.Ordinal));
        if (!taken)
        {
            read.ShouldBeOfType<Malformed>().Problems.ShouldHaveSingleItem().Pointer.ShouldBe("/time");
            return;
        }

        var stored = LedgerJson.WriteInstant(read.ShouldBeOfType<Understood>().Envelope.Time);
        LedgerJson.TryInstant(stored, out var again).ShouldBeTrue();
        again.ShouldBe(((Understood)read).Envelope.Time);
    }

    [Fact]
    public void Keeps_an_unknown_type_as_it_came() =>
        Read(Time.Replace("time_entry_recorded", "time_entry_teleported", StringComparison.Ordinal))
            .ShouldBeOfType<UnknownType>();

    [Fact]
    public void A_snapshot_tells_unsaid_from_empty()
    {
        var text = """
            {"id":"e1","source":"psa","type":"time_stated","subject":"time/1","time":"2026-03-14T00:00:00Z",
             "data":{"task":null}}
            """;
        var stated = Read(text).ShouldBeOfType<Understood>();
        var body = stated.Body.ShouldBeOfType<TimeStated>();
        (body.Task.IsSaid, body.Task.Value, body.Note.IsSaid).ShouldBe((true, null, false));
        Encoding.UTF8.GetString(stated.Data).ShouldBe("""{"task":null}""");
    }

    [Fact]
    public void An_event_made_here_is_the_reading_of_one_that_was_posted()
    {
        var read = Read(Time).ShouldBeOfType<Understood>();
        var made = Understood.Of(read.Envelope, read.Body);
        (made.Envelope, made.Definition, made.Body).ShouldBe((read.Envelope, read.Definition, read.Body));
        made.Data.ShouldBe(read.Data);
        Should.Throw<ArgumentException>(() => Understood.Of(read.Envelope with { Type = "time_stated" }, read.Body));
        Should.Throw<ArgumentException>(() => Understood.Of(read.Envelope with { Kind = "invoice" }, read.Body));
    }

    [Fact]
    public void Names_every_place_of_a_body_that_the_schema_refuses()
    {
        var invalid = Read("""
            {"id":"e1","source":"billing","type":"invoice_issued","subject":"invoice/7","time":"2026-03-14T00:00:00Z",
             "data":{"issuedOn":"14 March","currency":"US","colour":"red","lines":[
               {"line":"1","kind":"time","net":1},
               {"kind":"time"},
               {"line":"3","bills":[{"ref":{"kind":"time","id":"1"}},{"ref":{"kind":7}}],"net":"2"},
               {"line":"4","net":"2","tax":{"rate":"x"}}],
              "totals":{"net":"abc","gross":[]}}}
            """).ShouldBeOfType<Invalid>();
        invalid.Problems.Select(p => p.Pointer + " " + p.Code).ShouldBe(
        [
            "/data/issuedOn invalid", "/data/currency invalid", "/data/colour unknown_field",
            "/data/lines/0/net invalid", "/data/lines/1 required", "/data/lines/2/bills/1/ref/kind wrong_type",
            "/data/lines/3/tax/rate invalid", "/data/totals/net invalid", "/data/totals/gross invalid",
        ]);
    }

    [Fact]
    public void Says_of_a_body_what_is_missing_beside_what_is_wrong_but_never_what_only_was_wrong()
    {
        var invalid = Read(Time.Replace("\"workedOn\":\"2026-03-14\",", "", StringComparison.Ordinal)
            .Replace("\"value\":\"+90.0\"", "\"value\":90", StringComparison.Ordinal)).ShouldBeOfType<Invalid>();
        invalid.Problems.Select(p => $"{p.Pointer} {p.Code}: {p.Message}").ShouldBe(
        [
            "/data/quantity/value invalid: expected a decimal as a string, such as \"8.5\": at most 14 digits and 10 "
                + "after the point",
            "/data required: missing: workedOn",
        ]);
    }

    private static Reading Read(string text) => EnvelopeReader.Read(Encoding.UTF8.GetBytes(text));
}
