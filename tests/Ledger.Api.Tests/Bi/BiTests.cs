using System.Globalization;
using System.Net.Http.Headers;

namespace Ledger.Api.Tests.Bi;

public sealed class BiTests(Door door) : IClassFixture<Door>
{
    [Fact]
    public async Task The_dictionary_says_what_every_view_and_column_means()
    {
        var answer = await door.Get("/v1/bi");
        answer.Status.ShouldBe(200, answer.Body);
        var work = answer.Items.Single(v => v.GetProperty("name").GetString() == "unbilled_work");
        work.GetProperty("meaning").GetString()!.ShouldContain("value = the sum of what is left to bill");
        var hours = work.GetProperty("columns").EnumerateArray()
            .Single(c => c.GetProperty("name").GetString() == "hours");
        hours.GetProperty("type").GetString().ShouldBe("numeric");
        answer.Items.SelectMany(v => v.GetProperty("columns").EnumerateArray())
            .Where(c => c.GetProperty("meaning").GetString()!.Length == 0).ShouldBeEmpty();
    }

    [Fact]
    public async Task Rows_come_as_csv_or_as_lines_of_json_with_their_position()
    {
        var position = (await door.Post(Sample.Time(Sample.NewId(), "bi-1", minutes: "90"))).Json
            .GetProperty("position").GetInt64();
        var query = $"?at-least={position.ToString(CultureInfo.InvariantCulture)}";

        var csv = await door.Get("/v1/bi/time" + query);
        csv.Status.ShouldBe(200, csv.Body);
        csv.Media.ShouldBe("text/csv");
        csv.Headers.GetValues("Ledger-Position").Single().ShouldBe(position.ToString(CultureInfo.InvariantCulture));
        var rows = csv.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        rows[0].ShouldStartWith("time,number,client,");
        rows.Single(r => r.StartsWith("time/psa:bi-1,", StringComparison.Ordinal)).ShouldContain(",1.5000,");

        var lines = await door.Get("/v1/bi/time" + query + "&format=ndjson");
        lines.Media.ShouldBe("application/x-ndjson");
        var row = lines.Items.Single(r => r.GetProperty("time").GetString() == "time/psa:bi-1");
        row.GetProperty("hours_recorded").GetString().ShouldBe("1.5");
        row.GetProperty("reason").GetString().ShouldBe("not_approved");

        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/bi/position" + query, UriKind.Relative));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/x-ndjson"));
        using var response = await door.Client.SendAsync(request);
        (await Answer.Of(response)).Items.Single().GetProperty("position").GetInt64().ShouldBe(position);
    }

    [Fact]
    public async Task What_is_no_view_of_the_schema_is_not_found_and_what_is_no_format_is_refused()
    {
        (await door.Get("/v1/bi/entity")).Status.ShouldBe(404);
        (await door.Get("/v1/bi/time%22%3B%20drop%20view%20bi.time%3B")).Status.ShouldBe(404);
        (await door.Get("/v1/bi/time?format=xlsx")).Status.ShouldBe(400);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/bi/time", UriKind.Relative));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        using var response = await door.Client.SendAsync(request);
        (await Answer.Of(response)).Status.ShouldBe(406);
    }
}
