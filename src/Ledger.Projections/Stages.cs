using Ledger.Domain;
using Ledger.Projections.Views;
using Ledger.Store;
using NodaTime;
using Npgsql;

namespace Ledger.Projections;

/// <summary>The two stages over batches of events, within the caller's transaction: touched streams are folded, then
/// the entities, coverage and findings of what they touch are derived.</summary>
/// <param name="schema">Of the view tables.</param>
/// <param name="standing">Of the views before the first batch.</param>
/// <param name="reachMax">Most streams that a change of the firm, or of its clients, may derive anew within a batch.
/// </param>
internal sealed partial class Stages(
    string schema, NpgsqlConnection connection, EventStore store, Standing standing, long reachMax = long.MaxValue)
{
    private readonly ViewSql sql = new(schema);
    private long batchEnd;

    /// <summary>The firm and the day as of the last batch.</summary>
    public Standing Standing { get; private set; } = standing;

    /// <summary>Folds events that follow those folded before.</summary>
    /// <param name="arrivals">Not empty.</param>
    /// <param name="moves">Whether the checkpoint of the views people read moves with them.</param>
    /// <exception cref="FirmChangedException">What the firm says of itself changed for more than may be derived here.
    /// </exception>
    public async Task Fold(Arrivals arrivals, bool moves, CancellationToken cancellationToken)
    {
        var before = await sql.Known(
            connection, arrivals.Further.Keys,
            [.. arrivals.Fresh.Keys.Concat(arrivals.Further.Keys).Where(s => Alone.MayBe(s, Standing.Firm))],
            cancellationToken);
        var touched = arrivals.Fresh;
        List<string> whole = [];
        foreach (var (stream, further) in arrivals.Further)
            if (before.Records.GetValueOrDefault(stream) is { } known && !before.Poisoned.ContainsKey(stream)
                && Folding.Further(known, further) is { } folded)
                touched.Add(stream, new(folded, null, null));
            else
                whole.Add(stream);

        var last = arrivals.Events[^1];
        await Refold(whole, before, last.Position, touched, cancellationToken);
        var to = new Checkpoint(last.Position, Projector.FoldVersion, last.RecordedAt.InUtc().Date);
        await Write(touched, before, to.Position, to.Day, moves ? to : null, cancellationToken);
    }

    /// <summary>Tries streams that stand still once more: the program may have learnt to fold what it could not.
    /// </summary>
    /// <param name="at">Where the views stand; it is written again with what changes.</param>
    /// <returns>Whether there were any.</returns>
    public async Task<bool> RetryPoisoned(Checkpoint at, CancellationToken cancellationToken)
    {
        var streams = await sql.PoisonedStreams(connection, cancellationToken);
        if (streams.Count == 0) return false;
        await Refold(streams, at, _ => true, cancellationToken);
        return true;
    }

    /// <summary>Folds streams from their events once more, and writes what that changes.</summary>
    /// <param name="at">Where the views stand; it is written again where something changes.</param>
    /// <returns>Those of which the views said something else.</returns>
    public async Task<IReadOnlyList<string>> Refold(
        IReadOnlyCollection<string> streams, Checkpoint at, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> changed = [];
        await Refold([.. streams], at, told => (changed = told).Count > 0, cancellationToken);
        return changed;
    }

    public static long? PausedAt(Entity entity, IReadOnlyDictionary<string, Poison> poisoned)
    {
        if (poisoned.Count == 0) return null;
        long? at = null;
        foreach (var member in entity.Members)
            if (poisoned.TryGetValue(member.Stream, out var poison) && (at is null || poison.Position < at))
                at = poison.Position;
        return at;
    }

    /// <param name="writes">Is told which streams are another now, and says whether to write what all of them come to.
    /// </param>
    private async Task Refold(
        List<string> streams, Checkpoint at, Func<IReadOnlyList<string>, bool> writes,
        CancellationToken cancellationToken)
    {
        var before = await sql.Known(connection, streams, [], cancellationToken);
        var touched = new Dictionary<string, StreamState>();
        await Refold(streams, null, at.Position, touched, cancellationToken);
        string[] changed =
        [
            .. touched.Where(t => before.Poisoned.GetValueOrDefault(t.Key)?.Position != t.Value.Poison?.Position
                || !BySource.IsSame(before.Records.GetValueOrDefault(t.Key), t.Value.Record)).Select(t => t.Key),
        ];
        // Where that changes the firm for many, there is no later event to wait for.
        if (writes(changed))
            await Write(touched, before, at.Position + 1, Standing.Day, at, cancellationToken);
    }

    private async Task Refold(
        List<string> streams, Known? before, long upTo, Dictionary<string, StreamState> touched,
        CancellationToken cancellationToken)
    {
        await foreach (var (stream, state) in Folding.Whole(store, streams, upTo, before, cancellationToken))
            touched.Add(stream, state);
    }

    private async Task Write(
        Dictionary<string, StreamState> touched, Known before, long position, LocalDate day, Checkpoint? reached,
        CancellationToken cancellationToken)
    {
        var (was, touch) = (Standing, new Touch());
        batchEnd = position;
        Standing = was.With(day, touched.Values.Select(t => t.Record).OfType<SourceRecord>());
        var isSameFirm = ReferenceEquals(was.Firm, Standing.Firm) && was.Day == day;
        var changes = new Changes(was.Firm, Standing.Firm, touch);
        foreach (var (stream, state) in touched) changes.Take(stream, state, before);
        var alone = isSameFirm ? changes.TakeAlone(before) : [];
        changes.Tell();
        // What is much is worked out while the rest is written.
        var isMuch = alone.Count >= ViewRows.Many;
        var deriving = isMuch ? Task.Run(() => Alone.Derive(alone, position, Standing), cancellationToken) : null;
        if (!isMuch) changes.Add(Alone.Derive(alone, position, Standing));
        await using (var batch = new NpgsqlBatch(connection))
        {
            if (reached is { } to) Checkpoint.Set(batch, to);
            changes.Delete(sql, batch);
            await Write(batch, changes.Rows, changes.Fresh, cancellationToken);
        }

        if (deriving is not null)
        {
            await using var batch = new NpgsqlBatch(connection);
            var (rows, fresh) = await deriving;
            await Write(batch, rows, fresh, cancellationToken);
        }

        Telemetry.PoisonedBy(
            changes.Rows.Poisoned.Count(p => !before.Poisoned.ContainsKey(p.Stream)) - changes.Cured.Count);
        if (was.Day != day)
            touch.Turned.AddRange(await sql.Turned(connection, was.Day, day, cancellationToken));
        if (!touch.IsNothing) await Derive(touch, cancellationToken);
        if (!isSameFirm) await DeriveAnew(was, position, cancellationToken);
    }

    private async Task Write(
        NpgsqlBatch batch, ViewRows rows, ViewRows fresh, CancellationToken cancellationToken)
    {
        rows.Upsert(batch, schema);
        fresh.UpsertFew(batch, schema);
        if (batch.BatchCommands.Count > 0)
        {
            await batch.PrepareAsync(cancellationToken);
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        await fresh.CopyMany(connection, schema, cancellationToken);
    }
}

/// <summary>What the firm says of itself, or who a client is, changed for more records than one batch takes: the views
/// have to be made anew beside those that serve.</summary>
/// <param name="position">Of the last event of the batch that changed it.</param>
internal sealed class FirmChangedException(long position, long reached) : Exception(
    FormattableString.Invariant($"{reached} records have to be derived anew from position {position} on"))
{
    public long Position => position;
}
