using Ledger.Testing;
using Npgsql;

namespace Ledger.Api.Tests.Cli;

public sealed class BulkAppendTests
{
    private const int Lines = 30_000;

    [Fact]
    public async Task A_long_file_goes_in_in_order_and_the_second_time_is_passed_over()
    {
        await using var database = await TestDatabase.Create(CancellationToken.None);
        await using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "history.txt");
        await File.WriteAllTextAsync(file, History(Lines));

        var first = await Running.ToEnd(["append", "--bulk", file, "--database", database.ConnectionString]);
        first.ExitCode.ShouldBe(0, first.Errors);
        first.Lines.ShouldHaveSingleItem().ShouldStartWith(
            $"{Lines} appended; 30,000 events in ", customMessage: "every event found its stream at the version expected");
        first.Errors.ShouldContain(" a second, 0 duplicates");

        var again = await Running.ToEnd(["append", "--bulk", file, "--database", database.ConnectionString]);
        again.Lines.ShouldHaveSingleItem().ShouldStartWith($"{Lines} duplicate; ");
        (await Running.ToEnd(["verify", "--database", database.ConnectionString])).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task An_import_that_was_killed_is_run_again_and_doubles_nothing()
    {
        await using var database = await TestDatabase.Create(CancellationToken.None);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "history.ndjson");
        await File.WriteAllTextAsync(file, History(Lines));
        string[] import = ["append", "--bulk", file, "--database", database.ConnectionString];

        // Leaving kills it, in the middle of its first groups.
        await using (Running.Start(import))
            while (await Position(source) == 0)
                await Task.Delay(5);

        var run = await Running.ToEnd(import);
        run.ExitCode.ShouldBe(0, run.Errors);
        (await Position(source)).ShouldBe(Lines);
        (await Running.ToEnd(["verify", "--database", database.ConnectionString])).ExitCode.ShouldBe(0);
    }

    private static async Task<long> Position(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("select position from ledger.head");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Ten streams side by side; each event expects its stream where the one before left it.</summary>
    private static string History(int lines) => string.Join('\n', Enumerable.Range(0, lines).Select(n => Sample.Time(
        FormattableString.Invariant($"h-{n}"), FormattableString.Invariant($"h{n % 10}"),
        more: FormattableString.Invariant($"\"expectedVersion\":{n / 10},"))));
}
