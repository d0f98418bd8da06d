using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Ledger.Projections.Views;

/// <summary>Which event last changed each field of a record, as a row tells it: a dozen fields, so they are looked for
/// one by one, and a thousand records take no thousand tables.</summary>
/// <param name="fields">Each once.</param>
/// <param name="positions">In the same order.</param>
internal sealed class FieldPositions(string[] fields, long[] positions) : IReadOnlyDictionary<string, long>
{
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
}
