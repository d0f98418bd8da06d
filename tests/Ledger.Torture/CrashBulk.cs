using System.Globalization;
using Ledger.Testing;
using Npgsql;

namespace Ledger.Torture;

/// <summary>A long file is appended from the command line, killed anywhere, and appended again.</summary>
internal static class CrashBulk
{
    private const int Events = 12_000;

    public static readonly Scenario Scenario = new(
        "crash-bulk",
        "'ledger append' of a long file, with and without --bulk, killed anywhere and run again until all is there",
        Trials: 60, Few: 3, Hurt);

    private static async Task Hurt(Run run, CancellationToken cancellationToken)
    {
        await using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "long.ndjson");
        var more = true;
        for (var nth = 0; more; nth++)
        {
            // Each file is killed a few times; a database never sees more than a few files.
            await using var database = await TestDatabase.Create(cancellationToken);
            await using var source = NpgsqlDataSource.Create(database.ConnectionString);
            var books = new Books(run);
            var ids = await Write(run, books, file, nth, cancellationToken);
            var dice = run.Dice("bulk", nth);
            string[] append = ["append", file, "--database", database.ConnectionString];
            for (var kills = 0; kills < 5 && (more = run.Next()); kills++)
                await KillOnce(run, kills % 2 == 0 ? [.. append, "--bulk"] : append, source, dice, cancellationToken);

            await using (var last = LedgerProcess.Start([.. append, "--bulk"]))
                if (await last.End() is not 0 and var code)
                    run.Anomaly($"the last run ended with {code} and says: {last.Said}");
            await books.Check(source, cancellationToken);
            await InTheirOrder(run, source, ids, cancellationToken);
        }
    }

    /// <summary>Events on few streams, some lines twice.</summary>
    private static async Task<List<string>> Write(
        Run run, Books books, string file, int nth, CancellationToken cancellationToken)
    {
        var dice = run.Dice("lines", nth);
        var (ids, lines) = (new List<string>(), new List<string>());
        for (var n = 0; n < Events; n++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"b-{nth}-{n}");
            ids.Add(id);
            books.Offer(id);
            lines.Add(Sample.Time(id, string.Create(CultureInfo.InvariantCulture, $"bulk-{dice.Next(300)}")));
            if (dice.Next(100) == 0)
                lines.Add(lines[dice.Next(lines.Count)]);
        }

        await File.WriteAllLinesAsync(file, lines, cancellationToken);
        return ids;
    }

    private static async Task KillOnce(
        Run run, string[] command, NpgsqlDataSource source, Random dice, CancellationToken cancellationToken)
    {
        await using var count = source.CreateCommand("select position from ledger.head");
        var before = (long)(await count.ExecuteScalarAsync(cancellationToken))!;
        await using var append = LedgerProcess.Start(command);
        var goal = before + dice.Next(Events / 4);
        while (!append.HasEnded && (long)(await count.ExecuteScalarAsync(cancellationToken))! < goal)
            await Task.Delay(2, cancellationToken);
        await Task.Delay(dice.Next(20), cancellationToken);
        if (append.HasEnded)
            return;
        await append.Kill();
        run.Fault();
        await Books.Sealed(source, run, cancellationToken);
    }

    /// <summary>Everything is there once, and in the order of the file.</summary>
    private static async Task InTheirOrder(
        Run run, NpgsqlDataSource source, List<string> ids, CancellationToken cancellationToken)
    {
        var stored = new List<string>();
        await using var command = source.CreateCommand(
            "select headers ->> 'source_id' from events.mt_events order by seq_id");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            stored.Add(reader.GetString(0));
        foreach (var id in ids.Except(stored))
            run.Lost($"{id} is not there");
        foreach (var id in stored.GroupBy(id => id).Where(group => group.Count() > 1))
            run.Doubled($"{id.Key} is there {id.Count()} times");
        if (stored.Count == ids.Count && !stored.SequenceEqual(ids))
            run.Anomaly("the events are not in the order of the file");
    }
}
