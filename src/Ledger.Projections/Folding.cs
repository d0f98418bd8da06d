using System.Runtime.CompilerServices;
using Ledger.Domain;
using Ledger.Projections.Views;
using Ledger.Store;

namespace Ledger.Projections;

/// <summary>An event that could not be read or folded; its stream stands still before it.</summary>
/// <param name="Error">Why, in the words of the program.</param>
public sealed record Poison(string Stream, long Position, string Type, string Error);

/// <summary>What a stream's events come to.</summary>
/// <param name="Record">Null where not even the first could be folded.</param>
/// <param name="Poison">The first event that could not be folded; <paramref name="Record"/> is what was before it.
/// </param>
/// <param name="Former">What the record once said; null = as it was before.</param>
internal sealed record StreamState(SourceRecord? Record, Poison? Poison, Former? Former);

/// <summary>Folds stored events, so that one that cannot be folded stops its stream and nothing else.</summary>
internal static class Folding
{
    /// <summary>How many streams are read at a time.</summary>
    private const int PageStreams = 1_000;

    /// <summary>Folds a whole stream.</summary>
    /// <param name="events">All of them, in any order.</param>
    /// <param name="known">What it was before the last of them came; null = nothing, or it stood still.</param>
    public static StreamState Whole(string stream, IReadOnlyList<StoredEvent> events, SourceRecord? known = null)
    {
        try
        {
            var (record, decoded) = (Empty(stream), Decoded(events));
            record = record with { Fold = StreamFold.Fold(record.Kind, decoded) };
            return new(record, null, Former.Of(record, decoded, known));
        }
        catch (Exception error) when (IsOfTheEvent(error))
        {
            return UpToPoison(stream, events);
        }
    }

    /// <summary>Folds streams as far as a position, each once; those that begin later are left out.</summary>
    /// <param name="before">What is told of them; null = nothing.</param>
    public static async IAsyncEnumerable<(string Stream, StreamState State)> Whole(
        EventStore store, IReadOnlyCollection<string> streams, long upTo, Known? before,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var page in streams.Chunk(PageStreams))
            foreach (var (stream, events) in await store.ReadStreams(page, upTo, cancellationToken))
            {
                var stands = before?.Poisoned.ContainsKey(stream) ?? false;
                var known = stands ? null : before?.Records.GetValueOrDefault(stream);
                yield return (stream, Whole(stream, events, known));
            }
    }

    /// <summary>Adds events that arrived to a record; null where the whole stream has to be folded, also for what it
    /// once said.</summary>
    public static SourceRecord? Further(SourceRecord before, IReadOnlyList<StoredEvent> arrived)
    {
        try
        {
            var decoded = Decoded(arrived);
            if (Array.Exists(decoded, Identity.Turns.AreMadeBy)) return null;
            if (StreamFold.Append(before.Kind, before.Fold, decoded) is not { } fold) return null;
            var after = before with { Fold = fold };
            return Former.Stays(before, after) ? after : null;
        }
        catch (Exception error) when (IsOfTheEvent(error))
        {
            return null;
        }
    }

    // In the order of arrival, so that where the stream stands does not hang on how it was batched.
    private static StreamState UpToPoison(string stream, IReadOnlyList<StoredEvent> events)
    {
        SourceRecord? record = null;
        List<RecordedEvent> good = [];
        foreach (var stored in events.OrderBy(e => e.Position))
        {
            try
            {
                var e = Recorded.Event(stored);
                var before = record ?? Empty(stream);
                good.Add(e);
                record = before with
                {
                    Fold = StreamFold.Append(before.Kind, before.Fold, [e]) ?? StreamFold.Fold(before.Kind, good),
                };
            }
            catch (Exception error) when (IsOfTheEvent(error))
            {
                return new(record, new(stream, stored.Position, stored.Type, Words(error)), Before());
            }
        }

        return new(record, null, Before());

        Former Before() => record is null ? Former.Nothing : Former.Of(record, good, null);
    }

    private static RecordedEvent[] Decoded(IReadOnlyList<StoredEvent> events)
    {
        var decoded = new RecordedEvent[events.Count];
        for (var i = 0; i < decoded.Length; i++) decoded[i] = Recorded.Event(events[i]);
        return decoded;
    }

    private static SourceRecord Empty(string stream) =>
        StreamName.TryParse(stream, out var kind, out var source, out var id)
            ? new(stream, Kind.Find(kind), source, id, Folded.Nothing)
            : throw new FormatException($"'{stream}' names no stream");

    // A message may quote what PostgreSQL cannot hold.
    private static string Words(Exception error) => $"{error.GetType().Name}: {error.Message}".Replace('\0', '\uFFFD');

    private static bool IsOfTheEvent(Exception error) =>
        error is not (OutOfMemoryException or OperationCanceledException);
}
