using Npgsql;

namespace Ledger.Store;

/// <summary>Looks large requests up on a connection of its own while others are committed, and hands them on in the
/// order in which they were sent.</summary>
internal sealed class Scout(NpgsqlDataSource source, Appender appender, Writing writing) : IAsyncDisposable
{
    private readonly AppendSession _session = new(source, writing);
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Completes when the request is in the appender's queue.</summary>
    public async Task Send(Request request)
    {
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            request.Foreseen = await Look(request);
            appender.Enqueue(request);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Finds those that are stored already. Once stored is for ever: the answer holds whenever it is given.
    /// </summary>
    /// <returns>One each, null where it is not stored; null where the database does not answer.</returns>
    public async Task<Receipt?[]?> Stored(IReadOnlyList<Claim?> claims, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await (await _session.Open(CancellationToken.None)).Stored(claims);
        }
        catch (Exception error) when (AppendSession.IsLost(error))
        {
            await _session.Drop();
            return null;
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        _turn.Dispose();
    }

    /// <returns>Null where the database does not answer: the appender looks itself, and says what comes of it.
    /// </returns>
    private async Task<Known?> Look(Request request)
    {
        try
        {
            var open = await _session.Open(CancellationToken.None);
            return await open.Look([new Slice(request, 0, request.Items.Length)], locked: false);
        }
        catch (Exception error) when (AppendSession.IsLost(error))
        {
            await _session.Drop();
            return null;
        }
    }
}

/// <summary>What was seen of every request of a piece before its turn came. Keys that were taken then are taken for
/// ever; all else may have moved.</summary>
internal sealed class Foresight
{
    private readonly List<Known> _seen;

    private Foresight(List<Known> seen) => _seen = seen;

    /// <summary>The oldest head that something was seen at.</summary>
    public Head Head => _seen.MinBy(known => known.Head.Position)!.Head;

    /// <returns>Null where some request was not looked up.</returns>
    public static Foresight? Of(List<Slice> piece)
    {
        var seen = new List<Known>();
        foreach (var known in piece.Select(slice => slice.Request.Foreseen))
            if (known is null)
                return null;
            else if (!seen.Contains(known))
                seen.Add(known);
        return new Foresight(seen);
    }

    public KeyHolder? Key(Guid key)
    {
        foreach (var known in _seen)
            if (known.Keys.TryGetValue(key, out var holder))
                return holder;
        return null;
    }

    public StreamHead? Stream(string stream)
    {
        foreach (var known in _seen)
            if (known.Streams.TryGetValue(stream, out var head))
                return head;
        return null;
    }
}
