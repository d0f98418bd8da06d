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

    /// <summary>A code belongs to a rule where the function that keeps it, or the test that reads like it, says it.
    /// </summary>
    [Fact]
    public void Every_code_named_is_said_by_the_function_or_tried_by_the_test() =>
        (from cells in Rows
         let files = Checkout.Rooms.Where(s => Names(cells[1]).Any(name => s.Types.Contains(name.Split('.')[0])))
             .Concat(Tests.Where(s => Names(cells[3]).Any(name => IsIn(s, name)))).ToArray()
         from code in Names(cells[2])
         where !Array.Exists(files, s => Regex.IsMatch(s.Text, $@"\b{Regex.Escape(code)}\b")
             || Regex.IsMatch(s.Code, $@"\b{Pascal(code)}\b"))
         select $"{cells[0]} {code}").ShouldBeEmpty();

    [Fact]
    public void Each_of_the_twenty_rules_is_kept_by_a_function_above_or_said_not_to_be()
    {
        var twenty = Checkout.Text("docs/reference/rules.md").Split('\n')
            .Select(line => line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => int.TryParse(cells[0], System.Globalization.CultureInfo.InvariantCulture, out _)).ToArray();
        twenty.Select(cells => cells[0]).ShouldBe(Enumerable.Range(1, 20).Select(
            n => n.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var kept = Rows.SelectMany(cells => Names(cells[1])).ToHashSet();
        twenty.Where(cells => !Names(cells[2]).Any() || Names(cells[2]).Any(name => !kept.Contains(name)))
            .Select(cells => cells[0]).ShouldBeEmpty();
    }

    private static bool IsIn(Source test, string name) => name.Split('.') is [var of, var its]
        ? test.Types.Contains(of) && test.Text.Contains($" {its}(", StringComparison.Ordinal)
        : test.Types.Contains(name) || test.Text.Contains($" {name}(", StringComparison.Ordinal);

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
