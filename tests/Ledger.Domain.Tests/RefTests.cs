using System.Text;
using System.Text.Json;
using NodaTime;

namespace Ledger.Domain.Tests;

public sealed class RefTests
{
    [Theory]
    [InlineData("time/psa:1042", "time", "psa", "1042")]
    [InlineData("invoice/erp-uk:a:b/c#d", "invoice", "erp-uk", "a:b/c#d")]
    [InlineData("rate_card/clm:/", "rate_card", "clm", "/")]
    [InlineData("client/crm::", "client", "crm", ":")]
    [InlineData("posting/erp:J 7 ü€", "posting", "erp", "J 7 ü€")]
    public void A_stream_s_name_comes_apart_as_it_was_put_together(string stream, string kind, string source, string id)
    {
        StreamName.TryParse(stream, out var k, out var s, out var i).ShouldBeTrue();
        (k, s, i).ShouldBe((kind, source, id));
        StreamName.Of(kind, source, id).ShouldBe(stream);
        (StreamName.KindOf(stream), StreamName.SourceOf(stream), StreamName.IdOf(stream)).ShouldBe((kind, source, id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("time")]
    [InlineData("time/")]
    [InlineData("time/psa")]
    [InlineData("time/psa:")]
    [InlineData("time/:1")]
    [InlineData("/psa:1")]
    [InlineData("psa:time/1")]
    [InlineData("time/a/b:1")]
    [InlineData("time/PSA:1")]
    [InlineData("Time/psa:1")]
    [InlineData("time/p s a:1")]
    public void What_is_no_stream_s_name_is_refused(string text) =>
        StreamName.TryParse(text, out _, out _, out _).ShouldBeFalse();

    [Fact]
    public void Points_at_the_source_that_states_it_unless_it_names_another()
    {
        new Ref("time", Id: "1").Stream("psa").ShouldBe("time/psa:1");
        new Ref("time", "erp", "1").Stream("psa").ShouldBe("time/erp:1");
        new Ref("invoice", Number: "2026-7", Date: new LocalDate(2026, 3, 1)).Stream("psa").ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"kind":"time","id":"1"}""", true)]
    [InlineData("""{"kind":"invoice","number":"7","date":"2026-03-01","entity":"UK"}""", true)]
    [InlineData("""{"kind":"invoice","id":"7","line":"1"}""", true)]
    [InlineData("""{"kind":"time"}""", false)]
    [InlineData("""{"kind":"time","id":"1","number":"1"}""", false)]
    [InlineData("""{"id":"1"}""", false)]
    [InlineData("""{"kind":"time","id":"1","ID":"1"}""", false)]
    [InlineData("""{"kind":"time","id":1}""", false)]
    [InlineData("""{"kind":null,"id":"1"}""", false)]
    public void Names_what_it_points_at_in_one_way(string json, bool isOne)
    {
        if (!isOne)
        {
            Should.Throw<JsonException>(() => JsonSerializer.Deserialize<Ref>(json, LedgerJson.Options));
            return;
        }

        var read = JsonSerializer.Deserialize<Ref>(json, LedgerJson.Options);
        Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(read, LedgerJson.Options)).ShouldBe(json);
    }

    [Theory]
    [InlineData("""{"kind":"time","id":"a\"b"}""")]
    [InlineData("""{"kind":"client","source":"crm","id":"Zoë","line":"T1"}""")]
    [InlineData("""{"kind":"invoice","number":"7","date":"2026-03-14","entity":"uk"}""")]
    public void Within_a_state_it_reads_and_writes_as_it_was_stated(string json)
    {
        var stated = JsonSerializer.Deserialize<Ref>(json, LedgerJson.Options);

        JsonSerializer.Deserialize<Ref>(json, LedgerJson.States).ShouldBe(stated);
        JsonSerializer.Serialize(stated, LedgerJson.States)
            .ShouldBe(JsonSerializer.Serialize(stated, LedgerJson.Options));
    }

    [Theory]
    [InlineData("""{"kind":"time"}""")]
    [InlineData("""{"id":"7"}""")]
    [InlineData("""{"kind":"time","id":"7","number":"7"}""")]
    [InlineData("""{"kind":"time","id":"7","colour":"red"}""")]
    [InlineData("""["time","7"]""")]
    public void Within_a_state_it_is_read_as_strictly(string json)
    {
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<Ref>(json, LedgerJson.Options));
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<Ref>(json, LedgerJson.States));
    }
}
