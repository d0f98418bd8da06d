using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.SignOffs;

/// <summary>How one stream went after a position.</summary>
/// <param name="Before">What it was there; null = nothing yet.</param>
/// <param name="Then">What it was after each later event, in the order in which they came.</param>
public sealed record Went(string Stream, SourceRecord? Before, IReadOnlyList<WentOn> Then);

/// <summary>A stream after an event.</summary>
/// <param name="Event">The event's type.</param>
public sealed record WentOn(long Position, string Event, SourceRecord? After);

/// <summary>A sign-off that counts.</summary>
/// <param name="Stream">The ledger's record of it.</param>
/// <param name="Since">Events after this position may suspend it: what came before was known, or looked at.</param>
public sealed record Counting(string Stream, SignOff Signed, long Since);

/// <summary>One thing to say: that an event suspends a sign-off.</summary>
/// <param name="Stream">The ledger's record of the sign-off.</param>
public sealed record SignOffStep(string Stream, SignOffSuspended Body);

/// <summary>Which sign-offs later events suspend: exactly those in whose scope something is not as it was before the
/// event. Pure.</summary>
public static class SignOffKeeping
{
    /// <summary>For each sign-off the first event that touches its scope; none for those that still count.</summary>
    /// <param name="now">Everything, after all of it.</param>
    /// <param name="went">Every stream of <see cref="Scope.Concerns"/> that has an event after the lowest
    /// <see cref="Counting.Since"/>, from there on.</param>
    public static IReadOnlyList<SignOffStep> Steps(
        World now, IReadOnlyCollection<Went> went, IEnumerable<Counting> counting)
    {
        var standing = counting.OrderBy(c => c.Stream, StringComparer.Ordinal).ToList();
        if (standing.Count == 0 || went.Count == 0) return [];
        var past = new Past(now, went);
        var steps = new List<SignOffStep>();
        foreach (var (stream, e) in went.SelectMany(w => w.Then.Select(t => (w.Stream, t))).OrderBy(x => x.t.Position))
        {
            var moved = past.Move(stream, e);
            for (var i = standing.Count - 1; i >= 0; i--)
            {
                if (e.Position <= standing[i].Since || What(standing[i].Signed, moved) is not { } sentence) continue;
                steps.Add(new(standing[i].Stream, new(e.Position, stream, e.Event, sentence)));
                standing.RemoveAt(i);
            }

            if (standing.Count == 0) break;
        }

        return steps;
    }

    /// <summary>What an event did to one scope, in plain English; null = nothing.</summary>
    private static string? What(SignOff signed, Moved moved)
    {
        var (scope, becomes) = (Scope.Of(signed, moved.Before.Firm), Scope.Of(signed, moved.After.Firm));
        var (was, now) = (scope.Parts(moved.Was, moved.Before), becomes.Parts(moved.Event.After, moved.After));
        var says = $"{moved.Stream}: {moved.Event.Event} (event {DecimalText.Write(moved.Event.Position)})";
        if (!was.SequenceEqual(now))
        {
            var days = (moved.Was is { } b ? scope.Days(b, moved.Before) : [])
                .Concat(moved.Event.After is { } a ? becomes.Days(a, moved.After) : []).Distinct().Order()
                .Select(Lineage.Describe.Date).ToArray();
            return $"{says} " + (was.Count == 0 ? "brought something into what was signed"
                : now.Count == 0 ? "took something out of what was signed" : "changed what was signed")
                + (days.Length switch { 0 => ".", 1 => $", of {days[0]}.", _ => $", of {days[0]} to {days[^1]}." });
        }

        if (signed.Period is { } name && HasMoved(name, scope, becomes, moved))
            return $"{says} changed which days the period {name} has; it was signed as "
                + $"{Lineage.Describe.Date(signed.From)} to {Lineage.Describe.Date(signed.To)}.";
        return scope.LegalEntity is not null
            && moved.Others.Value.Any(r => scope.Holds(r, moved.Before) != becomes.Holds(r, moved.After))
            ? $"{says} changed which records belong to the legal entity."
            : null;
    }

    private static bool HasMoved(string period, Scope scope, Scope becomes, Moved moved) =>
        !ReferenceEquals(moved.Before.Firm, moved.After.Firm)
        && !Scope.Named(moved.Before.Firm, scope.LegalEntity, period)
            .SequenceEqual(Scope.Named(moved.After.Firm, becomes.LegalEntity, period));

    /// <summary>One event, and everything before and after it.</summary>
    /// <param name="Was">The record it is about, before it.</param>
    /// <param name="Others">Records that may belong to another legal entity since; they themselves did not change.
    /// </param>
    private sealed record Moved(
        string Stream, SourceRecord? Was, WentOn Event, Known Before, Known After,
        Lazy<IReadOnlyList<SourceRecord>> Others);

    /// <summary>Everything as it was at one point, moved on from event to event.</summary>
    private sealed class Past
    {
        private readonly World now;
        private readonly Dictionary<string, SourceRecord?> changing;
        private readonly Lazy<ILookup<string, string>> under;
        private Firm firm;

        public Past(World now, IReadOnlyCollection<Went> went)
        {
            this.now = now;
            changing = went.ToDictionary(w => w.Stream, w => w.Before);
            firm = went.Any(w => TellsOfFirm(w.Before) || w.Then.Any(t => TellsOfFirm(t.After)))
                ? new(All)
                : now.Firm;
            // As any of its versions says, so that nothing that ever was under another is passed over.
            under = new(() => now.Records.Values.Where(r => !changing.ContainsKey(r.Stream))
                .Concat(went.SelectMany(w => w.Then.Select(t => t.After).Prepend(w.Before)).OfType<SourceRecord>())
                .Select(r => (Above: Known.Under(r), r.Stream)).Where(x => x.Above is not null).Distinct()
                .ToLookup(x => x.Above!, x => x.Stream));
        }

        private IEnumerable<SourceRecord> All =>
            now.Records.Values.Where(r => !changing.ContainsKey(r.Stream))
                .Concat(changing.Values.OfType<SourceRecord>());

        public Moved Move(string stream, WentOn e)
        {
            var (was, before) = (changing[stream], firm);
            changing[stream] = e.After;
            if (TellsOfFirm(was) || TellsOfFirm(e.After)) firm = new(All);
            return new(
                stream, was, e, new(before, s => s == stream ? was : Find(s)), new(firm, Find),
                new(() => TellsOfEntities(was) || TellsOfEntities(e.After) ? [.. All]
                    : Belonging(was) != Belonging(e.After) ? Below(stream) : []));
        }

        private SourceRecord? Find(string stream) =>
            changing.TryGetValue(stream, out var record) ? record : now.Records.GetValueOrDefault(stream);

        /// <summary>What is under a record, and under that.</summary>
        private List<SourceRecord> Below(string stream)
        {
            var (found, ahead) = (new HashSet<string>(), new Queue<string>([stream]));
            while (ahead.TryDequeue(out var above))
                foreach (var one in under.Value[above])
                    if (found.Add(one)) ahead.Enqueue(one);
            return [.. found.Select(Find).OfType<SourceRecord>()];
        }

        /// <summary>What a record says of where it belongs.</summary>
        private static (bool, Ref?, string?) Belonging(SourceRecord? record) =>
            record is { IsLive: true } ? (true, record.Fold.State!.Entity, Known.Under(record)) : default;

        private static bool TellsOfEntities(SourceRecord? record) =>
            TellsOfFirm(record) && record!.Kind != Kind.Period;

        /// <summary>Whether it says which records are whose, or which days a period has.</summary>
        private static bool TellsOfFirm(SourceRecord? record) =>
            record is not null && Firm.Concerns(record) && record.Kind != Kind.Ownership;
    }
}
