using System.Diagnostics;
using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Drift;
using Ledger.Projections.Lineage;
using Ledger.Store;

namespace Ledger.Api.Pages;

/// <summary><c>GET /streams/{kind}/{source}:{id}</c>: what one source said of one record, event by event.</summary>
internal static class ShowStream
{
    public static async Task<IResult> Handle(
        HttpContext http, DriftNow now, EventStore store, CancellationToken cancellationToken)
    {
        var (kindName, rest) = Address.Pair(http, "/streams/");
        var stream = $"{kindName}/{rest}";
        if (!StreamName.TryParse(stream, out _, out _, out _) || !Kind.TryFind(kindName, out var kind)
            || !Address.IsStorable(stream))
            return Problems.NotFound($"'{stream}' names no stream; a stream is {{kind}}/{{source}}:{{id}}.");
        var at = await now.ReadDrift(cancellationToken);
        var stored = new List<StoredEvent>();
        await foreach (var one in store.ReadStream(stream, cancellationToken)) stored.Add(one);
        return stored.Count == 0
            ? Problems.NotFound($"No event of the stream '{stream}' is stored.")
            : Page.Of<StreamPage>(StreamModel.Of(at, kind, stream, stored));
    }
}

/// <summary>What an event changed in one field; null = nothing was there. Of a list only the items that went and
/// came.</summary>
/// <param name="Kept">How many items of a list stayed as they were.</param>
public sealed record FieldChange(string Field, JsonElement? Before, JsonElement? After, int Kept = 0);

/// <summary>One event in the source's order.</summary>
/// <param name="Step">What it did; null where it cannot be folded.</param>
/// <param name="Pending">Whether it still waits for another event to apply.</param>
public sealed record HistoryRow(StoredEvent Stored, FoldStep? Step, bool Pending, IReadOnlyList<FieldChange> Changes)
{
    /// <summary>Positions of events that had waited for this one.</summary>
    public IEnumerable<long> Released => Step?.Applied.Where(p => p != Stored.Position) ?? [];
}

/// <summary>One field as it stands, and the event that last changed it.</summary>
public sealed record FieldNow(string Field, JsonElement Value, long? Position);

/// <summary>A stream's history and where it stands now.</summary>
/// <param name="Fault">Why its events cannot be folded; null = they can.</param>
public sealed record StreamModel(
    LedgerAt At, Kind Kind, string Stream, Folded? Fold, IReadOnlyList<HistoryRow> History, string? Fault)
{
    public string Source => StreamName.SourceOf(Stream);

    public string Id => StreamName.IdOf(Stream);

    /// <summary>The record as the views have it; null while they have not seen it.</summary>
    public SourceRecord? Record { get; } = At.World.Records.GetValueOrDefault(Stream);

    public Entity? Entity => Record is null ? null : At.World.EntityOf(Stream);

    public Node? Node => Record is null ? null : Describe.Record(Record, Items<string>.None);

    public IEnumerable<FieldNow> Fields => Fold?.State is not { } state
        ? []
        : Json(Kind, state).EnumerateObject().Where(p => !IsNothing(p.Value))
            .Select(p => new FieldNow(p.Name, p.Value, Fold.Asserted.TryGetValue(p.Name, out var by) ? by : null));

    /// <summary>What it refers to, each thing once.</summary>
    public IEnumerable<Edge> RefersTo => Record is null ? [] : Edges.Of(Record).DistinctBy(e => (e.Rel, e.To));

    /// <summary>What refers to it, each once.</summary>
    public IEnumerable<Edge> ReferredToBy =>
        At.ReferencesTo(Stream).DistinctBy(e => (e.Rel, e.From, e.FromPart));

    public IEnumerable<Finding> Findings => At.Drift.Findings.Where(f => f.Streams.Contains(Stream));

    internal static StreamModel Of(LedgerAt at, Kind kind, string stream, IReadOnlyList<StoredEvent> stored)
    {
        try
        {
            var events = stored.Select(Recorded.Event).ToArray();
            var fold = StreamFold.Fold(kind, events);
            var byPosition = stored.ToDictionary(s => s.Position);
            var rows = StreamFold.History(kind, events).Select(step => new HistoryRow(
                byPosition[step.Event.Position], step, fold.Pending.Contains(step.Event.Position),
                Changes(kind, step.Before, step.After)));
            return new(at, kind, stream, fold, [.. rows], null);
        }
        catch (Exception error) when (error is JsonException or FormatException or ArgumentException
            or OverflowException or UnreachableException)
        {
            // It is poison to the views as well; whoever looks here wants to see what was sent.
            var rows = stored.Select(s => new HistoryRow(s, null, true, []));
            return new(at, kind, stream, null, [.. rows], error.Message);
        }
    }

    private static IReadOnlyList<FieldChange> Changes(Kind kind, RecordState? before, RecordState? after)
    {
        if (after is null || Equals(before, after)) return [];
        var (old, now) = (before is null ? default(JsonElement?) : Json(kind, before), Json(kind, after));
        return
        [
            .. from field in kind.Fields
               let was = Read(old, field.Name)
               let became = Read(now, field.Name)
               where was?.GetRawText() != became?.GetRawText()
               select Change(field.Name, was, became),
        ];
    }

    private static FieldChange Change(string field, JsonElement? was, JsonElement? became)
    {
        if (was is not { ValueKind: JsonValueKind.Array } old || became is not { ValueKind: JsonValueKind.Array } now)
            return new(field, was, became);
        var (before, after) = (old.EnumerateArray().ToArray(), now.EnumerateArray().ToArray());
        var stayed = before.Select(i => i.GetRawText()).Intersect(after.Select(i => i.GetRawText())).ToHashSet();
        return new(field, Others(before, stayed), Others(after, stayed), stayed.Count);
    }

    private static JsonElement? Others(JsonElement[] items, HashSet<string> stayed) =>
        Array.FindAll(items, i => !stayed.Contains(i.GetRawText())) is { Length: > 0 } others
            ? JsonSerializer.SerializeToElement(others)
            : null;

    private static JsonElement Json(Kind kind, RecordState state) =>
        JsonSerializer.SerializeToElement(state, LedgerJson.Options.GetTypeInfo(kind.StateType));

    private static JsonElement? Read(JsonElement? state, string field) =>
        state is { } known && known.TryGetProperty(field, out var value) && !IsNothing(value) ? value : null;

    private static bool IsNothing(JsonElement value) => value.ValueKind is JsonValueKind.Null
        || (value.ValueKind is JsonValueKind.Array && value.GetArrayLength() == 0);
}
