using System.Text.Json;

namespace Ledger.Domain.Tests;

/// <summary>The small shapes that states read in one pass, beside the framework's reading of the same.</summary>
public sealed class ShapesTests
{
    [Theory]
    [InlineData(typeof(Quantity), """{"value":"8.5","unit":"HUR"}""")]
    [InlineData(typeof(Quantity), """{"unit":"MIN","value":"-0"}""")]
    [InlineData(typeof(Quantity), "null")]
    [InlineData(typeof(Rate), """{"amount":"120.25","currency":"USD","per":"HUR"}""")]
    [InlineData(typeof(Approval), """{"status":"rejected"}""")]
    [InlineData(typeof(Approval), """
        {"status":"approved","by":"Zoë","at":"2026-03-14T09:30:00.25Z","quantity":{"value":"2","unit":"C62"},"reason":"a\"b"}
        """)]
    [InlineData(typeof(Approval), """{"status":"open","by":null,"at":null,"quantity":null,"reason":null}""")]
    [InlineData(typeof(Billed), """{"ref":{"kind":"time","source":"psa","id":"7"}}""")]
    [InlineData(typeof(Billed), """
        {"ref":{"kind":"time","number":"7","line":"T1"},"quantity":{"value":"1","unit":"HUR"},"amount":"80.10"}
        """)]
    [InlineData(typeof(Billed), """{"ref":{"kind":"time","id":"7"},"quantity":null,"amount":null}""")]
    [InlineData(typeof(Items<Quantity>), "[]")]
    [InlineData(typeof(Items<Quantity>), """[ { "value" : "1" , "unit" : "HUR" } ]""")]
    public void Within_a_state_they_read_and_write_as_they_were_stated(Type type, string json)
    {
        var stated = JsonSerializer.Deserialize(json, type, LedgerJson.Options);

        JsonSerializer.Deserialize(json, type, LedgerJson.States).ShouldBe(stated);
        JsonSerializer.Serialize(stated, type, LedgerJson.States)
            .ShouldBe(JsonSerializer.Serialize(stated, type, LedgerJson.Options));
    }

    [Theory]
    [InlineData(typeof(Quantity), """{"value":"8.5"}""")]
    [InlineData(typeof(Quantity), """{"unit":"HUR"}""")]
    [InlineData(typeof(Quantity), """{"value":8.5,"unit":"HUR"}""")]
    [InlineData(typeof(Quantity), """{"value":"8.5","unit":"hours"}""")]
    [InlineData(typeof(Quantity), """{"value":"8.5","unit":null}""")]
    [InlineData(typeof(Quantity), """{"value":"8.5","unit":7}""")]
    [InlineData(typeof(Quantity), """{"value":"8.5","unit":"HUR","of":"x"}""")]
    [InlineData(typeof(Quantity), """["8.5","HUR"]""")]
    [InlineData(typeof(Quantity), "\"8.5\"")]
    [InlineData(typeof(Rate), """{"amount":"120","currency":"USD"}""")]
    [InlineData(typeof(Rate), """{"amount":"120","per":"HUR"}""")]
    [InlineData(typeof(Rate), """{"currency":"USD","per":"HUR"}""")]
    [InlineData(typeof(Rate), """{"amount":"120","currency":"XYZ","per":"HUR"}""")]
    [InlineData(typeof(Rate), """{"amount":null,"currency":"USD","per":"HUR"}""")]
    [InlineData(typeof(Approval), """{"by":"Bea"}""")]
    [InlineData(typeof(Approval), """{"status":"perhaps"}""")]
    [InlineData(typeof(Approval), """{"status":2}""")]
    [InlineData(typeof(Approval), """{"status":"open","by":7}""")]
    [InlineData(typeof(Approval), """{"status":"open","at":"yesterday"}""")]
    [InlineData(typeof(Approval), """{"status":"open","colour":"red"}""")]
    [InlineData(typeof(Billed), "{}")]
    [InlineData(typeof(Billed), """{"ref":null}""")]
    [InlineData(typeof(Billed), """{"ref":{"kind":"time","id":"7"},"amount":7}""")]
    [InlineData(typeof(Billed), """{"ref":{"kind":"time","id":"7"},"line":"1"}""")]
    [InlineData(typeof(Items<Quantity>), "{}")]
    [InlineData(typeof(Items<Quantity>), "[null]")]
    public void Within_a_state_they_are_read_as_strictly(Type type, string json)
    {
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize(json, type, LedgerJson.Options));
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize(json, type, LedgerJson.States));
    }
}
