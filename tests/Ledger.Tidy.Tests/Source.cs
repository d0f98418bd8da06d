using System.Text.RegularExpressions;

namespace Ledger.Tidy.Tests;

/// <summary>One C# file, read as text: enough to find its functions without a compiler.</summary>
internal sealed partial class Source
{
    public Source(string path, string text)
    {
        (Path, Text) = (path, text);
        Code = Scanner.Blank(text);
    }

    public string Path { get; }

    public string Text { get; }

    /// <summary>The text with comments and the insides of strings blanked out; as long, with the same lines.</summary>
    public string Code { get; }

    /// <summary>The room it belongs to: <c>src/Ledger.Domain/…</c> → <c>Domain</c>.</summary>
    public string Room => Path.Split('/') is ["src", var project, ..] ? project["Ledger.".Length..] : "";

    /// <summary>Whether it measures the program itself instead of saying anything of the trade.</summary>
    public bool IsTelemetry => Path.EndsWith("/Telemetry.cs", StringComparison.Ordinal);

    public IEnumerable<string> Usings => UsingDirective().Matches(Code).Select(m => m.Groups[1].Value);

    /// <summary>Names of the types it declares.</summary>
    public IEnumerable<string> Types => TypeDeclaration().Matches(Code).Select(m => m.Groups[1].Value);

    /// <summary>Matches in code, as <c>path:line text</c>.</summary>
    public IEnumerable<string> Find(Regex pattern) =>
        pattern.Matches(Code).Select(m => $"{Path}:{LineAt(m.Index)} {m.Value.Trim()}");

    public int LineAt(int index) => Text.AsSpan(0, index).Count('\n') + 1;

    /// <summary>Every member with a body, by its first line of code and its length in lines.</summary>
    public IEnumerable<(string Name, int Line, int Length)> Functions() => MembersOf(0, Code.Length);

    private IEnumerable<(string Name, int Line, int Length)> MembersOf(int from, int to)
    {
        for (var start = from; start < to;)
        {
            while (start < to && (char.IsWhiteSpace(Code[start]) || Code[start] is ';' or ',')) start++;
            if (start >= to) yield break;
            var (end, body) = MemberFrom(start, to);
            var header = Code[start..(body < 0 ? end : body)];
            if (body >= 0 && Code[body] == '{' && Container().IsMatch(header))
            {
                foreach (var inner in MembersOf(body + 1, end - 1)) yield return inner;
            }
            else if (body >= 0 && header.Contains('('))
            {
                yield return (Name(header), LineAt(start), LineAt(end - 1) - LineAt(start) + 1);
            }

            start = end;
        }
    }

    // A member ends at its semicolon or its closing brace; its body begins at its brace or its arrow.
    private (int End, int Body) MemberFrom(int start, int to)
    {
        var (depth, body, initialized) = (0, -1, false);
        for (var i = start; i < to; i++)
        {
            var c = Code[i];
            if (depth == 0 && c == '=' && i + 1 < to && Code[i + 1] == '>' && body < 0 && !initialized) body = i;
            else if (depth == 0 && c == '=' && body < 0) initialized = true;
            if (depth == 0 && c == '{' && body < 0 && !initialized) body = i;
            if (c is '{' or '(' or '[') depth++;
            if (c is '}' or ')' or ']') depth--;
            if (depth < 0) return (i, body);
            if (depth == 0 && c == ';') return (i + 1, body);
            if (depth == 0 && c == '}' && body >= 0 && Code[body] == '{') return (i + 1, body);
        }

        return (to, body);
    }

    private static string Name(string header) => MemberName().Match(header) is { Success: true } m ? m.Groups[1].Value : header;

    [GeneratedRegex(@"^\s*(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?([\w.]+)\s*;", RegexOptions.Multiline)]
    private static partial Regex UsingDirective();

    [GeneratedRegex(@"\b(?:class|record(?:\s+(?:class|struct))?|struct|interface|enum)\s+(\w+)")]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"^(?:\[[^\]]*\]\s*)*(?:[a-z]+\s+)*?(?:class|record|struct|interface|enum|namespace|extension)\b")]
    private static partial Regex Container();

    [GeneratedRegex(@"(\w+)\s*(?:<[^>]*>)?\s*\(")]
    private static partial Regex MemberName();
}
