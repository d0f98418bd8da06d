using System.Text.Json;
using Ledger.Torture;

var ask = Ask.Parse(args);
if (ask.Problem is { } problem)
{
    await (problem.Length == 0 ? Console.Out : Console.Error).WriteLineAsync(
        problem.Length == 0 ? Ask.Help : $"{problem} --help shows how.");
    return problem.Length == 0 ? 0 : 2;
}

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stopping.Cancel();
};

var table = ask.Json ? Console.Error : Console.Out;
var outcomes = new List<Outcome>();
await table.WriteLineAsync($"seed {ask.Seed}");
await table.WriteLineAsync(Report.Heading);
foreach (var scenario in Scenarios.All.Where(s => ask.Scenarios.Count == 0 || ask.Scenarios.Contains(s.Name)))
{
    var outcome = await scenario.Start(ask.Trials, ask.Time, ask.Seed, stopping.Token);
    outcomes.Add(outcome);
    await table.WriteLineAsync(Report.Row(outcome));
}

if (ask.Json)
    Console.WriteLine(JsonSerializer.Serialize(new { ask.Seed, Scenarios = outcomes }, Report.Json));
return outcomes.TrueForAll(outcome => outcome.IsClean) ? 0 : 1;
