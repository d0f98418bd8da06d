using System.Collections;
using System.Runtime.CompilerServices;

namespace Ledger.Domain;

/// <summary>An immutable list that equals another by its items, so that whole events and states compare by
/// value.</summary>
[CollectionBuilder(typeof(Items), nameof(Items.Of))]
public sealed class Items<T> : IReadOnlyList<T>, IEquatable<Items<T>>
{
    public static readonly Items<T> None = new([]);

    private readonly T[] items;

    internal Items(T[] items) => this.items = items;

    public int Count => items.Length;

    public T this[int index] => items[index];

    public bool Equals(Items<T>? other) =>
        other is not null && (ReferenceEquals(items, other.items) || items.AsSpan().SequenceEqual(other.items));

    public override bool Equals(object? obj) => Equals(obj as Items<T>);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var item in items) hash.Add(item);
        return hash.ToHashCode();
    }

    public ReadOnlySpan<T>.Enumerator GetEnumerator() => ((ReadOnlySpan<T>)items).GetEnumerator();

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => ((IEnumerable<T>)items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => items.GetEnumerator();

    public override string ToString() => $"[{string.Join(", ", items)}]";
}

/// <summary>Makes <see cref="Items{T}"/>.</summary>
public static class Items
{
    public static Items<T> Of<T>(ReadOnlySpan<T> items) => items.Length == 0 ? Items<T>.None : new(items.ToArray());

    /// <summary>The list over an array that nobody else has or will change.</summary>
    public static Items<T> Over<T>(T[] items) => items.Length == 0 ? Items<T>.None : new(items);

    public static Items<T> ToItems<T>(this IEnumerable<T> items)
    {
        var array = items.ToArray();
        return array.Length == 0 ? Items<T>.None : new(array);
    }

    /// <summary>The list with one item more.</summary>
    public static Items<T> Plus<T>(this Items<T> items, T item) => [.. items, item];

    /// <summary>The list with <paramref name="item"/> in the place of the one with the same key, or at the
    /// end.</summary>
    public static Items<T> Put<T, TKey>(this Items<T> items, T item, Func<T, TKey> key)
        where TKey : IEquatable<TKey>
    {
        var wanted = key(item);
        var found = false;
        var result = new List<T>(items.Count + 1);
        foreach (var existing in items)
        {
            var same = key(existing).Equals(wanted);
            result.Add(same ? item : existing);
            found |= same;
        }

        if (!found) result.Add(item);
        return result.ToItems();
    }
}
