using Ledger.Domain;
using Ledger.Store;

namespace Ledger.Api;

/// <summary>What became of parked events whose types are known now.</summary>
/// <param name="Unchanged">Snapshots that say what their stream says already.</param>
/// <param name="Rejected">Wrong by the schema they are known to have now, or too late for the version they
/// expect.</param>
internal sealed record Unparked(long Appended, long Unchanged, long Rejected)
{
    public long All => Appended + Unchanged + Rejected;

    public static Unparked operator +(Unparked a, Unparked b) =>
        new(a.Appended + b.Appended, a.Unchanged + b.Unchanged, a.Rejected + b.Rejected);
}

/// <summary>Events that came before their types were known. Once they are, each is read again and stored in its turn:
/// it moves from parked to stored in one transaction, so that a crash, or another process at the same work, neither
/// loses nor doubles one.</summary>
internal sealed class ParkedEvents(EventStore store, Vocabulary vocabulary)
{
    /// <summary>Applies all that is known now, in the order it was parked in.</summary>
    /// <param name="dryRun">Only says what would become of it, as far as can be told without doing it.</param>
    /// <param name="progress">Is told how many so far.</param>
    public async Task<Unparked> Apply(bool dryRun, Action<long> progress, CancellationToken cancellationToken)
    {
        var parked = await store.ParkedTypes(cancellationToken);
        string[] known = [.. parked.Select(type => type.Type).Where(type => vocabulary.TryFind(type, out _))];
        var total = new Unparked(0, 0, 0);
        if (known.Length == 0)
            return total;
        await foreach (var page in store.ParkedEvents(known, null, cancellationToken))
        {
            total += await Take(page, dryRun, cancellationToken);
            progress(total.All);
        }

        return total;
    }

    /// <summary>Applies what is parked under these keys, where it is known now.</summary>
    /// <returns>Those under which nothing is parked any more.</returns>
    public async Task<HashSet<(string Source, string Id)>> Apply(
        IReadOnlyCollection<(string Source, string Id)> keys, CancellationToken cancellationToken)
    {
        await foreach (var page in store.ParkedEvents(vocabulary.Names, keys, cancellationToken))
            await Take(page, dryRun: false, cancellationToken);
        var free = keys.ToHashSet();
        await foreach (var page in store.ParkedEvents(null, keys, cancellationToken))
            free.ExceptWith(page.Select(parked => (parked.Source, parked.Id)));
        return free;
    }

    private async Task<Unparked> Take(
        IReadOnlyList<ParkedEvent> page, bool dryRun, CancellationToken cancellationToken)
    {
        var (ready, refused) = (new List<Ready>(), new List<(string, string, string)>());
        foreach (var parked in page)
        {
            var read = Offered.Read(parked.Body, null, vocabulary);
            if (read is Ready known && (known.Source, known.Id) == (parked.Source, parked.Id))
                ready.Add(known);
            else if (Problem(read) is { } problem)
                refused.Add((parked.Source, parked.Id, problem.ToJson()));
        }

        if (dryRun)
            return new(ready.Count, 0, refused.Count);
        var (appended, unchanged) = (0, 0);
        var verdicts = await store.Unpark([.. ready.Select(item => item.Event)], cancellationToken);
        foreach (var (i, verdict) in verdicts.Index())
        {
            if (verdict is Appended)
                appended++;
            else if (verdict is Unchanged)
                unchanged++;
            else if (verdict is VersionConflict or Refused)
                refused.Add((ready[i].Source!, ready[i].Id!, ItemAnswer.Of(0, ready[i].Envelope, verdict)
                    .Problem!.ToJson()));
        }

        var rejected = await store.RejectParked(refused, cancellationToken);
        return new(appended, unchanged, rejected);
    }

    /// <returns>Null = its type is not known after all.</returns>
    private static ProblemAnswer? Problem(Offered read) => read switch
    {
        Aside aside => aside.Problem,
        Faulty faulty => faulty.Problem,
        _ => Problems.Malformed(
            [new("", null, "another_key", "the event names another source or id than it came under")]),
    };
}
