namespace Ledger.Store;

/// <summary>The ledger's head: the last event's position and instant, and the log's frontier there.</summary>
internal sealed record Head(long Position, NodaTime.Instant Recorded, byte[] Frontier);

/// <summary>What is known of a stream. <paramref name="Last"/> and <paramref name="Snapshot"/> are of its last event,
/// where that is a snapshot and surely comes last in the source's order too.</summary>
/// <param name="Newest">Null where it was not looked up.</param>
internal sealed record StreamHead(
    long Version, string? Type, ReadOnlyMemory<byte>? Snapshot, Receipt? Last, Newest? Newest);

/// <summary>Who holds a key: a stored event, or (no receipt) a parked one.</summary>
internal sealed record KeyHolder(Receipt? Receipt, ReadOnlyMemory<byte> Digest, NodaTime.Instant ParkedAt);

/// <summary>Some consecutive items of one request.</summary>
internal readonly record struct Slice(Request Request, int Start, int Count);

/// <summary>One group being decided: pure, over what is known of head, keys and streams. Later items see earlier
/// ones.</summary>
/// <param name="unsure">Whether an earlier attempt may have been committed unseen: what it stored is then ours.</param>
internal sealed class Group(
    Head head, NodaTime.Instant recorded, Func<Guid, KeyHolder?> knownKey, Func<string, StreamHead?> knownStream,
    bool unsure = false)
{
    private readonly Dictionary<Guid, KeyHolder> _keys = [];
    private readonly Dictionary<string, Change> _changes = new(StringComparer.Ordinal);
    private readonly List<Placed> _placed = [];

    public Head Head => head;

    public NodaTime.Instant Recorded => recorded;

    /// <summary>Events to store, in position order.</summary>
    public IReadOnlyList<Placed> Placed => _placed;

    /// <summary>Streams they move.</summary>
    public IReadOnlyDictionary<string, Change> Changes => _changes;

    /// <summary>Parked keys whose events are decided here for good.</summary>
    public List<Prepared> Unparked { get; } = [];

    /// <summary>Key conflicts met, for the owner of the source.</summary>
    public List<Prepared> Conflicts { get; } = [];

    /// <summary>Whether a verdict rests on what nothing stored here will confirm (where its stream stands, that its key
    /// was not taken before), or lacks something only a look at the stream tells.</summary>
    public bool NeedsLook { get; private set; }

    /// <summary>Decides the slice's items in order into its request's verdicts.</summary>
    public void Decide(Slice slice)
    {
        var (request, start, count) = slice;
        if (!request.Atomic)
        {
            for (var i = start; i < start + count; i++)
                if (request.Items[i] is { } item)
                    request.Verdicts[i] = Decide(item, request, request.Verdicts[i], undo: null);
            return;
        }

        var (undo, before) = (new List<Action>(), _placed.Count);
        for (var i = start; i < start + count; i++)
            if (request.Items[i] is { } item)
                request.Verdicts[i] = Decide(item, request, request.Verdicts[i], undo);
        if (request.Verdicts.All(verdict => verdict is Appended or Duplicate or Unchanged))
            return;

        // One failed, so none is stored: what rested on the others is not attempted either, and nothing stored here
        // confirms what the failure rests on.
        NeedsLook = true;
        for (var i = undo.Count - 1; i >= 0; i--)
            undo[i]();
        _placed.RemoveRange(before, _placed.Count - before);
        Conflicts.RemoveAll(item => knownKey(item.Key) is null && !_keys.ContainsKey(item.Key));
        for (var i = start; i < start + count; i++)
            if (ReceiptOf(request.Verdicts[i]) is { } receipt && receipt.Position > head.Position + before)
                request.Verdicts[i] = request.Verdicts[i] is KeyConflict conflict
                    ? conflict with { Existing = null }
                    : new NotAttempted();
    }

    private static Receipt? ReceiptOf(Verdict? verdict) => verdict switch
    {
        Appended appended => appended.Receipt,
        Duplicate duplicate => duplicate.Receipt,
        Unchanged unchanged => unchanged.Receipt,
        KeyConflict conflict => conflict.Existing,
        _ => null,
    };

    private Verdict Decide(Prepared item, Request request, Verdict? earlier, List<Action>? undo)
    {
        var holder = _keys.GetValueOrDefault(item.Key) ?? knownKey(item.Key);
        if (!request.Unparks || holder is { Receipt: not null })
            return Decide(item, holder, earlier, undo);
        // Its own parked self holds the key; where nobody does, somebody else settled it.
        if (holder is null)
            return new NotAttempted();
        var verdict = Decide(item, holder: null, earlier, undo);
        if (verdict is Appended or Unchanged)
            Unparked.Add(item);
        return verdict;
    }

    private Verdict Decide(Prepared item, KeyHolder? holder, Verdict? earlier, List<Action>? undo)
    {
        var offered = item.Event;
        if (holder is not null)
        {
            if (!holder.Digest.Span.SequenceEqual(offered.Digest.Span))
            {
                Conflicts.Add(item);
                return new KeyConflict(holder.Receipt, holder.Digest, offered.Digest);
            }

            if (holder.Receipt is not { } original)
                return new Parked(holder.ParkedAt, holder.Digest);
            return unsure && earlier is Appended own && own.Receipt == original ? own : new Duplicate(original);
        }

        var change = _changes.GetValueOrDefault(offered.Stream);
        var stream = change?.To ?? knownStream(offered.Stream);
        var version = stream?.Version ?? 0;
        if (offered.ExpectedVersion is { } expected && expected != version)
        {
            NeedsLook = true;
            return new VersionConflict(expected, version);
        }

        NeedsLook |= offered.Snapshot is not null && stream is { Newest: null };
        if (offered.Snapshot is { } snapshot
            && stream is { Snapshot: { } last, Last: { } lastReceipt, Newest: { } newest }
            && last.Span.SequenceEqual(snapshot.Span) && !newest.IsAfter(SourcePlace.Of(offered)))
        {
            NeedsLook = true;
            return new Unchanged(lastReceipt);
        }

        return new Appended(Place(item, change, stream, undo));
    }

    private Receipt Place(Prepared item, Change? change, StreamHead? stream, List<Action>? undo)
    {
        var offered = item.Event;
        var receipt = new Receipt(
            offered.Source, offered.Id, offered.Stream, (stream?.Version ?? 0) + 1, head.Position + _placed.Count + 1,
            recorded, offered.Digest);
        var type = stream is null ? offered.StreamType : stream.Type;
        var place = SourcePlace.Of(offered);
        var isLast = offered.Snapshot is not null && (stream is null || stream.Newest?.IsBefore(place) == true);
        var newest = stream is null ? Newest.Of(place) : stream.Newest?.With(place);
        var to = new StreamHead(
            receipt.Version, type, isLast ? offered.Snapshot : null, isLast ? receipt : null, newest);
        _changes[offered.Stream] = new Change(change is null ? stream : change.From, to);
        _keys[item.Key] = new KeyHolder(receipt, offered.Digest, default);
        _placed.Add(new Placed(item, receipt, type));
        undo?.Add(() =>
        {
            _keys.Remove(item.Key);
            if (change is null)
                _changes.Remove(offered.Stream);
            else
                _changes[offered.Stream] = change;
        });
        return receipt;
    }
}

/// <summary>An event with its place.</summary>
internal sealed record Placed(Prepared Item, Receipt Receipt, string? StreamType);

/// <summary>A stream's move in one group; no <paramref name="From"/> = opened here.</summary>
internal sealed record Change(StreamHead? From, StreamHead To);
