namespace Ledger.Tidy.Tests;

/// <summary>Blanks comments and texts out of C#, so that what is left can be searched.</summary>
internal static class Scanner
{
    /// <summary>As long as the text and with the same lines; strings keep their quotes.</summary>
    public static string Blank(string text)
    {
        var code = text.ToCharArray();
        for (var i = 0; i < text.Length;)
        {
            var end = TokenEnd(text, i);
            if (end == i)
            {
                i++;
                continue;
            }

            var isText = text[i] is not '/';
            for (var at = i; at < end; at++)
                if (code[at] is not ('\n' or '\r') && !(isText && (at == i || at == end - 1))) code[at] = ' ';
            i = end;
        }

        return new string(code);
    }

    // Where the comment or literal that begins here ends; here itself where none does.
    private static int TokenEnd(string text, int at)
    {
        var rest = text.AsSpan(at);
        if (rest.StartsWith("//")) return EndOf(text, "\n", at);
        if (rest.StartsWith("/*")) return EndOf(text, "*/", at + 2) + 2;
        if (rest[0] == '\'') return CharEnd(text, at);
        var prefix = rest.IndexOfAnyExcept('$', '@');
        return prefix >= 0 && rest[prefix] == '"' ? StringEnd(text, at, prefix) : at;
    }

    private static int EndOf(string text, string mark, int from) =>
        text.IndexOf(mark, from, StringComparison.Ordinal) is >= 0 and var end ? end : text.Length;

    private static int CharEnd(string text, int at)
    {
        var i = at + 1;
        while (i < text.Length && text[i] != '\'') i += text[i] == '\\' ? 2 : 1;
        return Math.Min(i + 1, text.Length);
    }

    private static int StringEnd(string text, int at, int prefix)
    {
        var marks = text.AsSpan(at, prefix);
        var (holes, verbatim) = (marks.Contains('$'), marks.Contains('@'));
        var quotes = text.AsSpan(at + prefix).IndexOfAnyExcept('"');
        if (quotes >= 3)
        {
            var close = new string('"', quotes);
            return Math.Min(EndOf(text, close, at + prefix + quotes) + quotes, text.Length);
        }

        var i = at + prefix + 1;
        while (i < text.Length && (text[i] != '"' || (verbatim && i + 1 < text.Length && text[i + 1] == '"')))
        {
            var pair = i + 1 < text.Length ? text.AsSpan(i, 2) : default;
            if (pair is "{{" or "}}" or "\"\"" || (!verbatim && text[i] == '\\')) i += 2;
            else if (holes && text[i] == '{') i = HoleEnd(text, i + 1);
            else i++;
        }

        return Math.Min(i + 1, text.Length);
    }

    // Past the brace that closes an interpolation's hole.
    private static int HoleEnd(string text, int i)
    {
        for (var depth = 1; i < text.Length && depth > 0;)
        {
            var end = TokenEnd(text, i);
            if (end > i)
            {
                i = end;
                continue;
            }

            depth += text[i] switch { '{' => 1, '}' => -1, _ => 0 };
            i++;
        }

        return i;
    }
}
