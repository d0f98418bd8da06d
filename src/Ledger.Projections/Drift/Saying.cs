using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>One field, as systems say it.</summary>
/// <param name="All">In the order in which their words count; two or more where it is compared.</param>
internal sealed record Saying(string Field, (SourceRecord Record, StatedFact Fact)[] All)
{
    public bool Agrees => All.All(s => s.Fact.Agrees(All[0].Fact));

    /// <summary>How much more another says than the first; null where that is no number, or one of them is silent.
    /// </summary>
    public decimal? Off(SourceRecord first, SourceRecord other) =>
        Number(first) is { } mine && Number(other) is { } theirs ? theirs - mine : null;

    /// <summary>What a record says, as a number.</summary>
    public decimal? Number(SourceRecord record) => FactOf(record)?.Value switch
    {
        decimal amount => amount,
        ValueTuple<decimal, Unit> quantity => quantity.Item1,
        ValueTuple<decimal, Currency> price => price.Item1,
        _ => null,
    };

    public StatedFact? FactOf(SourceRecord record) =>
        Array.Find(All, s => s.Record == record).Fact;

    /// <summary>The money between the first and one that says otherwise; null where it is no money.</summary>
    public Money? Between
    {
        get
        {
            var money = All.Select(s => s.Fact.Money).OfType<Money>().ToArray();
            return money.Length < 2 || money.Any(m => m.Currency != money[0].Currency)
                ? null
                : money[0] - money.FirstOrDefault(m => m != money[0], money[0]);
        }
    }
}
