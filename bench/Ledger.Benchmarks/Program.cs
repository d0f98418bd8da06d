using System.Globalization;
using System.Text.Json;
using Ledger.Benchmarks;

var ask = Ask.Parse(args);
if (ask.Problem is { } problem)
{
    Console.Error.WriteLine(problem);
    Console.Error.WriteLine(Ask.Help(Rows.All));
    return problem.Length == 0 ? 0 : 2;
}

await using var bench = await Bench.Start(ask.Database, CancellationToken.None);
var results = new List<Result>();
Console.WriteLine($"{"workload",-16}{"events",10}{"value",14}  {"unit",-10}{"baseline",14}{"ratio",8}{"must",8}");
foreach (var row in Rows.All.Where(row => ask.Rows.Count == 0 || ask.Rows.Contains(row.Workload)))
{
    var result = await row.Measure(bench, ask.Events ?? row.Events, CancellationToken.None);
    results.Add(result);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{row.Workload,-16}{result.Events,10}{result.Value,14:N2}  {result.Unit,-10}{result.Baseline,14:N2}{result.Ratio,8:N2}{row.Must,8}"));
}

if (ask.Json is { } file)
    await File.WriteAllTextAsync(
        file, JsonSerializer.Serialize(new { rows = results }, Ask.Indented) + "\n", CancellationToken.None);
return 0;
