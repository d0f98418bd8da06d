using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ledger.Testing;

namespace Ledger.Store.Tests;

public sealed class CanonicalJsonTests
{
    [RealFact("vectors_jcs_rfc8785")]
    public void Agrees_with_the_published_vectors()
    {
        var folder = RealData.Path("vectors_jcs_rfc8785")!;
        foreach (var name in new[] { "arrays", "french", "structures", "unicode", "values", "weird" })
        {
            var input = File.ReadAllBytes(Path.Combine(folder, $"input__{name}.json"));
            var hex = File.ReadAllText(Path.Combine(folder, $"outhex__{name}.txt"));

            var canonical = CanonicalJson.Of(input);

            Convert.ToHexStringLower(canonical).ShouldBe(string.Concat(hex.Where(char.IsAsciiHexDigit)), name);
            CanonicalJson.IsCanonical(canonical).ShouldBeTrue(name);
        }
    }

    [Theory]
    [InlineData(" { \"b\" : 1 , \"a\" : [ true , false , null ] } ", "{\"a\":[true,false,null],\"b\":1}")]
    [InlineData(
        "{\"b\":{\"d\":1,\"c\":{\"z\":0,\"a\":\"\"}},\"a\":2}", "{\"a\":2,\"b\":{\"c\":{\"a\":\"\",\"z\":0},\"d\":1}}")]
    [InlineData("{}", "{}")]
    [InlineData("[[],{}]", "[[],{}]")]
    [InlineData("\"\\u20ac\\/\\u000F\\n\\\"\\\\\\u0041\"", "\"€/\\u000f\\n\\\"\\\\A\"")]
    [InlineData("\"\\ud83d\\ude00\"", "\"😀\"")]
    [InlineData("{\"\\n\":1,\"\\\"\":2,\"!\":3,\"\\t\":4}", "{\"\\t\":4,\"\\n\":1,\"!\":3,\"\\\"\":2}")]
    [InlineData("{\"aa\":1,\"a\":2,\"\":3}", "{\"\":3,\"a\":2,\"aa\":1}")]
    public void Own_examples(string json, string canonical) => Canonical(json).ShouldBe(canonical);

    [Fact]
    public void Orders_names_by_utf16_where_utf8_would_not() =>
        Canonical("{\"\uE000\":1,\"\U0001F600\":2,\"\uD7FF\":3,\"\uFFFD\":4}")
            .ShouldBe("{\"\uD7FF\":3,\"\U0001F600\":2,\"\uE000\":1,\"\uFFFD\":4}");

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("-0.0e9", "0")]
    [InlineData("1.0", "1")]
    [InlineData("1e2", "100")]
    [InlineData("-12.340", "-12.34")]
    [InlineData("0.000001", "0.000001")]
    [InlineData("0.0000001", "1e-7")]
    [InlineData("123e-9", "1.23e-7")]
    [InlineData("1e20", "100000000000000000000")]
    [InlineData("1e21", "1e+21")]
    [InlineData("123456789012345678901234", "1.2345678901234569e+23")]
    [InlineData("999999999999999", "999999999999999")]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("333333333.33333329", "333333333.3333333")]
    [InlineData("5e-324", "5e-324")]
    [InlineData("1.7976931348623157e308", "1.7976931348623157e+308")]
    [InlineData("9.999999999999997e22", "9.999999999999997e+22")]
    [InlineData("0.1e1", "1")]
    [InlineData("2.98023223876953125e-8", "2.9802322387695312e-8")]
    [InlineData("5.9604644775390625e-8", "5.960464477539063e-8")]
    [InlineData("4.10453680129837624934E-289", "4.1045368012983762e-289")]
    [InlineData("4.50", "4.5")]
    public void Writes_numbers_as_ECMAScript_does(string json, string canonical) => Canonical(json).ShouldBe(canonical);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":1}{}")]
    [InlineData("[1] x")]
    [InlineData("{\"a\":1,\"a\":1}")]
    [InlineData("{\"b\":1,\"a\":2,\"b\":3}")]
    [InlineData("{\"a\":1,\"\\u0061\":2}")]
    [InlineData("{\"z\":{\"b\":1,\"a\":2,\"b\":3}}")]
    [InlineData("\"\\u0000\"")]
    [InlineData("{\"a\\u0000\":1}")]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"\\udc00\\ud800\"")]
    [InlineData("{\"\\ud83d\":1}")]
    [InlineData("1e400")]
    [InlineData("-1e999")]
    [InlineData("01")]
    [InlineData("NaN")]
    [InlineData("// x\n1")]
    [InlineData("\"a\nb\"")]
    public void Refuses(string json) => Should.Throw<MalformedJsonException>(() => Canonical(json));

    [Fact]
    public void Refuses_invalid_utf8_wherever_it_stands()
    {
        foreach (var hex in new[] { "FF", "22C322", "22EDA08022", "EFBBBF31", "7B22C3223A317D" })
            Should.Throw<MalformedJsonException>(() => CanonicalJson.Of(Convert.FromHexString(hex)));
    }

    [Fact]
    public void Takes_sixty_four_levels_and_no_more()
    {
        Canonical(new string('[', 64) + new string(']', 64)).Length.ShouldBe(128);
        Should.Throw<MalformedJsonException>(() => Canonical(new string('[', 65) + new string(']', 65)));
    }

    [Fact]
    public void Any_order_and_spacing_of_one_value_gives_one_spelling()
    {
        var random = new Random(42);
        for (var trial = 0; trial < 500; trial++)
        {
            var value = Value(random, depth: 0);
            var spelling = Canonical(Spell(value, new Random(trial)));
            Canonical(Spell(value, new Random(trial + 1_000_000))).ShouldBe(spelling);
            Canonical(spelling).ShouldBe(spelling);
            JsonNode.DeepEquals(JsonNode.Parse(spelling), JsonNode.Parse(Spell(value, random))).ShouldBeTrue();
        }
    }

    [Fact]
    public void Numbers_read_back_as_the_same_double()
    {
        var random = new Random(7);
        for (var trial = 0; trial < 20_000; trial++)
        {
            var value = trial < 2_000
                ? Math.ScaleB(1, trial - 1_000) // powers of two: the doubles with neighbours at two distances
                : BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
            if (!double.IsFinite(value))
                continue;
            var canonical = Canonical(value.ToString("E17", CultureInfo.InvariantCulture));
            double.Parse(canonical, CultureInfo.InvariantCulture).ShouldBe(value);
            canonical.Length.ShouldBeLessThanOrEqualTo(25);
        }
    }

    private static string Canonical(string json) =>
        Encoding.UTF8.GetString(CanonicalJson.Of(Encoding.UTF8.GetBytes(json)));

    private static object? Value(Random random, int depth) => random.Next(depth > 4 ? 4 : 6) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.Next(-1_000_000, 1_000_000) / 64.0,
        3 => Name(random),
        4 => Enumerable.Range(0, random.Next(5)).Select(_ => Value(random, depth + 1)).ToList(),
        _ => Enumerable.Range(0, random.Next(12)).Select(_ => Name(random)).Distinct()
            .ToDictionary(name => name, _ => Value(random, depth + 1)),
    };

    private static string Name(Random random) => string.Concat(random.GetItems(
        ["a", "b", "é", "\n", "\"", "\\", "\uE000", "\U0001F600", "Z", "\u0001", "\uFFFF", "\uD7FF"], random.Next(6)));

    private static string Spell(object? value, Random random) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        string text => JsonSerializer.Serialize(text),
        List<object?> items => "[ " + string.Join(" ,", items.Select(item => Spell(item, random))) + "]",
        Dictionary<string, object?> members => "{" + string.Join(",\n", members.OrderBy(_ => random.Next())
            .Select(member => JsonSerializer.Serialize(member.Key) + " : " + Spell(member.Value, random))) + " }",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
