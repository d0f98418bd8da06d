using System.Text.RegularExpressions;

namespace Ledger.Tidy.Tests;

/// <summary>The table of rules names what there is.</summary>
public sealed partial class RulesTests
{
    private static readonly string[][] Rows =
    [
        .. Checkout.Text("docs/reference/rules.md").Split('\n')
            .Select(line => line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells is [not ("rule" or "---"), _, _, _]),
    ];

    private static readonly Source[] Tests =
        [.. Checkout.Sources.Where(s => s.Path.StartsWith("tests/", StringComparison.Ordinal))];

    [Fact]
    public void Every_rule_names_a_function_and_a_test()
    {
        Rows.Length.ShouldBeGreaterThan(40);
        Rows.Where(cells => !Names(cells[1]).Any() || !Names(cells[3]).Any() && cells[3] != "the same")
            .Select(cells => cells[0]).ShouldBeEmpty();
    }

    [Fact]
    public void Every_function_named_exists() => Rows.SelectMany(cells => Names(cells[1]))
        .Where(name => !IsMember([.. Checkout.Rooms], name)).ShouldBeEmpty();

    [Fact]
    public void Every_test_named_exists() => Rows.SelectMany(cells => Names(cells[3]))
        .Where(name => !IsMember(Tests, name) && !Tests.Any(s => s.Text.Contains($" {name}(", StringComparison.Ordinal)))
        .ShouldBeEmpty();

    [Fact]
    public void Every_code_named_is_said_somewhere() => Rows.SelectMany(cells => Names(cells[2]))
        .Where(code => !Checkout.Rooms.Any(s => s.Text.Contains($"\"{code}\"", StringComparison.Ordinal)
            || Regex.IsMatch(s.Code, $@"\b{Pascal(code)}\b"))).ShouldBeEmpty();

    private static IEnumerable<string> Names(string cell) => Quoted().Matches(cell).Select(m => m.Groups[1].Value);

    /// <summary>Whether a type is declared, and says the member's name.</summary>
    private static bool IsMember(Source[] sources, string name)
    {
        var (type, member) = name.Split('.') is [var of, var its] ? (of, its) : (name, null);
        return sources.Any(s => s.Types.Contains(type)
            && (member is null || Regex.IsMatch(s.Code, $@"\b{Regex.Escape(member)}\b")));
    }

    private static string Pascal(string code) => string.Concat(
        code.Split('_', StringSplitOptions.RemoveEmptyEntries).Select(w => char.ToUpperInvariant(w[0]) + w[1..]));

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
