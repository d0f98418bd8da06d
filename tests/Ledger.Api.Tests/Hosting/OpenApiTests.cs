using System.Text.Json;

namespace Ledger.Api.Tests.Hosting;

public sealed class OpenApiTests(Door door) : IClassFixture<Door>
{
    /// <summary>Run with LEDGER_WRITE_SCHEMAS=1 to write the file anew; the difference is yours to review.</summary>
    [Fact]
    public async Task The_description_on_file_is_what_the_door_says_of_itself()
    {
        var answer = await door.Get("/openapi/v1.json");
        answer.Status.ShouldBe(200);
        var said = answer.Body.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        var file = Path.Combine(Checkout(), "schemas", "openapi.json");
        if (Environment.GetEnvironmentVariable("LEDGER_WRITE_SCHEMAS") == "1")
            await File.WriteAllTextAsync(file, said);
        (await File.ReadAllTextAsync(file)).ShouldBe(said, "run with LEDGER_WRITE_SCHEMAS=1");
    }

    [Fact]
    public async Task Every_parameter_in_an_address_is_described_and_every_failure_is_a_problem()
    {
        var description = (await door.Get("/openapi/v1.json")).Json;
        foreach (var path in description.GetProperty("paths").EnumerateObject())
            foreach (var operation in path.Value.EnumerateObject())
            {
                var described = operation.Value.TryGetProperty("parameters", out var parameters)
                    ? parameters.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "path")
                        .Select(p => p.GetProperty("name").GetString()!).ToArray()
                    : [];
                var named = path.Name.Split('{', '}').Where((_, i) => i % 2 == 1).ToArray();
                described.ShouldBe(named, path.Name);
                foreach (var response in operation.Value.GetProperty("responses").EnumerateObject())
                    if (response.Name is ['4' or '5', ..] && !IsAppend(path.Name))
                        Media(response.Value).ShouldBe(["application/problem+json"], $"{path.Name} {response.Name}");
            }
    }

    /// <summary>What refuses an event says so in its verdict.</summary>
    private static bool IsAppend(string path) => path is "/v1/events" or "/v1/rejects/{number}/resubmit";

    private static string[] Media(JsonElement response) =>
        [.. response.GetProperty("content").EnumerateObject().Select(media => media.Name)];

    private static string Checkout()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ProServ.Ledger.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}
