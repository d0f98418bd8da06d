using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Store;
using NodaTime;
using NodaTime.Text;

namespace Ledger.Api;

/// <summary>Who decides, and from which date it counts.</summary>
/// <param name="Actor">A person, as the firm names them.</param>
/// <param name="EffectiveOn">Null = the day on which it is decided.</param>
internal sealed record DecidedBy(string Actor, LocalDate? EffectiveOn = null);

/// <summary>What becomes of a decision once it is known what was decided before.</summary>
/// <param name="Body">What to say now; null = it stands so already, or cannot be said.</param>
/// <param name="Problem">Why it cannot be said.</param>
internal sealed record Decision(GovernanceEvent? Body, ProblemAnswer? Problem = null)
{
    /// <summary>Decided so before: nothing is said again.</summary>
    public static readonly Decision Stands = new(Body: null);

    public static Decision Not(ProblemAnswer problem) => new(null, problem);
}

/// <summary>A decision on its way in: an event that can be appended, or the receipt of the one that says it already, or
/// why it cannot be said.</summary>
internal sealed record OfferedDecision(Ready? Ready, ItemAnswer? Standing, ProblemAnswer? Problem);

/// <summary>What people decide, said in the ledger's own name by the one way in. Whatever is decided again stands as it
/// was: one event, and its receipt.</summary>
internal sealed class Decisions(EventStore store, Intake intake) : IDisposable
{
    /// <summary>How often others may come first before this gives up.</summary>
    private const int TriesMax = 5;

    private const int IdInKeyMax = 120;

    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Where a decision stands: a record of the ledger's own.</summary>
    public static string Stream(Kind kind, string id) => StreamName.Of(kind.Name, SourceRegistration.Own, id);

    /// <summary>Says a decision unless it stands already.</summary>
    /// <param name="kind">What sort of decision it is.</param>
    /// <param name="id">Of the ledger's record of it.</param>
    /// <param name="verb">What is decided; part of the event's key, with the id and the record's version.</param>
    /// <param name="decide">Given what was decided before; null = nothing.</param>
    public Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> Tell<TState>(
        Kind kind, string id, string verb, Func<TState?, Decision> decide, DecidedBy by,
        CancellationToken cancellationToken)
        where TState : RecordState =>
        TellTogether(kind, verb, [(id, decide)], by, cancellationToken);

    /// <summary>Says several decisions of one sort, all or none, each unless it stands already.</summary>
    /// <param name="all">Not empty; each of a record of its own.</param>
    /// <returns>The receipt of the last that is said now; where all stand, of the first.</returns>
    public async Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> TellTogether<TState>(
        Kind kind, string verb, IReadOnlyList<(string Id, Func<TState?, Decision> Decide)> all, DecidedBy by,
        CancellationToken cancellationToken)
        where TState : RecordState
    {
        // A person who clicks twice is not in conflict with themselves; another server is told apart by the version.
        await _turn.WaitAsync(cancellationToken);
        try
        {
            for (var tries = 1; ; tries++)
            {
                List<OfferedDecision> offers = [];
                foreach (var (id, decide) in all)
                    offers.Add(await Offer(kind, id, verb, decide, by, cancellationToken));
                if (offers.Find(offer => offer.Problem is not null) is { } wrong)
                    return (null, wrong.Problem);
                Ready[] ready = [.. offers.Select(offer => offer.Ready).OfType<Ready>()];
                if (ready.Length == 0)
                    return (offers[0].Standing, null);
                var answers = await intake.Take(ready, 0, atomic: ready.Length > 1, cancellationToken);
                var refused = Array.FindAll(answers, answer => answer.Problem is not null);
                if (refused.Length == 0)
                    return (answers[^1], null);
                if (tries == TriesMax || !Array.Exists(refused, answer => answer.Verdict == "conflict"))
                    return (null, refused[0].Problem);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The event that would say a decision, and is not appended.</summary>
    /// <inheritdoc cref="Tell"/>
    public async Task<OfferedDecision> Offer<TState>(
        Kind kind, string id, string verb, Func<TState?, Decision> decide, DecidedBy by,
        CancellationToken cancellationToken)
        where TState : RecordState
    {
        var events = await Events(Stream(kind, id), cancellationToken);
        var decision = decide((TState?)StreamFold.Fold(kind, events.Select(Recorded.Event)).State);
        if (decision.Problem is { } problem)
            return new(null, null, problem);
        if (decision.Body is not { } body)
            return new(null, await Standing(events[^1], cancellationToken), null);
        var offered = intake.Read(Document(kind, id, verb, body, by, events), Traceparent());
        return offered is Ready ready ? new(ready, null, null) : new(null, null, Fault(offered));
    }

    /// <summary>What was decided before; null = nothing.</summary>
    public async Task<TState?> Find<TState>(Kind kind, string id, CancellationToken cancellationToken)
        where TState : RecordState =>
        (TState?)StreamFold.Fold(
            kind, (await Events(Stream(kind, id), cancellationToken)).Select(Recorded.Event)).State;

    public void Dispose() => _turn.Dispose();

    private async Task<List<StoredEvent>> Events(string stream, CancellationToken cancellationToken)
    {
        var events = new List<StoredEvent>();
        await foreach (var stored in store.ReadStream(stream, cancellationToken))
            events.Add(stored);
        return events;
    }

    private static string? Traceparent() =>
        Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;

    /// <summary>The receipt of what was said before.</summary>
    private async Task<ItemAnswer> Standing(StoredEvent last, CancellationToken cancellationToken)
    {
        var known = (Duplicate)(await store.Known(last.Source, last.Id, cancellationToken))!;
        return ItemAnswer.Of(0, "duplicate", known.Receipt);
    }

    /// <summary>The event as a connector would send it, so that all that holds for others' events holds for it.
    /// </summary>
    internal static ReadOnlyMemory<byte> Document(
        Kind kind, string id, string verb, GovernanceEvent body, DecidedBy by, IReadOnlyList<StoredEvent> before)
    {
        var definition = EventCatalog.Find(body);
        var version = before.Count == 0 ? 0 : before[^1].Version;
        var document = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(document, new() { Encoder = DoorJson.Encoder }))
        {
            json.WriteStartObject();
            json.WriteString("source", SourceRegistration.Own);
            json.WriteString("id", FormattableString.Invariant($"{Short(kind, id)}-{verb}-{version + 1}"));
            json.WriteString("type", definition.Name);
            json.WriteString("subject", $"{kind.Name}/{id}");
            json.WriteString("time", LedgerJson.WriteInstant(After(before)));
            json.WriteNumber("sequence", version + 1);
            json.WriteNumber("expectedVersion", version);
            if (by.EffectiveOn is { } date)
                json.WriteString("effectiveOn", LocalDatePattern.Iso.Format(date));
            json.WriteString("actor", by.Actor);
            json.WritePropertyName("data");
            json.WriteRawValue(definition.WriteOrdered(body));
            json.WriteEndObject();
        }

        return document.WrittenMemory;
    }

    /// <summary>Now, or, where a clock was set back, right after what was said before: the later decision counts.
    /// </summary>
    private static Instant After(IReadOnlyList<StoredEvent> before)
    {
        var now = LedgerJson.Micros(SystemClock.Instance.GetCurrentInstant());
        foreach (var stored in before)
            if (LedgerJson.TryInstant(stored.Headers.GetValueOrDefault(HeaderNames.Time), out var time) && time >= now)
                now = time + Duration.FromTicks(10);
        return now;
    }

    private static string Short(Kind kind, string id) =>
        id.Length <= IdInKeyMax ? $"{kind.Name}-{id}" : $"{kind.Name}-{Fingerprint.Of(id)}";

    /// <summary>What is wrong with what a person gave.</summary>
    private static ProblemAnswer Fault(Offered offered) => offered switch
    {
        Aside { Problem: { } problem } => Problems.InvalidCommand(Places(problem)),
        Faulty faulty => Problems.InvalidCommand(Places(faulty.Problem)),
        _ => throw new UnreachableException($"a decision is never {offered.GetType().Name}"),
    };

    /// <summary>A command's members are those of the event's body, and a few of its envelope.</summary>
    private static List<ProblemPlace> Places(ProblemAnswer problem) =>
    [
        .. (problem.Errors ?? [new("", null, "invalid", problem.Detail)]).Select(place =>
            place.Pointer?.StartsWith("/data", StringComparison.Ordinal) == true
                ? place with { Pointer = place.Pointer["/data".Length..] }
                : place),
    ];
}
