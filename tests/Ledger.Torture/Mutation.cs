using System.Text;
using System.Text.RegularExpressions;

namespace Ledger.Torture;

/// <summary>Makes bad documents of good ones.</summary>
internal static partial class Mutation
{
    /// <summary>Values that parsers, numbers, texts and calendars stumble over, as JSON or nearly so.</summary>
    private static readonly string[] Hostile =
    [
        "1e400", "-1e400", "1e-400", "-0", "00", "01", "1.", ".5", "+1", "0x10", "NaN", "Infinity", "-Infinity",
        "9223372036854775808", "-9223372036854775809", "18446744073709551616", "1e19", "2147483648",
        "null", "true", "[]", "{}", "[[[[[[]]]]]]", "{\"a\":{\"a\":{\"a\":{}}}}", "[null,null]", "{\"\":1}",
        "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\uffff\"", "\"\\ufeff\"", "\"\\x\"",
        "\"\t\"", "\"\u007f\"", "\"\u202e\"", "\"e\u0301\"", "\"\u0131\u0130\"", "\"１２\"", "\"NaN\"", "\"1e5\"",
        "\"+0.10\"", "\"1,5\"", "\"1 000\"", "\"-0.0\"", "\"0.00000000000000000000000000001\"",
        "\"79228162514264337593543950336\"", "\"1e1000000000\"", "\"0x10\"", "\"0000-00-00\"", "\"2026-02-30\"",
        "\"9999-12-31T23:59:60Z\"", "\"2026-03-14T09:30:00\"", "\"2026-03-14T09:30:00+99:99\"",
        "\"-9999-01-01T00:00:00Z\"",
        "\"2026-03-14T24:00:00Z\"", "\"2026-W11-6\"", "\"MIN\"", "\"ZZZ\"", "\"../../etc/passwd\"", "\"'; drop table\"",
        "\"%s%n%x\"", "\"{kind}/{id}\"", "\"time/\"", "\"/\"", "\"time//\"", "\"TIME/1\"", "\"time/a b\"", "\"ledger\"",
    ];

    private static readonly byte[] Telling =
        [.. "{}[]\",:\\u0000dD8e+-.ntf "u8, 0, 0x0B, 0x7F, 0x80, 0xC0, 0xC3, 0xED, 0xF5, 0xFF];

    /// <summary>A bad document of a good one; now and then it still is a good one.</summary>
    public static byte[] Of(string document, string other, Random dice)
    {
        var text = document;
        for (var edits = dice.Next(3); edits > 0; edits--)
            text = OfMembers(text, other, dice);
        var body = Encoding.UTF8.GetBytes(text).ToList();
        var most = text != document && dice.Next(2) == 0 ? 1 : 4;
        for (var edits = dice.Next(text == document ? 1 : 0, most); edits > 0 && body.Count > 0; edits--)
            OfBytes(body, dice);
        return [.. body];
    }

    /// <summary>Keeps the document's shape and spoils what it says.</summary>
    private static string OfMembers(string text, string other, Random dice)
    {
        var members = Member().Matches(text);
        if (members.Count == 0)
            return text;
        var member = members[dice.Next(members.Count)];
        var (name, value) = (member.Groups[1], member.Groups[2]);
        return dice.Next(10) switch
        {
            0 => text.Insert(member.Index, $"{name.Value}:{Hostile[dice.Next(Hostile.Length)]},"), // twice the name
            1 => text.Insert(member.Index, $"{member.Value},"),
            2 => text.Remove(name.Index, name.Length).Insert(name.Index, Misspelt(name.Value, dice)),
            3 => text.Remove(value.Index, value.Length).Insert(value.Index, Deep(dice)),
            4 => text.Remove(value.Index, value.Length).Insert(value.Index, Long(dice)),
            5 => text.Remove(member.Index, member.Length).Replace(",,", ",", StringComparison.Ordinal),
            6 => text[..dice.Next(text.Length)] + other[dice.Next(other.Length)..],
            _ => text.Remove(value.Index, value.Length).Insert(value.Index, Hostile[dice.Next(Hostile.Length)]),
        };
    }

    private static string Misspelt(string name, Random dice) => dice.Next(4) switch
    {
        0 => name.ToUpperInvariant(),
        1 => "\"\\u0064ata\"",
        2 => "\"\"",
        _ => name.Insert(1, "\\u0000"),
    };

    private static string Deep(Random dice)
    {
        var depth = dice.Next(20) == 0 ? 5_000 : dice.Next(2, 200);
        return dice.Next(2) == 0
            ? new string('[', depth) + new string(']', dice.Next(3) == 0 ? depth - 1 : depth)
            : string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
    }

    private static string Long(Random dice)
    {
        var length = dice.Next(50) == 0 ? 70_000 : dice.Next(1, 2_000);
        return dice.Next(3) switch
        {
            0 => new string('9', length),
            1 => $"\"{new string('9', length)}\"",
            _ => $"\"{new string('\u00e9', length)}\"",
        };
    }

    private static void OfBytes(List<byte> body, Random dice)
    {
        var at = dice.Next(body.Count);
        switch (dice.Next(6))
        {
            case 0:
                body[at] ^= (byte)(1 << dice.Next(8));
                break;
            case 1:
                body[at] = Telling[dice.Next(Telling.Length)];
                break;
            case 2:
                body.Insert(at, Telling[dice.Next(Telling.Length)]);
                break;
            case 3:
                body.RemoveRange(at, Math.Min(dice.Next(1, 30), body.Count - at));
                break;
            case 4:
                body.InsertRange(at, body.Slice(dice.Next(at + 1), Math.Min(dice.Next(30), body.Count - at)));
                break;
            default:
                body.RemoveRange(at, body.Count - at);
                break;
        }
    }

    [GeneratedRegex("""("(?:[^"\\]|\\.)*"):("(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null|\[|\{)""")]
    private static partial Regex Member();
}
