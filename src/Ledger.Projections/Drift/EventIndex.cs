using System.Collections.Frozen;
using Ledger.Domain;
using NodaTime;
using Npgsql;

namespace Ledger.Projections.Drift;

/// <summary>What an event is called outside the ledger, and when its source says it happened.</summary>
/// <param name="Time">Null = the store does not say it.</param>
public sealed record EventName(long Position, string Source, string Id, string Type, string Stream, Instant? Time);

/// <summary>Positions → the events at them, as their sources call them: reports name events by both.</summary>
public sealed class EventIndex
{
    private const string ByPosition = """
        select seq_id, headers ->> 'source', headers ->> 'source_id', type, stream_id,
          headers ->> 'time'
        from events.mt_events where seq_id = any ($1)
        """;

    private readonly FrozenDictionary<long, EventName> names;

    private EventIndex(IEnumerable<EventName> names) => this.names = names.ToFrozenDictionary(n => n.Position);

    /// <summary>Knows no event.</summary>
    public static EventIndex None { get; } = new([]);

    public static EventIndex Of(IEnumerable<RecordedEvent> events) =>
        new(events.Select(e => new EventName(e.Position, e.Source, e.Id, e.Type, e.Stream, e.Time)));

    /// <summary>Reads the names of events from the store, in one query.</summary>
    public static async Task<EventIndex> Load(
        NpgsqlDataSource source, IEnumerable<long> positions, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(ByPosition);
        command.Parameters.Add(new() { Value = positions.Distinct().ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<EventName>();
        while (await reader.ReadAsync(cancellationToken))
            found.Add(new(
                reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetString(3),
                reader.GetString(4), At(reader.IsDBNull(5) ? null : reader.GetString(5))));
        return new(found);
    }

    private static Instant? At(string? time) => LedgerJson.TryInstant(time, out var at) ? at : null;

    /// <summary>Null where the position is not among those loaded.</summary>
    public EventName? Find(long position) => names.GetValueOrDefault(position);
}
