namespace Ledger.Projections.Lineage;

/// <summary>Values in words, of which the same come again and again: a few are kept. One that takes another's slot only
/// has to be written anew. Safe for any number of callers.</summary>
internal sealed class Remembered<T>(Func<T, string> write)
    where T : IEquatable<T>
{
    private readonly Kept?[] slots = new Kept?[256];

    public string Of(T value)
    {
        ref var slot = ref slots[unchecked((uint)value.GetHashCode()) % (uint)slots.Length];
        if (Volatile.Read(ref slot) is { } kept && kept.Value.Equals(value)) return kept.Text;
        var text = write(value);
        Volatile.Write(ref slot, new(value, text));
        return text;
    }

    private sealed record Kept(T Value, string Text);
}
