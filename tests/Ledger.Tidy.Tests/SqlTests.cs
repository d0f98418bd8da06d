using System.Text.RegularExpressions;

namespace Ledger.Tidy.Tests;

/// <summary>SQL has three addresses: the store's DDL in schemas/sql, its statements in one file, each view's in its
/// own.</summary>
public sealed partial class SqlTests
{
    [Fact]
    public void Statements_stand_only_where_the_house_has_them()
    {
        var offenders = from source in Checkout.Rooms
                        where !IsAddress(source)
                        from statement in Statement().Matches(source.Text)
                        where InText(source, statement.Index)
                        select $"{source.Path}:{source.LineAt(statement.Index)} {statement.Value.Trim()}";
        offenders.ShouldBeEmpty();
    }

    [Fact]
    public void One_table_has_one_writing_file()
    {
        var writers = from source in Checkout.Rooms
                      from write in Write().Matches(source.Text)
                      where InText(source, write.Index)
                      // The parts of one class are one file, cut for its length.
                      select (Table: write.Groups[1].Value.ToLowerInvariant(), Path: Part().Replace(source.Path, ".cs"));
        writers.Distinct().GroupBy(w => w.Table).Where(t => t.Count() > 1)
            .Select(t => $"{t.Key} is written in {string.Join(" and ", t.Select(w => w.Path))}").ShouldBeEmpty();
    }

    [Fact]
    public void Migrations_are_numbered_each_once()
    {
        var numbers = Checkout.Files.Where(f => MigrationFile().IsMatch(f))
            .Select(f => int.Parse(MigrationFile().Match(f).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
        numbers.ShouldBeUnique();
        numbers.ShouldBe(numbers.Order());
    }

    // A private server is set up by its own words; every other statement of the store stands in Sql.cs.
    private static bool IsAddress(Source source) => source.Room switch
    {
        "Store" => source.Path.StartsWith("src/Ledger.Store/Sql", StringComparison.Ordinal)
            || source.Path.StartsWith("src/Ledger.Store/Local/", StringComparison.Ordinal),
        "Projections" => true,
        _ => false,
    };

    // What the scanner blanked is text or comment; comments begin with slashes.
    private static bool InText(Source source, int index)
    {
        var line = source.Text.LastIndexOf('\n', index) + 1;
        return source.Code[index..(index + 3)] != source.Text[index..(index + 3)]
            && !source.Text[line..index].TrimStart().StartsWith("//", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"(?<=""|^\s*)(select\s+[\w$*(].*\bfrom\b|insert into|update\s+\w+[.\w]*\s+set|delete from|create (table|schema|index)|drop (table|schema)|alter table|truncate|copy\s+[\w.]+\s*(\(|from|to)|listen \w)", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Statement();

    [GeneratedRegex(@"\b(?:insert\s+into|update|delete\s+from|copy|truncate(?:\s+table)?)\s+([a-z_]+\.[a-z_]+)\b")]
    private static partial Regex Write();

    [GeneratedRegex(@"\.\w+\.cs$")]
    private static partial Regex Part();

    [GeneratedRegex(@"^schemas/sql/(\d{4})-[a-z-]+/up\.sql$")]
    private static partial Regex MigrationFile();
}
