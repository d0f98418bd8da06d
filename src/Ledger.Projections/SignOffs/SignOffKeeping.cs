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
            var (before, firm) = (past.Find(stream), past.Firm);
            past.Set(stream, e.After);
            for (var i = standing.Count - 1; i >= 0; i--)
            {
                if (e.Position <= standing[i].Since) continue;
                var touch = new Touch(standing[i].Signed, past, firm);
                if (touch.What(stream, before, e) is not { } sentence) continue;
                steps.Add(new(standing[i].Stream, new(e.Position, stream, e.Event, sentence)));
                standing.RemoveAt(i);
            }

            if (standing.Count == 0) break;
        }

        return steps;
    }

    /// <summary>What an event did to one scope.</summary>
    /// <param name="firm">As it was before the event.</param>
    private sealed class Touch(SignOff signed, Past past, Firm firm)
    {
        private readonly Scope scopeBefore = Scope.Of(signed, firm), scopeAfter = Scope.Of(signed, past.Firm);

        /// <summary>In plain English; null = nothing.</summary>
        public string? What(string stream, SourceRecord? before, WentOn e)
        {
            var (was, becomes) = (
                scopeBefore.Parts(before, firm, past.Find), scopeAfter.Parts(e.After, past.Firm, past.Find));
            if (!was.SequenceEqual(becomes))
                return $"{stream}: {e.Event} (event {DecimalText.Write(e.Position)}) "
                    + (was.Count == 0 ? "brought something into what was signed" : becomes.Count == 0
                        ? "took something out of what was signed" : "changed what was signed") + $"{On(before, e)}.";
            // Only what tells of legal entities moves other records from one to another.
            if (ReferenceEquals(firm, past.Firm)
                || !past.All.Any(r => scopeBefore.Holds(r, firm) != scopeAfter.Holds(r, past.Firm))) return null;
            return $"{stream}: {e.Event} (event {DecimalText.Write(e.Position)}) changed which records belong to the "
                + "legal entity.";
        }

        private string On(SourceRecord? before, WentOn e)
        {
            var days = (before is null ? [] : scopeBefore.Days(before, firm))
                .Concat(e.After is null ? [] : scopeAfter.Days(e.After, past.Firm)).Distinct().Order()
                .Select(Lineage.Describe.Date).ToArray();
            return days.Length switch { 0 => "", 1 => $", of {days[0]}", _ => $", of {days[0]} to {days[^1]}" };
        }
    }

    /// <summary>Everything as it was at one point, moved on from event to event.</summary>
    private sealed class Past
    {
        private readonly World now;
        private readonly Dictionary<string, SourceRecord?> changing;

        public Past(World now, IReadOnlyCollection<Went> went)
        {
            this.now = now;
            changing = went.ToDictionary(w => w.Stream, w => w.Before);
            Firm = went.Any(w => TellsOfEntities(w.Before) || w.Then.Any(t => TellsOfEntities(t.After)))
                ? new(All)
                : now.Firm;
        }

        public Firm Firm { get; private set; }

        public IEnumerable<SourceRecord> All =>
            now.Records.Values.Where(r => !changing.ContainsKey(r.Stream))
                .Concat(changing.Values.OfType<SourceRecord>());

        public SourceRecord? Find(string stream) =>
            changing.TryGetValue(stream, out var record) ? record : now.Records.GetValueOrDefault(stream);

        public void Set(string stream, SourceRecord? record)
        {
            var tells = TellsOfEntities(changing[stream]) || TellsOfEntities(record);
            changing[stream] = record;
            if (tells) Firm = new(All);
        }

        private static bool TellsOfEntities(SourceRecord? record) =>
            record is not null && Firm.Concerns(record) && record.Kind != Kind.Period && record.Kind != Kind.Ownership;
    }
}
