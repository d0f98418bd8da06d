using System.Collections.Concurrent;

namespace Ledger.Store;

/// <summary>Requests in the order they came: anyone may add, one takes. Large ones queue apart, so that nobody with one
/// event waits for somebody's millions. A long request is cut over several groups, an atomic one never.</summary>
internal sealed class RequestQueue
{
    /// <summary>Events in one group while somebody else than importers appends: it holds the others up for a few tens
    /// of milliseconds.</summary>
    private const int GroupEvents = 2_000;

    private const int GroupEventsAlone = 10_000;
    private const long GroupBytes = 16 << 20;

    /// <summary>So long after a small request more of its kind are expected.</summary>
    private const long LiveMilliseconds = 1_000;

    private readonly Lane _small = new();
    private readonly Lane _large = new();
    private long _lastSmall = -LiveMilliseconds;

    public bool IsEmpty => _small.IsEmpty && _large.IsEmpty;

    public void Add(Request request) => (request.IsLarge ? _large : _small).Add(request);

    /// <summary>What waits, up to the size of a group, each request's items in order; empty = nothing does.</summary>
    public List<Slice> NextGroup()
    {
        var now = Environment.TickCount64;
        var room = new Room(GroupEvents, GroupBytes);
        var group = new List<Slice>();
        // Neither lane keeps the other out.
        _small.Take(group, _large.IsEmpty ? room : room with { Events = GroupEvents / 2 });
        if (group.Count > 0)
            _lastSmall = now;
        var taken = group.Sum(slice => slice.Count);
        var most = now - _lastSmall < LiveMilliseconds ? GroupEvents : GroupEventsAlone;
        _large.Take(group, room with { Events = most - taken });
        return group;
    }

    /// <summary>For those who queued while the database was away, and have waited enough: nothing of theirs was tried.
    /// </summary>
    public void FailAll(Exception error)
    {
        _small.FailAll(error);
        _large.FailAll(error);
    }

    /// <summary>What still goes into a group.</summary>
    private readonly record struct Room(int Events, long Bytes);

    private sealed class Lane
    {
        private readonly ConcurrentQueue<Request> _requests = new();
        private Slice? _rest;

        public bool IsEmpty => _rest is null && _requests.IsEmpty;

        public void Add(Request request) => _requests.Enqueue(request);

        public void Take(List<Slice> group, Room room)
        {
            var (events, bytes) = (0, 0L);
            while (events < room.Events && bytes < room.Bytes && Next() is var (owner, start, count))
            {
                var taken = 0;
                while (taken < count && (owner.Atomic || (events < room.Events && bytes < room.Bytes)))
                {
                    bytes += owner.Items[start + taken]?.Event.Data.Length ?? 0;
                    taken++;
                    events++;
                }

                group.Add(new Slice(owner, start, taken));
                if (taken < count)
                    _rest = new Slice(owner, start + taken, count - taken);
            }
        }

        public void FailAll(Exception error)
        {
            _rest = null;
            while (_requests.TryDequeue(out var request))
                request.Fail(error);
        }

        private Slice? Next()
        {
            if (_rest is { Request.Done.IsCompleted: false } rest)
            {
                _rest = null;
                return rest;
            }

            _rest = null;
            while (_requests.TryDequeue(out var request))
            {
                if (!request.IsAbandoned)
                    return new Slice(request, 0, request.Items.Length);
                request.Abandon();
            }

            return null;
        }
    }
}
