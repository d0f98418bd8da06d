namespace Ledger.Connectors.Simulation;

/// <summary>Dice that fall the same way for ever, on every machine: SplitMix64, begun from a seed and what they are
/// thrown for. What one record's dice show never depends on how often another's were thrown.</summary>
internal sealed class Dice
{
    private ulong state;

    /// <param name="purpose">What they are thrown for.</param>
    /// <param name="which">Of several things of that purpose.</param>
    public Dice(ulong seed, string purpose, long which = 0)
    {
        state = seed;
        foreach (var letter in purpose) state = Mixed(state ^ letter);
        state = Mixed(state ^ unchecked((ulong)which));
    }

    /// <summary>0 to <paramref name="count"/> - 1.</summary>
    public int Below(int count) => (int)(Next() % (ulong)count);

    /// <summary>Both ends among them.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    public bool Chance(int permille) => Below(1000) < permille;

    public T Pick<T>(IReadOnlyList<T> from) => from[Below(from.Count)];

    private ulong Next()
    {
        unchecked
        {
            state += 0x9E3779B97F4A7C15;
            return Mixed(state);
        }
    }

    private static ulong Mixed(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
