using Ledger.Domain;
using Ledger.Projections;
using Ledger.Store;

namespace Ledger.Api;

/// <summary>The one way in, for every door: documents in order → a verdict each. What is wrong with one never harms
/// its neighbours.</summary>
/// <param name="vocabulary">The events it knows; others are parked.</param>
internal sealed class Intake(EventStore store, Vocabulary vocabulary)
{
    /// <summary>What is parked, and how it is applied.</summary>
    public ParkedEvents Parked { get; } = new(store, vocabulary);

    /// <summary>Reads one document.</summary>
    /// <param name="traceparent">Stored on an event that has none of its own.</param>
    public Offered Read(ReadOnlyMemory<byte> body, string? traceparent) =>
        Offered.Read(body, traceparent, vocabulary);

    /// <summary>For one stream of documents, which may have come before.</summary>
    public Repeats Repeats() => new(store);

    /// <summary>Decides every item in its turn, stores what is right, keeps what is refused.</summary>
    /// <param name="firstIndex">Index of the first item in the whole request.</param>
    /// <param name="atomic">All or nothing: duplicates pass; a conflict, a type not known, or anything that is wrong
    /// stores no event.</param>
    /// <exception cref="StoreUnavailableException">Some may be stored and some not; the same again settles it.
    /// </exception>
    public async Task<ItemAnswer[]> Take(
        IReadOnlyList<Offered> items, int firstIndex, bool atomic, CancellationToken cancellationToken)
    {
        var answers = new ItemAnswer[items.Count];
        var run = new Run(store, Parked, firstIndex, answers);
        for (var i = 0; i < items.Count; i++)
        {
            switch (items[i])
            {
                case Ready ready:
                    // What stands aside is decided after what is appended, so it must not come before it by its key.
                    if (!atomic && run.IsAside(ready.Envelope))
                        await run.Decide(cancellationToken);
                    run.Add(i, ready);
                    break;
                case Aside aside:
                    run.Add(i, aside);
                    break;
                case Held held:
                    answers[i] = ItemAnswer.Of(firstIndex + i, "duplicate", held.Duplicate.Receipt);
                    break;
                case TurnedAway away:
                    answers[i] = new(firstIndex + i, away.Source, away.Id, away.Verdict, Problem: away.Problem);
                    break;
                case Faulty faulty:
                    answers[i] = new(firstIndex + i, faulty.Source, faulty.Id, "rejected", Problem: faulty.Problem);
                    break;
            }
        }

        if (atomic)
            await run.DecideTogether(cancellationToken);
        else
            await run.Decide(cancellationToken);
        await KeepRejected(items, answers, cancellationToken);
        return answers;
    }

    /// <summary>Keeps a body that was refused before it came to items.</summary>
    /// <param name="source">Who sent it; null = nobody knows.</param>
    public async Task<long> Keep(
        ReadOnlyMemory<byte> body, string? source, ProblemAnswer problem, CancellationToken cancellationToken) =>
        (await store.Reject([new(source, null, body, problem.ToJson())], cancellationToken))[0];

    private async Task KeepRejected(
        IReadOnlyList<Offered> items, ItemAnswer[] answers, CancellationToken cancellationToken)
    {
        int[] rejected = [.. Enumerable.Range(0, answers.Length).Where(i =>
            answers[i].Verdict == "rejected" && items[i] is not TurnedAway)];
        var numbers = await store.Reject(
            [.. rejected.Select(i => new Rejected(
                answers[i].Source, answers[i].Id, items[i].Body, answers[i].Problem!.ToJson()))],
            cancellationToken);
        foreach (var (nth, i) in rejected.Index())
            answers[i] = answers[i] with { Problem = answers[i].Problem! with { Reject = numbers[nth] } };
    }

    /// <summary>Items that wait to be decided together: first what can be appended, then what cannot.</summary>
    private sealed class Run(EventStore store, ParkedEvents parked, int firstIndex, ItemAnswer[] answers)
    {
        private readonly List<(int Index, Ready Item)> ready = [];
        private readonly List<(int Index, Aside Item)> aside = [];
        private readonly HashSet<(string Source, string Id)> keysAside = [];

        public void Add(int index, Ready item) => ready.Add((index, item));

        public void Add(int index, Aside item)
        {
            aside.Add((index, item));
            keysAside.Add((item.Envelope.Source, item.Envelope.Id));
        }

        public bool IsAside(Envelope envelope) => keysAside.Contains((envelope.Source, envelope.Id));

        public async Task Decide(CancellationToken cancellationToken)
        {
            await Append(atomic: false, cancellationToken);
            await TakeAside(park: true, cancellationToken);
            ready.Clear();
            aside.Clear();
            keysAside.Clear();
        }

        /// <summary>All or nothing.</summary>
        public async Task DecideTogether(CancellationToken cancellationToken)
        {
            await TakeAside(park: false, cancellationToken);
            if (!Array.Exists(answers, answer => answer is { Verdict: not "duplicate" }))
                await Append(atomic: true, cancellationToken);
            else
                foreach (var (index, item) in ready)
                    Answer(index, item.Envelope, new NotAttempted());
        }

        private async Task Append(bool atomic, CancellationToken cancellationToken)
        {
            NewEvent[] events = [.. ready.Select(at => at.Item.Event)];
            var verdicts = await store.Append(events, atomic, cancellationToken);
            int[] waiting = [.. Enumerable.Range(0, events.Length).Where(i => IsParked(verdicts[i]))];
            if (waiting.Length > 0)
                verdicts = await AfterParked(events, [.. verdicts], waiting, atomic, cancellationToken);
            for (var i = 0; i < events.Length; i++)
                Answer(ready[i].Index, ready[i].Item.Envelope, verdicts[i]);
            // What is stored settles what was refused under its key; what is equal to another event is stored nowhere.
            await store.Settle(
                [.. verdicts.Index().Where(at => at.Item is Unchanged).Select(at =>
                    (events[at.Index].Source, events[at.Index].Id, ((Unchanged)at.Item).Receipt.Position))],
                cancellationToken);
        }

        /// <summary>Asks again for those whose keys were held by events that were parked while their types were not
        /// known: these come first.</summary>
        private async Task<IReadOnlyList<Verdict>> AfterParked(
            NewEvent[] events, Verdict[] verdicts, int[] waiting, bool atomic, CancellationToken cancellationToken)
        {
            var free = await parked.Apply(
                [.. waiting.Select(i => (events[i].Source, events[i].Id))], cancellationToken);
            int[] which = [.. waiting.Where(i => free.Contains((events[i].Source, events[i].Id)))];
            if (which.Length == 0)
                return verdicts;
            if (atomic)
                return await store.Append(events, atomic, cancellationToken);
            var again = await store.Append([.. which.Select(i => events[i])], atomic: false, cancellationToken);
            foreach (var (nth, i) in which.Index())
                verdicts[i] = again[nth];
            return verdicts;
        }

        private async Task TakeAside(bool park, CancellationToken cancellationToken)
        {
            var verdicts = await store.TakeAside(
                [.. aside.Select(at => new Unready(
                    at.Item.Envelope.Source, at.Item.Envelope.Id,
                    park && at.Item.Problem is null ? at.Item.Envelope.Type : null, at.Item.Body, at.Item.Digest))],
                cancellationToken);
            foreach (var (nth, (index, item)) in aside.Index())
                if (verdicts[nth] is { } known)
                    Answer(index, item.Envelope, known);
                else
                    answers[index] = ItemAnswer.Rejected(
                        firstIndex + index, item.Envelope,
                        item.Problem ?? Problems.UnknownTypeInAtomic(item.Envelope.Type));
        }

        private static bool IsParked(Verdict verdict) => verdict is Store.Parked or KeyConflict { Existing: null };

        private void Answer(int index, Envelope envelope, Verdict verdict) =>
            answers[index] = ItemAnswer.Of(firstIndex + index, envelope, verdict);
    }
}
