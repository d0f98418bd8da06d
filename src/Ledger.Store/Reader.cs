using System.Runtime.CompilerServices;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store;

/// <summary>Streaming reads, a page at a time, so that no slow consumer holds a snapshot open for long.</summary>
internal sealed class Reader(NpgsqlDataSource source)
{
    private const int PageEvents = 1_000;
    private const int PageStreams = 10_000;
    private const int StretchEvents = 200;
    private const int StretchScan = 20_000;
    private const long StretchBytes = 1 << 20;

    public async Task<Head> Head(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(Sql.Head);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new Head(reader.GetInt64(0), reader.Instant(1), reader.GetFieldValue<byte[]>(2));
    }

    public async IAsyncEnumerable<StoredEvent> All(
        long after, long limit, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (limit > 0)
        {
            var (asked, got) = (Math.Min(limit, PageEvents), 0);
            await using var command = source.CreateCommand(Sql.Page);
            Bind(command, after, asked, filter);
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
                while (await reader.ReadAsync(cancellationToken))
                {
                    var stored = Event(reader);
                    after = stored.Position;
                    got++;
                    yield return stored;
                }

            if (got < asked)
                yield break;
            limit -= got;
        }
    }

    /// <summary>What follows a position, as much as is taken in at once.</summary>
    public async Task<List<StoredEvent>> Following(
        long after, long upTo, int limit, long bytesMax, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Sql.Following, connection);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = upTo });
        command.Parameters.Add(new() { Value = (long)limit });
        await command.PrepareAsync(cancellationToken);
        var (events, bytes) = (new List<StoredEvent>((int)Math.Min(limit, upTo - after)), 0L);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (bytes <= bytesMax && await reader.ReadAsync(cancellationToken))
        {
            events.Add(Event(reader, isCanonical: false));
            bytes += events[^1].Data.Length;
        }

        return events;
    }

    /// <summary>What a filter lets through after a position, as much as goes well together, read at once.</summary>
    public async Task<Stretch> Stretch(
        long after, long upTo, EventFilter filter, CancellationToken cancellationToken)
    {
        // One stream is found by its index, however far apart its events are; anything else is looked through.
        var end = filter.Stream is null ? Math.Min(upTo, after + (filter.IsNone ? StretchEvents : StretchScan)) : upTo;
        var (events, bytes) = (new List<StoredEvent>(), 0L);
        await using var command = source.CreateCommand(Sql.Stretch);
        Bind(command, after, StretchEvents, filter);
        command.Parameters.Add(new() { Value = end });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (bytes < StretchBytes && await reader.ReadAsync(cancellationToken))
        {
            events.Add(Event(reader));
            bytes += events[^1].Data.Length;
        }

        var isCut = bytes >= StretchBytes || events.Count == StretchEvents;
        return new(events, isCut ? events[^1].Position : end);
    }

    public async IAsyncEnumerable<StoredEvent> Stream(
        string stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var (version, more) = (0L, true); more;)
        {
            var got = 0;
            await using var command = source.CreateCommand(Sql.StreamPage);
            command.Parameters.Add(Text(stream));
            command.Parameters.Add(new() { Value = version });
            command.Parameters.Add(new() { Value = PageEvents });
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
                while (await reader.ReadAsync(cancellationToken))
                {
                    var stored = Event(reader);
                    version = stored.Version;
                    got++;
                    yield return stored;
                }

            more = got == PageEvents;
        }
    }

    public async Task<Dictionary<string, List<StoredEvent>>> Streams(
        IReadOnlyCollection<string> streams, long upTo, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var copy = await connection.BeginRawBinaryCopyAsync(
            Sql.FoldedRows(streams, upTo), cancellationToken);
        return Streams(copy, streams.Count, cancellationToken);
    }

    private static Dictionary<string, List<StoredEvent>> Streams(
        Stream copy, int capacity, CancellationToken cancellationToken)
    {
        using var rows = new FoldedRows(copy.Read);
        var streams = new Dictionary<string, List<StoredEvent>>(capacity);
        var (stream, events) = ("", new List<StoredEvent>());
        while (rows.Next(cancellationToken) is { } stored)
        {
            // Those of one stream mostly lie side by side, and then have one name.
            if (!ReferenceEquals(stored.Stream, stream))
            {
                stream = stored.Stream;
                if (!streams.TryGetValue(stream, out events!)) streams.Add(stream, events = []);
            }

            events.Add(stored);
        }

        return streams;
    }

    public async IAsyncEnumerable<(string Stream, long Version)> StreamNames(
        string startsWith, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<(string Stream, long Version)> page = [];
        for (var (after, more) = ("", true); more; page.Clear())
        {
            await using var command = source.CreateCommand(Sql.StreamNamesPage);
            command.Parameters.Add(Text(after));
            command.Parameters.Add(Text(startsWith));
            command.Parameters.Add(new() { Value = PageStreams });
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
                while (await reader.ReadAsync(cancellationToken))
                    page.Add((reader.GetString(0), reader.GetInt64(1)));
            foreach (var stream in page)
                yield return stream;
            more = page.Count == PageStreams;
            after = more ? page[^1].Stream : after;
        }
    }

    public async Task<KeyHolder?> Holder(string from, string id, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(Sql.Keys);
        command.Parameters.Add(new() { Value = new[] { EventKey.For(from, id) } });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Lookup.Holder(reader, from, id) : null;
    }

    /// <param name="isCanonical">Whether the body is wanted in canonical form; who reads it by its schema needs none.
    /// </param>
    internal static StoredEvent Event(NpgsqlDataReader reader, bool isCanonical = true)
    {
        var headers = StoredHeaders.Read(reader.GetFieldValue<byte[]>(8));
        var data = reader.GetFieldValue<byte[]>(7);
        return new StoredEvent(
            reader.GetInt64(0), reader.GetGuid(1), headers.GetValueOrDefault("source", ""),
            headers.GetValueOrDefault("source_id", ""), reader.GetString(2), reader.TextOrNull(3) ?? "",
            reader.GetInt64(4), reader.GetString(5), reader.Instant(6), isCanonical ? CanonicalJson.Of(data) : data,
            headers, reader.TextOrNull(9), reader.TextOrNull(10), reader.TextOrNull(11));
    }

    private static void Bind(NpgsqlCommand command, long after, long limit, EventFilter filter)
    {
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = limit });
        foreach (var text in new[] { filter.Type, filter.Source, filter.Kind, filter.Stream })
            command.Parameters.Add(Text(text));
    }

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Varchar };
}
