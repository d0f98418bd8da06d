using Ledger.Domain;
using Ledger.Projections;
using Ledger.Store;

namespace Ledger.Api;

/// <summary>A document as it came, and what the door made of it.</summary>
/// <param name="Body">The bytes, kept where it is refused.</param>
internal readonly record struct Offered(ReadOnlyMemory<byte> Body, Reading Reading)
{
    public static Offered Read(ReadOnlyMemory<byte> body) => new(body, EnvelopeReader.Read(body));
}

internal static class Readings
{
    /// <summary>Null where none could be made of it.</summary>
    public static Envelope? Envelope(this Reading reading) => reading switch
    {
        Understood understood => understood.Envelope,
        UnknownType unknown => unknown.Envelope,
        Invalid invalid => invalid.Envelope,
        _ => null,
    };
}

/// <summary>The one way in, for every door: documents in order → a verdict each. What is wrong with one never harms
/// its neighbours.</summary>
internal sealed class Intake(EventStore store)
{
    /// <summary>Decides every item in its turn, stores what is right, keeps what is refused.</summary>
    /// <param name="firstIndex">Index of the first item in the whole request.</param>
    /// <param name="atomic">All or nothing: duplicates pass; a conflict, a type not known, or anything that is wrong
    /// stores no event.</param>
    /// <param name="traceparent">Stored on events that have none of their own.</param>
    /// <exception cref="StoreUnavailableException">Some may be stored and some not; the same again settles it.
    /// </exception>
    public async Task<ItemAnswer[]> Take(
        IReadOnlyList<Offered> items, int firstIndex, bool atomic, string? traceparent,
        CancellationToken cancellationToken)
    {
        var answers = new ItemAnswer[items.Count];
        var run = new Run(store, firstIndex, answers);
        for (var i = 0; i < items.Count; i++)
        {
            switch (Prepare(items[i].Reading, traceparent))
            {
                case Ready ready:
                    run.Add(i, ready);
                    break;
                case Aside aside when atomic:
                    answers[i] = await Known(firstIndex + i, aside, cancellationToken);
                    break;
                case Aside aside:
                    // An earlier item may take the key this one is asked about.
                    if (run.Takes(aside.Envelope))
                        await run.Append(atomic: false, cancellationToken);
                    answers[i] = aside.Problem is null
                        ? await Park(firstIndex + i, aside, items[i].Body, cancellationToken)
                        : await Known(firstIndex + i, aside, cancellationToken);
                    break;
                case Faulty faulty:
                    answers[i] = new(firstIndex + i, faulty.Source, faulty.Id, "rejected", Problem: faulty.Problem);
                    break;
            }
        }

        if (atomic && Array.Exists(answers, answer => answer is { Verdict: not "duplicate" }))
            run.NotAttempted();
        else
            await run.Append(atomic, cancellationToken);
        for (var i = 0; i < answers.Length; i++)
            if (answers[i] is { Verdict: "rejected", Problem: { } problem } rejected)
                answers[i] = rejected with
                {
                    Problem = await Keep(rejected, problem, items[i].Body, cancellationToken),
                };
        return answers;
    }

    /// <summary>Keeps a body that was refused before it came to items.</summary>
    public Task<long> Keep(ReadOnlyMemory<byte> body, ProblemAnswer problem, CancellationToken cancellationToken) =>
        store.Reject(null, null, body, problem.ToJson(), cancellationToken);

    private async Task<ProblemAnswer> Keep(
        ItemAnswer item, ProblemAnswer problem, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        problem with { Reject = await store.Reject(item.Source, item.Id, body, problem.ToJson(), cancellationToken) };

    private async Task<ItemAnswer> Park(
        int index, Aside aside, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var envelope = aside.Envelope;
        return ItemAnswer.Of(index, envelope, await store.Park(
            envelope.Source, envelope.Id, envelope.Type, body, aside.Digest, cancellationToken));
    }

    /// <summary>A key that is known answers before what is wrong with the body does.</summary>
    private async Task<ItemAnswer> Known(int index, Aside aside, CancellationToken cancellationToken)
    {
        var (envelope, digest, problem) = aside;
        return await store.Known(envelope.Source, envelope.Id, digest, cancellationToken) is { } known
            ? ItemAnswer.Of(index, envelope, known)
            : ItemAnswer.Rejected(index, envelope, problem ?? Problems.UnknownTypeInAtomic(envelope.Type));
    }

    private static Prepared Prepare(Reading reading, string? traceparent)
    {
        try
        {
            return reading switch
            {
                Understood understood => new Ready(understood.Envelope, Recorded.New(Traced(understood, traceparent))),
                UnknownType unknown => new Aside(
                    unknown.Envelope, Recorded.Digest(unknown.Envelope, CanonicalJson.Of(unknown.Data)), null),
                Invalid invalid => new Aside(
                    invalid.Envelope, Recorded.Digest(invalid.Envelope, CanonicalJson.Of(invalid.Data)),
                    Problems.InvalidBody(invalid.Envelope.Type, Problems.Places(invalid.Problems))),
                Malformed malformed => new Faulty(
                    malformed.Source, malformed.Id, Problems.Malformed(Problems.Places(malformed.Problems))),
                _ => throw new System.Diagnostics.UnreachableException($"there is no reading {reading.GetType().Name}"),
            };
        }
        catch (MalformedJsonException error)
        {
            var envelope = reading.Envelope();
            return new Faulty(
                envelope?.Source, envelope?.Id,
                Problems.Malformed([new("/data", null, "invalid_text", error.Message.TrimEnd('.'))]));
        }
    }

    private static Understood Traced(Understood understood, string? traceparent) =>
        understood.Envelope.Traceparent is null && traceparent is not null
            ? understood with { Envelope = understood.Envelope with { Traceparent = traceparent } }
            : understood;

    /// <summary>An item on its way to a verdict: a closed family.</summary>
    private abstract record Prepared;

    private sealed record Ready(Envelope Envelope, NewEvent Event) : Prepared;

    /// <summary>Has a key, but cannot be appended.</summary>
    /// <param name="Problem">Null = only its type is not known.</param>
    private sealed record Aside(Envelope Envelope, byte[] Digest, ProblemAnswer? Problem) : Prepared;

    private sealed record Faulty(string? Source, string? Id, ProblemAnswer Problem) : Prepared;

    /// <summary>Items that wait to be appended together.</summary>
    private sealed class Run(EventStore store, int firstIndex, ItemAnswer[] answers)
    {
        private readonly List<(int Index, Ready Item)> waiting = [];
        private readonly HashSet<(string Source, string Id)> keys = [];

        public void Add(int index, Ready item)
        {
            waiting.Add((index, item));
            keys.Add((item.Envelope.Source, item.Envelope.Id));
        }

        public bool Takes(Envelope envelope) => keys.Contains((envelope.Source, envelope.Id));

        public async Task Append(bool atomic, CancellationToken cancellationToken)
        {
            var verdicts = await store.Append([.. waiting.Select(w => w.Item.Event)], atomic, cancellationToken);
            for (var i = 0; i < verdicts.Count; i++)
                Answer(waiting[i], verdicts[i]);
            waiting.Clear();
            keys.Clear();
        }

        public void NotAttempted()
        {
            foreach (var item in waiting)
                Answer(item, new NotAttempted());
        }

        private void Answer((int Index, Ready Item) waited, Verdict verdict) =>
            answers[waited.Index] = ItemAnswer.Of(firstIndex + waited.Index, waited.Item.Envelope, verdict);
    }
}
