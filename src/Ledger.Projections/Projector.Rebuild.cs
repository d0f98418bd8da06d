using System.Text.Json;
using Ledger.Projections.Views;
using Ledger.Store;
using Npgsql;

namespace Ledger.Projections;

/// <summary>The first place where the views are not what the events come to.</summary>
/// <param name="Table">The view's table.</param>
/// <param name="Key">The row's key.</param>
/// <param name="Column">The first column that differs; null where one side has no such row.</param>
/// <param name="Stored">What the views say, as JSON; null where they have no such row.</param>
/// <param name="Folded">What the events say, as JSON; null where they come to no such row.</param>
public sealed record ViewDifference(string Table, string Key, string? Column, string? Stored, string? Folded);

public sealed partial class Projector
{
    private const string Next = "views_next";
    private const int SwapAttempts = 10;

    /// <summary>Makes every view anew from the events, in tables of their own, and then puts them in the place of the
    /// old ones, which serve until then. Memory stays flat: a page of streams at a time.</summary>
    /// <param name="progress">Told after each page; null = nobody.</param>
    /// <returns>The position the views stand at now.</returns>
    /// <exception cref="ViewsTooNewException">A newer program folded them.</exception>
    public async Task<long> Rebuild(IProgress<Progress>? progress, CancellationToken cancellationToken) =>
        (await Rebuild(progress, null, null, cancellationToken))!.Value;

    /// <summary>The same; what it changes in money is shown before anything takes another's place.</summary>
    /// <param name="approve">Is told the difference, at one position, and says whether to go on; it may take its time,
    /// nobody is held up.</param>
    /// <returns>The position the views stand at now; null where it was not approved: they are as they were.</returns>
    /// <exception cref="ViewsTooNewException">A newer program folded them.</exception>
    public Task<long?> Rebuild(
        IProgress<Progress>? progress, Func<MoneyDifference, CancellationToken, Task<bool>> approve,
        CancellationToken cancellationToken) =>
        Rebuild(progress, null, approve, cancellationToken);

    /// <param name="beyond">Only where the views have not got to this position yet; null = in any case.</param>
    private async Task<long?> Rebuild(
        IProgress<Progress>? progress, long? beyond, Func<MoneyDifference, CancellationToken, Task<bool>>? approve,
        CancellationToken cancellationToken)
    {
        await using var turn = await TakeNext(cancellationToken);
        var checkpoint = await Checkpoint.Of(source, cancellationToken);
        Check(checkpoint);
        // Another process may have been first.
        if (checkpoint.Position >= beyond) return checkpoint.Position;
        // Where there were no views there is nothing to compare with.
        var isFirst = checkpoint.Position == 0;
        var head = approve is null || isFirst ? await store.Position(cancellationToken) : checkpoint.Position;
        var standing = await Build(head, progress, cancellationToken);
        await using (var connection = await source.OpenConnectionAsync(cancellationToken))
        {
            if (approve is not null)
            {
                var difference = new MoneyDifference(0, []);
                if (!isFirst)
                    (head, standing, difference) = await Compare(connection, head, standing, cancellationToken);
                if (!await approve(difference, cancellationToken))
                {
                    await Run(connection, $"drop schema {Next} cascade", cancellationToken);
                    return null;
                }
            }

            // What was appended meanwhile is folded before anybody is held up, and only the rest in the turn itself.
            (head, standing) = await FoldNext(
                connection, head, await store.Position(cancellationToken), standing, cancellationToken);
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var reached = await Swap(head, standing, cancellationToken);
                Moved(reached);
                return reached;
            }
            catch (PostgresException error) when (attempt < SwapAttempts && error.SqlState
                is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
            {
                // A long query reads the old tables; it is let through first.
            }
        }
    }

    /// <summary>Brings both sets of tables to one position, and tells the difference in money.</summary>
    private async Task<(long Position, Standing Standing, MoneyDifference Difference)> Compare(
        NpgsqlConnection connection, long from, Standing standing, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = (await Checkpoint.Lock(connection, cancellationToken)).Position;
        (now, standing) = await FoldNext(connection, from, now, standing, cancellationToken);
        var difference = await MoneyDifferences.Of(connection, now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (now, standing, difference);
    }

    /// <summary>Folds every event afresh and compares with the views, row by row, as of the position they stand at.
    /// </summary>
    /// <returns>The first difference, by table and key; null where there is none.</returns>
    public async Task<ViewDifference?> VerifyViews(IProgress<Progress>? progress, CancellationToken cancellationToken)
    {
        await using var turn = await TakeNext(cancellationToken);
        var started = (await Checkpoint.Of(source, cancellationToken)).Position;
        var standing = await Build(started, progress, cancellationToken);
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = await Checkpoint.Lock(connection, cancellationToken);
        await FoldNext(connection, started, now.Position, standing, cancellationToken);
        ViewDifference? found = null;
        foreach (var (table, key) in ViewRows.Tables)
            found ??= await Difference(connection, table, key, cancellationToken);
        if (found is null) await Certificate.Write(connection, Next, now.Position, FoldVersion, cancellationToken);
        await Run(connection, $"drop schema {Next} cascade", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return found;
    }

    private async Task<long> Swap(long from, Standing standing, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        Check(await Checkpoint.Lock(connection, cancellationToken));
        (var reached, standing) = await FoldNext(
            connection, from, await store.Position(cancellationToken), standing, cancellationToken);
        await Run(connection, "set local lock_timeout = '5s'", cancellationToken);
        await Run(connection, "select ledger.views_swap()", cancellationToken);
        await Checkpoint.Set(connection, new(reached, FoldVersion, standing.Day), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return reached;
    }

    /// <summary>Brings the second set of tables from one position to another, batch by batch.</summary>
    private async Task<(long Reached, Standing Standing)> FoldNext(
        NpgsqlConnection connection, long from, long to, Standing standing, CancellationToken cancellationToken)
    {
        var stages = new Stages(Next, connection, store, standing);
        while (await Batch(from, to, cancellationToken) is { Count: > 0 } events)
        {
            await stages.Fold(Arrivals.Of(events), moves: false, cancellationToken);
            from = events[^1].Position;
        }

        return (from, stages.Standing);
    }

    /// <summary>Takes the turn to use the second set of tables.</summary>
    private async Task<Turn> TakeNext(CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        try
        {
            await Run(connection, "select pg_advisory_lock(7236832002)", cancellationToken);
            return new(connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<ViewDifference?> Difference(
        NpgsqlConnection connection, string table, IReadOnlyList<string> key, CancellationToken cancellationToken)
    {
        var keys = string.Join(", ", key);
        await using var command = new NpgsqlCommand(
            $"""
             select concat_ws('#', {keys}), to_jsonb(v), to_jsonb(n)
             from views.{table} v full join {Next}.{table} n using ({keys})
             where v is distinct from n order by {keys} limit 1
             """,
            connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) return null;
        var stored = reader.IsDBNull(1) ? null : reader.GetString(1);
        var folded = reader.IsDBNull(2) ? null : reader.GetString(2);
        if (stored is null || folded is null) return new(table, reader.GetString(0), null, stored, folded);
        using var one = JsonDocument.Parse(stored);
        using var other = JsonDocument.Parse(folded);
        var column = one.RootElement.EnumerateObject().First(member =>
            !JsonElement.DeepEquals(member.Value, other.RootElement.GetProperty(member.Name)));
        return new(
            table, reader.GetString(0), column.Name, column.Value.GetRawText(),
            other.RootElement.GetProperty(column.Name).GetRawText());
    }

    private static async Task Run(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Kept until disposed, or until its connection is lost; a pool would keep it longer.</summary>
    private sealed class Turn(NpgsqlConnection connection) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (connection.State == System.Data.ConnectionState.Open)
                await Run(connection, "select pg_advisory_unlock(7236832002)", CancellationToken.None);
            await connection.DisposeAsync();
        }
    }
}
