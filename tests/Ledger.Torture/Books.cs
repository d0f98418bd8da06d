using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Ledger.Store;
using Npgsql;

namespace Ledger.Torture;

/// <summary>What a ledger said it had stored.</summary>
internal sealed record Ack(
    string Source, string Id, string Stream, long Version, long Position, DateTimeOffset RecordedAt, string Digest)
{
    /// <summary>Of an answer with the verdict appended or duplicate, or of a receipt.</summary>
    public static Ack Of(JsonElement answer) => new(
        answer.GetProperty("source").GetString()!, answer.GetProperty("id").GetString()!,
        answer.GetProperty("stream").GetString()!, answer.GetProperty("version").GetInt64(),
        answer.GetProperty("position").GetInt64(),
        DateTimeOffset.Parse(answer.GetProperty("recordedAt").GetString()!, CultureInfo.InvariantCulture),
        answer.GetProperty("digest").GetString()!);

    public static Ack Of(Receipt receipt) => new(
        receipt.Source, receipt.Id, receipt.Stream, receipt.Version, receipt.Position,
        receipt.RecordedAt.ToDateTimeOffset(), Convert.ToHexStringLower(receipt.Digest.Span));
}

/// <summary>Remembers, outside the ledger, what was offered to it and what it acknowledged, and compares.</summary>
internal sealed class Books(Run run)
{
    private const string Stored = """
        select coalesce(e.headers ->> 'source', ''), coalesce(e.headers ->> 'source_id', ''), e.stream_id, e.version,
          e.seq_id, e.timestamp, coalesce(encode(k.digest, 'hex'), '')
        from events.mt_events e left join ledger.key k on k.key = e.id and k.position = e.seq_id order by e.seq_id
        """;

    private readonly ConcurrentDictionary<(string Source, string Id), Ack?> _known = new();

    public int Acknowledged => _known.Values.Count(ack => ack is not null);

    /// <summary>What was offered and has no answer yet.</summary>
    public IReadOnlyList<string> Open =>
        [.. _known.Where(known => known.Value is null).Select(known => known.Key.Id).Order(StringComparer.Ordinal)];

    public IEnumerable<Ack> All => _known.Values.OfType<Ack>();

    /// <summary>Before it is sent.</summary>
    public void Offer(string id, string source = "psa") => _known.TryAdd((source, id), null);

    /// <summary>What is said twice must be the same twice.</summary>
    public void Take(Ack ack)
    {
        var kept = _known.AddOrUpdate((ack.Source, ack.Id), ack, (_, before) => before ?? ack);
        if (kept != ack)
            run.Anomaly($"{ack.Id} was acknowledged as {kept}, then as {ack}");
    }

    /// <summary>An item of an answer of the door: taken where it is stored.</summary>
    /// <returns>Its verdict.</returns>
    public string Take(JsonElement item)
    {
        var verdict = item.GetProperty("verdict").GetString()!;
        if (verdict is "appended" or "duplicate")
            Take(Ack.Of(item));
        return verdict;
    }

    /// <summary>Compares with what is there: everything acknowledged, where it was said to be; each key once; nothing
    /// that nobody offered; positions and versions without a gap; the recorded time never back; the seals right.
    /// </summary>
    public async Task Check(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var found = await Read(source, cancellationToken);
        var versions = new Dictionary<string, long>(StringComparer.Ordinal);
        var last = (Position: 0L, RecordedAt: DateTimeOffset.MinValue);
        foreach (var (ack, times) in found)
        {
            if (times > 1)
                run.Doubled($"{ack.Source} {ack.Id} is stored {times} times, last at {ack.Position}");
            if (!_known.ContainsKey((ack.Source, ack.Id)))
                run.Anomaly($"{ack.Source} {ack.Id} at {ack.Position} was never offered");
            if (ack.Position != last.Position + 1)
                run.Anomaly($"position {ack.Position} follows on {last.Position}");
            if (ack.RecordedAt < last.RecordedAt)
                run.Anomaly($"position {ack.Position} was recorded before the one before it");
            if (ack.Version != versions.GetValueOrDefault(ack.Stream) + 1)
                run.Anomaly($"version {ack.Version} of {ack.Stream} at {ack.Position} follows on "
                    + $"{versions.GetValueOrDefault(ack.Stream)}");
            versions[ack.Stream] = ack.Version;
            last = (ack.Position, ack.RecordedAt);
        }

        Compare(found.ToDictionary(f => (f.Ack.Source, f.Ack.Id), f => f.Ack));
        await Sealed(source, run, cancellationToken);
    }

    /// <summary>Recomputes the whole log from its events.</summary>
    public static async Task Sealed(NpgsqlDataSource source, Run run, CancellationToken cancellationToken)
    {
        await using var store = new EventStore(source);
        if ((await store.Verify(null, cancellationToken)).First is { } difference)
            run.Anomaly($"verify: {difference.Table} {difference.Position}: {difference.What}");
    }

    private void Compare(Dictionary<(string Source, string Id), Ack> stored)
    {
        foreach (var ack in All)
            if (!stored.TryGetValue((ack.Source, ack.Id), out var there))
                run.Lost($"{ack} is not there");
            else if (there != ack)
                run.Anomaly($"acknowledged as {ack}, stored as {there}");
    }

    /// <summary>Every event, in order, the last of each key with the number of its rows so far.</summary>
    private static async Task<List<(Ack Ack, int Times)>> Read(
        NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var found = new List<(Ack, int)>();
        var times = new Dictionary<(string, string), int>();
        await using var command = source.CreateCommand(Stored);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var ack = new Ack(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3), reader.GetInt64(4),
                reader.GetFieldValue<DateTimeOffset>(5), reader.GetString(6));
            found.Add((ack, times[(ack.Source, ack.Id)] = times.GetValueOrDefault((ack.Source, ack.Id)) + 1));
        }

        return found;
    }
}
