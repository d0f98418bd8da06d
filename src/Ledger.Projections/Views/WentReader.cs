using Ledger.Domain;
using Ledger.Projections.SignOffs;
using Ledger.Store;
using Npgsql;

namespace Ledger.Projections.Views;

/// <summary>Reads how streams went after a position.</summary>
public static class WentReader
{
    /// <summary>How many streams are read at once.</summary>
    private const int StreamsAtOnce = 500;

    private const string Touched =
        "select distinct e.stream_id from events.mt_events e where e.seq_id > $1 and e.seq_id <= $2 order by 1";

    /// <summary>Every stream that a scope may hold and that has an event after a position.</summary>
    /// <param name="upTo">Nothing after it counts.</param>
    public static async Task<IReadOnlyList<Went>> Since(
        NpgsqlDataSource source, long position, long upTo, CancellationToken cancellationToken)
    {
        if (position >= upTo) return [];
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var streams = new List<string>();
        await using (var command = new NpgsqlCommand(Touched, connection) { CommandTimeout = 0 })
        {
            command.Parameters.Add(new() { Value = position });
            command.Parameters.Add(new() { Value = upTo });
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
                if (row.GetString(0) is var stream && Scope.Concerns(stream)) streams.Add(stream);
        }

        var went = new List<Went>(streams.Count);
        foreach (var some in streams.Chunk(StreamsAtOnce))
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(StoredEvents.OfStreams(some, upTo));
            await using var row = await batch.ExecuteReaderAsync(cancellationToken);
            List<StoredEvent> events = [];
            while (await row.ReadAsync(cancellationToken))
            {
                var stored = StoredEvents.Read(row);
                if (events.Count > 0 && events[0].Stream != stored.Stream) Take();
                events.Add(stored);
            }

            if (events.Count > 0) Take();

            void Take()
            {
                went.Add(Of(events, position));
                events = [];
            }
        }

        return went;
    }

    /// <summary>One stream after a position, event by event; it stands still before one that cannot be folded.
    /// </summary>
    /// <param name="events">All of them, in the order in which they came.</param>
    private static Went Of(List<StoredEvent> events, long position)
    {
        var stream = events[0].Stream;
        var known = events.TakeWhile(e => e.Position <= position).ToList();
        var state = known.Count == 0 ? null : Folding.Whole(stream, known);
        var (before, stands) = (state?.Record, state?.Poison is not null);
        var then = new List<WentOn>(events.Count - known.Count);
        var now = before;
        foreach (var stored in events.Skip(known.Count))
        {
            known.Add(stored);
            if (!stands && (now is null ? null : Folding.Further(now, [stored])) is { } further) now = further;
            else if (!stands)
            {
                state = Folding.Whole(stream, known);
                (now, stands) = (state.Record, state.Poison is not null);
            }

            then.Add(new(stored.Position, stored.Type, now));
        }

        return new(stream, before, then);
    }
}
