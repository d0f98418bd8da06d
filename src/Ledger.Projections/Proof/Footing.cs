using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Proof;

/// <summary>One movement of one item.</summary>
/// <param name="Item">What it moves: an entity, or a line or application that leads to none.</param>
/// <param name="By">Stream of the record that states it.</param>
/// <param name="Position">Position of the event that does.</param>
internal sealed record Moved(string Item, Movement Movement, LocalDate On, Worth Worth, string By, long Position);

/// <summary>A balance by items: what there was, what moved, what there is.</summary>
/// <param name="Accounts">The account of every item.</param>
/// <param name="Opening">What is not among them is nothing.</param>
internal sealed record Balance(
    IReadOnlyDictionary<string, ProofAccount> Accounts, IReadOnlyList<Moved> Moved,
    IReadOnlyDictionary<string, Worth> Opening, IReadOnlyDictionary<string, Worth> Closing)
{
    /// <summary>The balance by account, item by item held to what moved it.</summary>
    /// <param name="said">Names what breaks an item; given all that moved it by the last day asked for.</param>
    public Dictionary<ProofAccount, RollForward> Foot(
        ProofAsked asked, Func<string, Worth, IReadOnlyList<Moved>, ProofBreak> said)
    {
        var moved = Moved.Where(m => !(m.On > asked.To)).ToLookup(m => m.Item);
        var feet = new Dictionary<ProofAccount, RollForward>();
        foreach (var account in Accounts.GroupBy(a => a.Value, a => a.Key))
        {
            var (opening, closing) = (default(Worth), default(Worth));
            var sums = new SortedDictionary<Movement, Worth>();
            var breaks = new List<ProofBreak>();
            foreach (var item in account.Order(StringComparer.Ordinal))
            {
                var (was, now) = (Opening.GetValueOrDefault(item), Closing.GetValueOrDefault(item));
                (opening, closing) = (opening + was, closing + now);
                var comes = was;
                foreach (var m in moved[item])
                {
                    if (m.On < asked.From) continue;
                    comes += m.Worth;
                    sums[m.Movement] = sums.GetValueOrDefault(m.Movement) + m.Worth;
                }

                if (!(now - comes).IsNothing) breaks.Add(said(item, now - comes, [.. moved[item]]));
            }

            feet.Add(account.Key, new(
                opening, sums.Where(s => !s.Value.IsNothing).Select(s => new MovementSum(s.Key, s.Value)).ToItems(),
                closing, breaks.ToItems()));
        }

        return feet;
    }
}
