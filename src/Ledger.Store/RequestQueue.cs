using System.Collections.Concurrent;

namespace Ledger.Store;

/// <summary>Requests in the order they came: anyone may add, one takes. A long request is cut over several groups, an
/// atomic one never.</summary>
internal sealed class RequestQueue
{
    private const int GroupEvents = 2_000;
    private const int GroupBytes = 8 << 20;

    private readonly ConcurrentQueue<Request> _requests = new();
    private Slice? _rest;

    public bool IsEmpty => _requests.IsEmpty;

    public void Add(Request request) => _requests.Enqueue(request);

    /// <summary>What waits, up to the size of a group, each request's items in order; empty = nothing does.</summary>
    public List<Slice> NextGroup()
    {
        var (group, events, bytes) = (new List<Slice>(), 0, 0L);
        while (events < GroupEvents && bytes < GroupBytes)
        {
            var slice = _rest is { Request.Done.IsCompleted: true } ? null : _rest;
            _rest = null;
            if (slice is null)
            {
                if (!_requests.TryDequeue(out var request))
                    break;
                if (request.IsAbandoned)
                {
                    request.Abandon();
                    continue;
                }

                slice = new Slice(request, 0, request.Items.Length);
            }

            var (owner, start, count) = slice.Value;
            var taken = 0;
            while (taken < count && (owner.Atomic || (events < GroupEvents && bytes < GroupBytes)))
            {
                bytes += owner.Items[start + taken]?.Event.Data.Length ?? 0;
                taken++;
                events++;
            }

            group.Add(new Slice(owner, start, taken));
            if (taken < count)
                _rest = new Slice(owner, start + taken, count - taken);
        }

        return group;
    }

    /// <summary>For those who queued while the database was away, and have waited enough: nothing of theirs was tried.
    /// </summary>
    public void FailAll(Exception error)
    {
        _rest = null;
        while (_requests.TryDequeue(out var request))
            request.Fail(error);
    }
}
