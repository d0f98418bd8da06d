using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Ledger.Store;

/// <summary>The headers of one event: half a dozen, so they are looked for one by one, and a million events take no
/// million tables.</summary>
internal sealed class StoredHeaders : IReadOnlyDictionary<string, string>
{
    // Nearly all events have the same headers in the same order: they share the list of their names.
    private static string[] _usual = [];

    private readonly string[] _names;
    private readonly string[] _values;

    private StoredHeaders(string[] names, string[] values) => (_names, _values) = (names, values);

    public int Count => _values.Length;

    public IEnumerable<string> Keys => _names;

    public IEnumerable<string> Values => _values;

    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException(key);

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        for (var i = 0; i < _values.Length; i++)
            if (_names[i] == key)
            {
                value = _values[i];
                return true;
            }

        value = null;
        return false;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
    {
        for (var i = 0; i < _values.Length; i++) yield return new(_names[i], _values[i]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>What an object of names and texts says; null reads as empty.</summary>
    /// <param name="last">Those read before, which may say much alike.</param>
    /// <exception cref="ArgumentException">A name twice.</exception>
    /// <exception cref="JsonException">It is none.</exception>
    public static StoredHeaders Read(ReadOnlySpan<byte> json, StoredHeaders? last = null)
    {
        var names = Volatile.Read(ref _usual);
        var values = new string[names.Length];
        var said = last is not null && last._names == names ? last._values : null;
        var count = 0;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (count == names.Length || !reader.ValueTextEquals(names[count]))
                return ReadOther(json);
            reader.Read();
            values[count] = said is not null && reader.TokenType == JsonTokenType.String
                && reader.ValueTextEquals(said[count]) ? said[count] : reader.GetString() ?? "";
            count++;
        }

        return count == names.Length ? new(names, values) : ReadOther(json);
    }

    private static StoredHeaders ReadOther(ReadOnlySpan<byte> json)
    {
        List<string> names = [], values = [];
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (names.Contains(name))
                throw new ArgumentException($"'{name}' is said twice.", nameof(json));
            reader.Read();
            names.Add(name);
            values.Add(reader.GetString() ?? "");
        }

        var headers = new StoredHeaders([.. names], [.. values]);
        Volatile.Write(ref _usual, headers._names);
        return headers;
    }
}
