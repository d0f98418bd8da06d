using System.Globalization;
using System.Text.Json;
using Ledger.Domain;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Views;

/// <summary>What is looked for in what things say.</summary>
/// <param name="Path">Names of members from a field on, such as <c>lines</c> and <c>task</c>, into each item of a list;
/// null = anywhere, where it need only be a part of a text, in small or capital letters.</param>
/// <param name="Value">A text, a number, true or false, or the stream that a reference means.</param>
public sealed record Sought(Items<string>? Path, string Value)
{
    /// <summary><c>lines.task=design</c>, or a text; null where a name in it is empty.</summary>
    public static Sought? Of(string text)
    {
        if (text.Split('=', 2) is not [var path, var value]) return new(null, text);
        var names = path.Split('.');
        return Array.TrueForAll(names, name => name.Length > 0) ? new(names.ToItems(), value) : null;
    }

    /// <summary>The condition on an entity e.</summary>
    /// <param name="next">Adds a parameter and says its name.</param>
    internal string Sql(Func<NpgsqlParameter, string> next)
    {
        if (Path is null)
        {
            var text = next(EntityReader.Text(Value));
            return $"""
                (exists (select from jsonb_path_query(e.fields, '$.*."value".**') t
                   where jsonb_typeof(t) in ('string', 'number') and strpos(lower(t #>> '{"{}"}'), lower({text})) > 0)
                 or strpos(lower(array_to_string(e.members, ' ')), lower({text})) > 0)
                """;
        }

        var at = "$." + string.Join('.', Path.Skip(1).Prepend("value").Prepend(Path[0]).Select(Quoted));
        var path = next(EntityReader.Text(at + " ? (@ == $v || @ == $n)"));
        var values = next(new() { Value = Values(), NpgsqlDbType = NpgsqlDbType.Jsonb });
        var same = $"jsonb_path_exists(e.fields, {path}::jsonpath, {values})";
        if (!StreamName.TryParse(Value, out _, out _, out _)) return same;
        var refs = next(EntityReader.Text(at + "[*] ? (@.type() == \"object\")"));
        var field = next(EntityReader.Text(Path[0]));
        return $"""
            ({same} or exists (
              select from jsonb_path_query(e.fields, {refs}::jsonpath) r
              where views.text_of(r, e.fields #>> array[{field}, 'source']) = {next(EntityReader.Text(Value))}))
            """;
    }

    /// <summary>The same of one at hand.</summary>
    internal bool Fits(EntityView view)
    {
        using var fields = JsonDocument.Parse(view.Fields);
        if (Path is null)
            return view.Members.Any(m => m.Contains(Value, StringComparison.OrdinalIgnoreCase))
                || fields.RootElement.EnumerateObject().Any(f => HasText(f.Value.GetProperty("value")));
        return fields.RootElement.TryGetProperty(Path[0], out var field)
            && At(field.GetProperty("value"), 1).Any(found => IsValue(found, field.GetProperty("source").GetString()!));
    }

    private bool HasText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(m => HasText(m.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(HasText),
        JsonValueKind.String or JsonValueKind.Number =>
            value.ToString().Contains(Value, StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private IEnumerable<JsonElement> At(JsonElement value, int depth)
    {
        if (value.ValueKind is JsonValueKind.Array) return value.EnumerateArray().SelectMany(item => At(item, depth));
        if (depth == Path!.Count) return [value];
        return value.ValueKind is JsonValueKind.Object && value.TryGetProperty(Path[depth], out var member)
            ? At(member, depth + 1)
            : [];
    }

    private bool IsValue(JsonElement value, string saidBy) => value.ValueKind switch
    {
        JsonValueKind.Object => value.TryGetProperty("kind", out var kind) && value.TryGetProperty("id", out var id)
            && Value == StreamName.Of(
                kind.ToString(), value.TryGetProperty("source", out var source) ? source.ToString() : saidBy,
                id.ToString()),
        JsonValueKind.True => Value == "true",
        JsonValueKind.False => Value == "false",
        _ => value.ToString() == Value,
    };

    /// <summary>The value as text, and as the number or truth it may be.</summary>
    private string Values()
    {
        var text = JsonSerializer.Serialize(Value);
        return $$"""{"v":{{text}},"n":{{(IsScalar(Value) ? Value : text)}}}""";
    }

    private static bool IsScalar(string text) => text is "true" or "false"
        || (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
            && text == whole.ToString(CultureInfo.InvariantCulture));

    private static string Quoted(string name) => JsonSerializer.Serialize(name);
}
