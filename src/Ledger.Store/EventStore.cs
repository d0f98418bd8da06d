using System.Runtime.CompilerServices;
using NodaTime;
using Npgsql;

namespace Ledger.Store;

/// <summary>The event store over one database: appends in one commit order, reads, follows, verifies. Safe for any
/// number of callers; any number of stores, in any number of processes, may append to one database.</summary>
/// <remarks>The data source stays the caller's. Where the database does not answer, after bounded retries, every method
/// throws <see cref="StoreUnavailableException"/>.</remarks>
public sealed partial class EventStore : IAsyncDisposable
{
    /// <summary>From so many events on an append goes the way of imports: looked up ahead of its turn, stored by COPY,
    /// and made to wait for smaller ones.</summary>
    public const int LargeFrom = Request.Large;

    private readonly NpgsqlDataSource _source;
    private readonly Func<Instant> _clock;
    private readonly Appender _appender;
    private readonly Scout _scout;
    private readonly Reader _reader;
    private readonly Follower _follower;
    private readonly LogReader _log;
    private readonly RootSigner? _signer;

    /// <param name="source">A migrated database (see <see cref="Migrations"/>).</param>
    /// <param name="clock">Now; the recorded time is never before the previous event's, whatever it says. Default: the
    /// system's clock.</param>
    /// <param name="signer">Signs the root of every group; it stays the caller's. Null = roots are not signed.</param>
    public EventStore(NpgsqlDataSource source, Func<Instant>? clock = null, RootSigner? signer = null)
        : this(source, clock, signer, new Writing())
    {
    }

    internal EventStore(NpgsqlDataSource source, Func<Instant>? clock, RootSigner? signer, Writing writing)
    {
        _source = source;
        _clock = clock ?? SystemClock.Instance.GetCurrentInstant;
        _appender = new Appender(source, _clock, signer, writing);
        _scout = new Scout(source, _appender, writing);
        _reader = new Reader(source);
        _follower = new Follower(source, _reader);
        _log = new LogReader(source);
        _signer = signer;
    }

    /// <summary>Appends one event. Cancelling stops the waiting, not the append: the same key later tells.</summary>
    public async Task<Verdict> Append(NewEvent offered, CancellationToken cancellationToken) =>
        (await Append([offered], atomic: false, cancellationToken))[0];

    /// <summary>Appends events in their order; later ones see earlier ones. Without <paramref name="atomic"/> one that
    /// fails harms no other; with it duplicates pass and anything else than stored or unchanged stores nothing, the
    /// rest then being <see cref="NotAttempted"/>. Of two calls at once, neither need be first; but calls with at least
    /// <see cref="LargeFrom"/> events are taken in the order they were made in.</summary>
    /// <returns>One verdict per event, in order.</returns>
    public Task<IReadOnlyList<Verdict>> Append(
        IReadOnlyList<NewEvent> offered, bool atomic, CancellationToken cancellationToken) =>
        Append(offered, atomic, unparks: false, cancellationToken);

    private async Task<IReadOnlyList<Verdict>> Append(
        IReadOnlyList<NewEvent> offered, bool atomic, bool unparks, CancellationToken cancellationToken)
    {
        if (offered.Count == 0)
            return [];
        cancellationToken.ThrowIfCancellationRequested();
        var started = Telemetry.Now;
        using var activity = Telemetry.StartAppend(offered.Count);
        var request = Request.Of(offered, atomic, unparks, cancellationToken);
        if (request.IsLarge)
            await _scout.Send(request).WaitAsync(cancellationToken);
        else
            _appender.Enqueue(request);
        await request.Done.WaitAsync(cancellationToken);
        Telemetry.Answered(request.Verdicts!, started);
        return request.Verdicts!;
    }

    /// <summary>Which of these are stored already, under their keys and with their digests: what they would be answered
    /// if they were appended, now or ever, however long ago they were stored.</summary>
    /// <param name="claims">Null = not asked for.</param>
    /// <returns>One each: <see cref="Duplicate"/>, or null where only an append tells.</returns>
    public async Task<Duplicate?[]> Stored(IReadOnlyList<Claim?> claims, CancellationToken cancellationToken)
    {
        var stored = new Duplicate?[claims.Count];
        if (await _scout.Stored(claims, cancellationToken) is { } receipts)
            for (var i = 0; i < stored.Length; i++)
                if (receipts[i] is { } receipt)
                    stored[i] = new Duplicate(receipt);
        Telemetry.Answered(stored);
        return stored;
    }

    /// <summary>The receipt of a stored event; null where the key is unknown or parked.</summary>
    public async Task<Receipt?> Receipt(string source, string id, CancellationToken cancellationToken) =>
        (await Guarded(() => _reader.Holder(source, id, cancellationToken)))?.Receipt;

    /// <summary>Position of the last event; 0 where there is none.</summary>
    public async Task<long> Position(CancellationToken cancellationToken) =>
        (await Guarded(() => _reader.Head(cancellationToken))).Position;

    /// <summary>The log in order, after a position; flat memory however long.</summary>
    public IAsyncEnumerable<StoredEvent> ReadAll(long after, CancellationToken cancellationToken) =>
        ReadAll(after, long.MaxValue, null, null, cancellationToken);

    /// <summary>Part of the log in order, after a position.</summary>
    /// <param name="limit">At most so many events.</param>
    /// <param name="type">Only of this stored name; null = all.</param>
    /// <param name="source">Only what this source stated; null = all.</param>
    public IAsyncEnumerable<StoredEvent> ReadAll(
        long after, long limit, string? type, string? source, CancellationToken cancellationToken) =>
        ReadAll(after, limit, new EventFilter(type, source), cancellationToken);

    /// <summary>Part of the log in order, after a position.</summary>
    /// <param name="limit">At most so many events.</param>
    public IAsyncEnumerable<StoredEvent> ReadAll(
        long after, long limit, EventFilter filter, CancellationToken cancellationToken) =>
        Guarded(_reader.All(after, limit, filter, cancellationToken), cancellationToken);

    /// <summary>The events after a position, up to another, read at once, for who folds them: without their
    /// <see cref="StoredEvent.StreamType"/>, bodies as PostgreSQL writes them.</summary>
    /// <param name="limit">At most so many.</param>
    /// <param name="bytesMax">No more once their bodies come to more than this.</param>
    public Task<List<StoredEvent>> ReadFollowing(
        long after, long upTo, int limit, long bytesMax, CancellationToken cancellationToken) =>
        Guarded(() => _reader.Following(after, upTo, limit, bytesMax, cancellationToken));

    /// <summary>The next stretch of the log: read at once and held in bounded memory, so that however slowly it is then
    /// consumed nothing waits in the database.</summary>
    /// <param name="upTo">Last position to look at.</param>
    /// <returns>What the filter lets through, maybe nothing, and how far was looked: beyond <paramref name="after"/>.
    /// </returns>
    public Task<Stretch> ReadStretch(
        long after, long upTo, EventFilter filter, CancellationToken cancellationToken) =>
        Guarded(() => _reader.Stretch(after, upTo, filter, cancellationToken));

    /// <summary>One stream in version order; empty where there is none.</summary>
    public IAsyncEnumerable<StoredEvent> ReadStream(string stream, CancellationToken cancellationToken) =>
        Guarded(_reader.Stream(stream, cancellationToken), cancellationToken);

    /// <summary>The events of several streams, each stream's in any order, for who folds them: read at once, without
    /// their <see cref="StoredEvent.StreamType"/>, bodies as PostgreSQL writes them.</summary>
    /// <param name="upTo">Last position to see.</param>
    /// <returns>Those streams that there are.</returns>
    public Task<Dictionary<string, List<StoredEvent>>> ReadStreams(
        IReadOnlyCollection<string> streams, long upTo, CancellationToken cancellationToken) =>
        Guarded(() => _reader.Streams(streams, upTo, cancellationToken));

    /// <summary>Every stream whose name begins so, with its version, a page at a time: one that is opened meanwhile may
    /// be missing.</summary>
    /// <param name="startsWith">Empty = all.</param>
    public IAsyncEnumerable<(string Stream, long Version)> Streams(
        string startsWith, CancellationToken cancellationToken) =>
        Guarded(_reader.StreamNames(startsWith, cancellationToken), cancellationToken);

    /// <summary>The log in order, after a position, and then every event as it is committed, until cancelled. Outlives
    /// lost connections; never skips, never repeats.</summary>
    public IAsyncEnumerable<StoredEvent> Follow(long after, CancellationToken cancellationToken) =>
        _follower.Follow(after, cancellationToken);

    /// <summary>Waits until the last event's position is beyond <paramref name="after"/> and answers it. Outlives lost
    /// connections.</summary>
    public Task<long> WaitBeyond(long after, CancellationToken cancellationToken) =>
        _follower.WaitBeyond(after, cancellationToken);

    /// <summary>Recomputes the whole log from <c>mt_events</c> and compares every table of it, as of one moment.
    /// </summary>
    /// <param name="progress">Told the position reached, now and then.</param>
    public Task<Verification> Verify(IProgress<long>? progress, CancellationToken cancellationToken) =>
        Verify(new VerifyOptions(), progress, cancellationToken);

    /// <inheritdoc cref="Verify(IProgress{long}?, CancellationToken)"/>
    public Task<Verification> Verify(
        VerifyOptions options, IProgress<long>? progress, CancellationToken cancellationToken) =>
        Guarded(() => Verifier.Run(_source, options, progress, cancellationToken));

    /// <summary>Lets PostgreSQL look at what the tables hold by now, as it would by itself some minutes after an
    /// import.</summary>
    public Task Analyze(CancellationToken cancellationToken) =>
        Guarded(async () =>
        {
            await using var command = _source.CreateCommand(Sql.Analyze);
            command.CommandTimeout = 0;
            return await command.ExecuteNonQueryAsync(cancellationToken);
        });

    public async ValueTask DisposeAsync()
    {
        await _follower.DisposeAsync();
        await _appender.DisposeAsync();
        await _scout.DisposeAsync();
    }

    private static async IAsyncEnumerable<T> Guarded<T>(
        IAsyncEnumerable<T> items, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var each = items.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await each.MoveNextAsync())
                    yield break;
            }
            catch (Exception error) when (StoreUnavailableException.Is(error))
            {
                throw StoreUnavailableException.From(error);
            }

            yield return each.Current;
        }
    }

    /// <summary>Runs what asks the database, and says so where it does not answer.</summary>
    internal static async Task<T> Guarded<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception error) when (StoreUnavailableException.Is(error))
        {
            throw StoreUnavailableException.From(error);
        }
    }
}
