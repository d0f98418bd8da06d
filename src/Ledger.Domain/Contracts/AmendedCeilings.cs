using NodaTime;

namespace Ledger.Domain;

/// <summary>What amendments make of a contract's ceilings: a new amount or quantity counts from the amendment's day;
/// every other change is kept in its own words.</summary>
internal static class AmendedCeilings
{
    /// <summary>The ceilings with all amendments that stand, in whatever order they were told: what was told again
    /// counts as it was told last, and what is superseded until the day of what supersedes it.</summary>
    /// <param name="before">Without what is said now.</param>
    /// <param name="after">Its amendments with what is said now.</param>
    /// <param name="said">The id of that one.</param>
    public static Items<Dated<Ceiling>> Of(Contract before, Items<Amendment> after, string said)
    {
        var made = before.Amendments.Where(a => before.CeilingTerms.Any(t => Made(a, t))).ToArray();
        var agreed = before.CeilingTerms.Where(t => !made.Any(a => Made(a, t))).ToItems();
        var acting = after.Where(a => a.Id == said || made.Any(m => m.Id == a.Id)).ToArray();
        var turns = acting.Concat(after.Where(a => acting.Any(b => Supersedes(a, b)))).Distinct()
            .OrderBy(a => a.EffectiveFrom).ThenBy(a => a.Position).ToArray();
        var terms = agreed.ToList();
        foreach (var turn in turns)
            foreach (var id in acting.SelectMany(Changes).Select(c => c.Id).Distinct())
            {
                var standing = acting.Where(a => !after.Any(
                    b => Supersedes(b, a) && b.EffectiveFrom <= turn.EffectiveFrom)).ToArray();
                var value = Value(agreed, standing, id, turn);
                var there = terms.FindLastIndex(t => t.Of == id && !IsAfter(t, turn));
                var own = standing.Contains(turn) && Changes(turn).Any(c => c.Id == id);
                if (there < 0 || (Equals(value, terms[there].Value) && (!own || value is null))) continue;
                terms.Insert(there + 1, new(turn.Position, value, turn.EffectiveFrom, id));
            }

        return terms.ToItems();
    }

    private static Ceiling? Value(Items<Dated<Ceiling>> agreed, Amendment[] standing, string id, Amendment turn)
    {
        var last = agreed.LastOrDefault(t => t.Of == id && !IsAfter(t, turn));
        var value = last?.Value;
        var amended = standing.Where(a => !IsAfter(a, turn) && (last is null || !IsAfter(last, a)))
            .OrderBy(a => a.EffectiveFrom).ThenBy(a => a.Position);
        foreach (var change in amended.SelectMany(Changes).Where(c => c.Id == id))
            value = value is null ? null : change.IsAmount
                ? value with { Amount = change.To }
                : value with { Qty = (value.Qty ?? new(0m, Unit.Hour)) with { Value = change.To } };
        return value;
    }

    private static IEnumerable<(string Id, bool IsAmount, decimal To)> Changes(Amendment amendment)
    {
        foreach (var change in amendment.Changes.AsEnumerable())
            if (change.Path.Split('/') is ["ceilings", var id, ("amount" or "qty") and var what]
                && DecimalText.TryReadStated(change.To, out var value))
                yield return (id, what == "amount", value);
    }

    private static bool Made(Amendment amendment, Dated<Ceiling> term) =>
        term.Position == amendment.Position && term.From == amendment.EffectiveFrom
        && (amendment.Supersedes is not null || Changes(amendment).Any(c => c.Id == term.Of));

    private static bool Supersedes(Amendment a, Amendment b) => a.Supersedes == b.Id && a.Id != b.Id;

    private static bool IsAfter(Dated<Ceiling> term, Amendment amendment) => IsAfter(
        term.From ?? LocalDate.MinIsoValue, term.Position, amendment.EffectiveFrom, amendment.Position);

    private static bool IsAfter(Amendment a, Amendment b) =>
        IsAfter(a.EffectiveFrom, a.Position, b.EffectiveFrom, b.Position);

    private static bool IsAfter(LocalDate day, long position, LocalDate otherDay, long otherPosition) =>
        day > otherDay || (day == otherDay && position > otherPosition);
}
