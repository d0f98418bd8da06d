using System.Globalization;
using System.Text.Json;
using Ledger.Benchmarks;

var ask = Ask.Parse(args);
if (ask.Problem is { } problem)
{
    Console.Error.WriteLine(problem);
    Console.Error.WriteLine(Ask.Help());
    return problem.Length == 0 ? 0 : 2;
}

await using var bench = await Bench.Start(ask, CancellationToken.None);
var results = new List<Result>();
if (Rows.All.Any(row => ask.Wants(row.Workload)))
    Console.WriteLine($"{"workload",-16}{"events",10}{"value",14}  {"unit",-10}{"baseline",14}{"ratio",8}{"must",8}");
foreach (var row in Rows.All.Where(row => ask.Wants(row.Workload)))
{
    var result = await row.Measure(bench, ask.Events ?? row.Events, CancellationToken.None);
    results.Add(result);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{row.Workload,-16}{result.Events,10}{result.Value,14:N2}  {result.Unit,-10}{result.Baseline,14:N2}{result.Ratio,8:N2}{row.Must,8}"));
}

var reported = new List<Figures>();
if (Reported.All.Any(row => ask.Wants(row.Workload)))
    Console.WriteLine($"\n{"reported",-18}{"events",10}{"events/s",12}{"p50 ms",10}{"p99 ms",10}{"peak MiB",10}  want");
foreach (var row in Reported.All.Where(row => ask.Wants(row.Workload)))
{
    var found = await row.Measure(bench, ask.Events ?? row.Events, CancellationToken.None);
    reported.Add(found);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{row.Workload,-18}{found.Events,10}{found.Rate,12:N0}{found.P50,10:N2}{found.P99,10:N2}{found.PeakMiB,10:N0}  {row.Want}"));
}

if (ask.Json is { } file)
    await File.WriteAllTextAsync(
        file, JsonSerializer.Serialize(new { rows = results, reported }, Ask.Indented) + "\n", CancellationToken.None);
return 0;
