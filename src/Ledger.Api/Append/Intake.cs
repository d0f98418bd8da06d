using Ledger.Domain;
using Ledger.Store;

namespace Ledger.Api;

/// <summary>The one way in, for every door: documents in order → a verdict each. What is wrong with one never harms
/// its neighbours.</summary>
internal sealed class Intake(EventStore store)
{
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
        var run = new Run(store, firstIndex, answers);
        for (var i = 0; i < items.Count; i++)
        {
            switch (items[i])
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
                        ? await Park(firstIndex + i, aside, cancellationToken)
                        : await Known(firstIndex + i, aside, cancellationToken);
                    break;
                case TurnedAway away:
                    answers[i] = new(firstIndex + i, away.Source, away.Id, away.Verdict, Problem: away.Problem);
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
        await KeepRejected(items, answers, cancellationToken);
        return answers;
    }

    /// <summary>Keeps a body that was refused before it came to items.</summary>
    public async Task<long> Keep(
        ReadOnlyMemory<byte> body, ProblemAnswer problem, CancellationToken cancellationToken) =>
        (await store.Reject([new(null, null, body, problem.ToJson())], cancellationToken))[0];

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

    private async Task<ItemAnswer> Park(int index, Aside aside, CancellationToken cancellationToken)
    {
        var envelope = aside.Envelope;
        return ItemAnswer.Of(index, envelope, await store.Park(
            envelope.Source, envelope.Id, envelope.Type, aside.Body, aside.Digest, cancellationToken));
    }

    /// <summary>A key that is known answers before what is wrong with the body does.</summary>
    private async Task<ItemAnswer> Known(int index, Aside aside, CancellationToken cancellationToken)
    {
        var envelope = aside.Envelope;
        return await store.Known(envelope.Source, envelope.Id, aside.Digest, cancellationToken) is { } known
            ? ItemAnswer.Of(index, envelope, known)
            : ItemAnswer.Rejected(index, envelope, aside.Problem ?? Problems.UnknownTypeInAtomic(envelope.Type));
    }

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
