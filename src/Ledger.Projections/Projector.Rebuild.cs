using System.Runtime.CompilerServices;
using System.Text.Json;
using Ledger.Domain;
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
    private const int PageStreams = 5_000;
    private const long PageEvents = 2_500; // more would not be sorted within PostgreSQL's default work_mem
    private const int SwapAttempts = 10;

    /// <summary>Makes every view anew from the events, in tables of their own, and then puts them in the place of the
    /// old ones, which serve until then. Memory stays flat: a page of streams at a time.</summary>
    /// <param name="progress">Told after each page; null = nobody.</param>
    /// <returns>The position the views stand at now.</returns>
    /// <exception cref="ViewsTooNewException">A newer program folded them.</exception>
    public async Task<long> Rebuild(IProgress<Progress>? progress, CancellationToken cancellationToken)
    {
        await using var turn = await TakeNext(cancellationToken);
        Check(await Checkpoint.Of(source, cancellationToken));
        var head = await store.Position(cancellationToken);
        await Build(head, progress, cancellationToken);
        // What was appended meanwhile is folded before anybody is held up, and only the rest in the turn itself.
        await using (var connection = await source.OpenConnectionAsync(cancellationToken))
            head = await FoldNext(connection, head, await store.Position(cancellationToken), cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var reached = await Swap(head, cancellationToken);
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

    /// <summary>Folds every event afresh and compares with the views, row by row, as of the position they stand at.
    /// </summary>
    /// <returns>The first difference, by table and key; null where there is none.</returns>
    public async Task<ViewDifference?> VerifyViews(IProgress<Progress>? progress, CancellationToken cancellationToken)
    {
        await using var turn = await TakeNext(cancellationToken);
        var started = (await Checkpoint.Of(source, cancellationToken)).Position;
        await Build(started, progress, cancellationToken);
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = (await Checkpoint.Lock(connection, cancellationToken)).Position;
        await FoldNext(connection, started, now, cancellationToken);
        ViewDifference? found = null;
        foreach (var (table, key) in ViewSql.Tables)
            found ??= await Difference(connection, table, key, cancellationToken);
        await Run(connection, $"drop schema {Next} cascade", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return found;
    }

    private async Task<long> Swap(long from, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        Check(await Checkpoint.Lock(connection, cancellationToken));
        var reached = await FoldNext(connection, from, await store.Position(cancellationToken), cancellationToken);
        await Run(connection, "set local lock_timeout = '5s'", cancellationToken);
        await Run(connection, "select ledger.views_swap()", cancellationToken);
        await Checkpoint.Set(connection, new(reached, FoldVersion), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return reached;
    }

    /// <summary>Fills the second set of tables with what the events up to a position come to.</summary>
    private async Task Build(long upTo, IProgress<Progress>? progress, CancellationToken cancellationToken)
    {
        await using var connection = await OpenToBuild(cancellationToken);
        await Run(connection, "select ledger.views_begin()", cancellationToken);
        var (roles, linked) = await BuildLinks(connection, upTo, cancellationToken);
        var done = 0L;
        var pages = Pages("", cancellationToken);
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Clamp(Environment.ProcessorCount, 2, 8),
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(pages, parallel, async (page, cancelled) =>
        {
            var events = await BuildPage(page, upTo, roles, linked, cancelled);
            progress?.Report(new(Interlocked.Add(ref done, events), upTo));
        });

        await Run(connection, "select ledger.views_index()", cancellationToken);
        if (linked) await BuildLinked(connection, roles, cancellationToken);
    }

    /// <summary>The entities of streams that links name, which no page could tell alone.</summary>
    private async Task BuildLinked(NpgsqlConnection connection, Firm roles, CancellationToken cancellationToken)
    {
        var sql = new ViewSql(Next);
        var stages = new Stages(Next, connection, store);
        for (var after = ""; await sql.Linked(connection, after, PageStreams, cancellationToken) is
            { Count: > 0 } page; after = page[^1])
        {
            var left = await sql.LeftOut(connection, page, cancellationToken);
            if (left.Count > 0)
                await stages.Derive(left, new Dictionary<string, SourceRecord>(), roles, cancellationToken);
        }
    }

    /// <summary>Links and roles first: the entities of all other streams hang on them.</summary>
    private async Task<(Firm Roles, bool Linked)> BuildLinks(
        NpgsqlConnection connection, long upTo, CancellationToken cancellationToken)
    {
        var linked = false;
        await foreach (var page in Pages(Kind.Identity.Name + "/", cancellationToken))
        {
            var rows = new ViewRows();
            await foreach (var (state, _) in States(page, upTo, cancellationToken))
                if (state.Record is { } record && LinkRows.Of(record) is { } link) rows.Links.Add(link);
            linked |= rows.Links.Count > 0;
            await rows.Copy(connection, Next, cancellationToken);
        }

        // Links are few, and looked up page by page before the tables have their indexes.
        await Run(
            connection, $"create index link_a on {Next}.link (a); create index link_b on {Next}.link (b)",
            cancellationToken);
        List<SourceRecord> systems = [];
        await foreach (var page in Pages(Kind.Source.Name + "/", cancellationToken))
            await foreach (var (state, _) in States(page, upTo, cancellationToken))
                if (state.Record is { } record) systems.Add(record);
        return (new(systems), linked);
    }

    /// <returns>How many events were folded.</returns>
    private async Task<long> BuildPage(
        string[] page, long upTo, Firm roles, bool linked, CancellationToken cancellationToken)
    {
        await using var connection = await OpenToBuild(cancellationToken);
        var apart = linked ? await new ViewSql(Next).Linked(connection, page, cancellationToken) : [];
        var rows = new ViewRows();
        var folded = 0L;
        await foreach (var (state, events) in States(page, upTo, cancellationToken))
        {
            folded += events;
            if (state.Poison is { } poison) rows.Poisoned.Add(poison);
            if (state.Record is not { } record) continue;
            rows.BySource.Add(BySource.Of(record));
            rows.Edges.AddRange(EdgeRows.Of(record));
            rows.PastEdges.AddRange(PastEdgeRows.Of(record.Stream, state.Former!));
            if (apart.Contains(record.Stream)) continue;
            var alone = new Entity(record.Stream, record.Kind, [record]);
            rows.Add(Entities.Compose(alone, roles, NodaTime.LocalDate.MaxIsoValue), state.Poison?.Position);
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await rows.Copy(connection, Next, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return folded;
    }

    private async IAsyncEnumerable<(StreamState State, int Events)> States(
        string[] streams, long upTo, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<StoredEvent> events = [];
        await foreach (var stored in store.ReadStreams(streams, upTo, cancellationToken))
        {
            if (events.Count > 0 && events[0].Stream != stored.Stream)
            {
                yield return (Folding.Whole(events[0].Stream, events), events.Count);
                events.Clear();
            }

            events.Add(stored);
        }

        if (events.Count > 0) yield return (Folding.Whole(events[0].Stream, events), events.Count);
    }

    /// <summary>All streams that begin so, in pages that hold a bounded number of events where no single one is longer.
    /// </summary>
    private async IAsyncEnumerable<string[]> Pages(
        string startsWith, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<string> page = [];
        var events = 0L;
        await foreach (var (stream, version) in store.Streams(startsWith, cancellationToken))
        {
            page.Add(stream);
            if ((events += version) < PageEvents && page.Count < PageStreams) continue;
            yield return [.. page];
            page.Clear();
            events = 0;
        }

        if (page.Count > 0) yield return [.. page];
    }

    /// <summary>Brings the second set of tables from one position to another, batch by batch.</summary>
    private async Task<long> FoldNext(
        NpgsqlConnection connection, long from, long to, CancellationToken cancellationToken)
    {
        var stages = new Stages(Next, connection, store);
        while (await Batch(from, to, cancellationToken) is { Count: > 0 } events)
        {
            await stages.Fold(events, cancellationToken);
            from = events[^1].Position;
        }

        return from;
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

    private async Task<NpgsqlConnection> OpenToBuild(CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        // Nothing is lost by it: the swap that makes these rows count waits for the disk, and with it for them.
        await Run(connection, "set synchronous_commit = off", cancellationToken);
        return connection;
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
