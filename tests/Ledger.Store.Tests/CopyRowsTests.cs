namespace Ledger.Store.Tests;

public sealed class CopyRowsTests(StoreDatabase database) : IClassFixture<StoreDatabase>
{
    [Fact]
    public async Task Rows_arrive_as_they_were_sent()
    {
        await database.Execute(
            """
            create table copied (a text, b bigint, c int, d boolean, e date, f numeric, g jsonb, h text[], i bigint[])
            """);
        decimal[] amounts =
        [
            0m, 0.00m, 1m, -1m, 10_000m, 12_345.6789m, -0.0001m, 0.00000001m, 100m, 100.10m, 99_999_999.5m,
            decimal.MaxValue, decimal.MinValue, 0.0000000000000000000000000001m, 1.2345678901234567890123456789m,
        ];
        await using (var connection = await database.Source.OpenConnectionAsync())
        await using (var rows = await CopyRows.Begin(
            connection, "copy copied from stdin (format binary)", CancellationToken.None))
        {
            foreach (var amount in amounts)
            {
                rows.Row(9);
                rows.Text("Zoë");
                rows.Int64(long.MinValue);
                rows.Int32(-7);
                rows.Boolean(true);
                rows.Date(new(1999, 12, 31));
                rows.Decimal(amount);
                rows.Json("""{"a":[1,2]}"""u8);
                rows.Texts(["a,b", "\"c\\", ""]);
                rows.Int64s([1, -2]);
                await rows.Flush(CancellationToken.None);
            }

            rows.Row(9);
            for (var n = 0; n < 7; n++) rows.Null();
            rows.Texts([]);
            rows.Int64s([]);
            await rows.Complete(CancellationToken.None);
        }

        (await database.Rows("select f::text from copied where f is not null")).ShouldBe(
            [.. amounts.Select(a => a.ToString(System.Globalization.CultureInfo.InvariantCulture))]);
        (await database.Rows(
            "select distinct a, b, c, d, e::text, g::text, h::text, i::text from copied where a is not null")).ShouldBe(
            ["""Zoë|-9223372036854775808|-7|True|1999-12-31|{"a": [1, 2]}|{"a,b","\"c\\",""}|{1,-2}"""]);
        (await database.Rows("select h = '{}', i = '{}', a is null, f is null from copied where a is null"))
            .ShouldBe(["True|True|True|True"]);
    }
}
