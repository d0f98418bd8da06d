using System.Buffers;
using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Ledger.Domain;

namespace Ledger.Projections.Views;

/// <summary>Which event last changed each field of a record, as a row tells it: a dozen fields, so they are looked for
/// one by one, and a thousand records take no thousand tables.</summary>
/// <param name="fields">Each once.</param>
/// <param name="positions">In the same order.</param>
internal sealed class FieldPositions(string[] fields, long[] positions) : IReadOnlyDictionary<string, long>
{
    // Records of one kind mostly have the same fields: they share the list of their names.
    private static readonly string[]?[] Lists = new string[]?[256];

    public int Count => fields.Length;

    public IEnumerable<string> Keys => fields;

    public IEnumerable<long> Values => positions;

    public long this[string key] =>
        TryGetValue(key, out var position) ? position : throw new KeyNotFoundException(key);

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out long value)
    {
        for (var i = 0; i < fields.Length; i++)
            if (fields[i] == key)
            {
                value = positions[i];
                return true;
            }

        value = 0;
        return false;
    }

    public IEnumerator<KeyValuePair<string, long>> GetEnumerator()
    {
        for (var i = 0; i < fields.Length; i++) yield return new(fields[i], positions[i]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>What a row's object of names and positions says.</summary>
    public static FieldPositions Read(ReadOnlySpan<byte> json)
    {
        // No name holds a colon.
        var positions = new long[json.Count((byte)':')];
        var names = ArrayPool<string>.Shared.Rent(positions.Length);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        for (var i = 0; reader.Read() && reader.TokenType == JsonTokenType.PropertyName; i++)
        {
            names[i] = Recurring.Read(ref reader)!;
            reader.Read();
            positions[i] = reader.GetInt64();
        }

        var fields = Shared(names.AsSpan(0, positions.Length));
        ArrayPool<string>.Shared.Return(names);
        return new(fields, positions);
    }

    private static string[] Shared(ReadOnlySpan<string> names)
    {
        var hash = (uint)names.Length;
        foreach (var name in names) hash = unchecked((hash * 31) + (uint)name.Length);
        ref var slot = ref Lists[hash % (uint)Lists.Length];
        if (Volatile.Read(ref slot) is { } known && names.SequenceEqual(known)) return known;
        var list = names.ToArray();
        Volatile.Write(ref slot, list);
        return list;
    }
}
