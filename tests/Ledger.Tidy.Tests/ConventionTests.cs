using System.Text.RegularExpressions;

namespace Ledger.Tidy.Tests;

/// <summary>Names, shapes and words the house keeps to.</summary>
public sealed partial class ConventionTests
{
    private const int LineLengthMax = 120, FunctionLinesMax = 70, FileLinesMax = 450, DoorLinesMax = 80;

    private static readonly string[] EventNames =
        [.. CatalogueEntry().Matches(Checkout.Text("src/Ledger.Domain/EventCatalog.cs")).Select(m => m.Groups[1].Value)];

    private static readonly string[] EventNamesForEver =
        Checkout.Text("tests/Ledger.Tidy.Tests/event-names.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public void Stored_event_names_are_contracts_and_never_change()
    {
        EventNamesForEver.Except(EventNames).ShouldBeEmpty("a stored name went away; events of that name would be lost");
        EventNames.Except(EventNamesForEver).ShouldBeEmpty("a new name is added to event-names.txt, for ever");
        EventNames.ShouldBeUnique();
    }

    [Fact]
    public void Event_names_are_snake_case_and_past_tense() =>
        EventNames.Where(name => !PastTense().IsMatch(name)).ShouldBeEmpty();

    [Fact]
    public void Every_event_of_the_catalogue_has_a_schema_and_every_schema_an_event() =>
        Checkout.Files.Where(f => f.StartsWith("schemas/events/", StringComparison.Ordinal))
            .Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)
            .ShouldBe(EventNames.Order(StringComparer.Ordinal));

    [Fact]
    public void No_line_is_longer_than_a_reader_takes_in() =>
        Checkout.Lines(Checkout.Rooms.Select(s => s.Path), line => line.Length > LineLengthMax).ShouldBeEmpty();

    [Fact]
    public void No_function_is_longer_than_a_screen()
    {
        var functions = Checkout.Rooms.SelectMany(s => s.Functions().Select(f => (s.Path, f))).ToArray();
        functions.Length.ShouldBeGreaterThan(100);
        functions.Where(x => x.f.Length > FunctionLinesMax)
            .Select(x => $"{x.Path}:{x.f.Line} {x.f.Name} has {x.f.Length} lines").ShouldBeEmpty();
    }

    [Fact]
    public void No_file_outgrows_its_subject() =>
        Checkout.Rooms.Where(s => s.LineAt(s.Text.Length) > FileLinesMax)
            .Select(s => $"{s.Path} has {s.LineAt(s.Text.Length)} lines").ShouldBeEmpty();

    [Fact]
    public void The_door_is_a_table_of_contents()
    {
        var door = Checkout.Rooms.Single(s => s.Path == "src/Ledger.Api/Program.cs");
        door.LineAt(door.Text.Length).ShouldBeLessThan(DoorLinesMax);
    }

    [Fact]
    public void No_clock_is_read_but_through_what_is_handed_in() =>
        Checkout.Rooms.SelectMany(s => s.Find(Clock())).ShouldBeEmpty();

    // Seconds of a measurement and points of a drawing are no money.
    [Fact]
    public void Money_is_decimal_and_never_binary() =>
        Checkout.Rooms.Where(s => s.Room is "Domain" or "Projections" or "Connectors")
            .Where(s => !s.IsTelemetry && !s.Path.EndsWith("Svg.cs", StringComparison.Ordinal))
            .SelectMany(s => s.Find(Binary())).ShouldBeEmpty();

    [Fact]
    public void No_error_is_swallowed_without_a_word() =>
        Checkout.Sources.SelectMany(s => EmptyCatch().Matches(s.Text).Select(m => $"{s.Path}:{s.LineAt(m.Index)} {m.Value}"))
            .Where(found => !found.StartsWith("tests/Ledger.Tidy.Tests/", StringComparison.Ordinal)).ShouldBeEmpty();

    [Fact]
    public void No_unknown_event_is_swallowed() =>
        Checkout.Rooms.Where(s => s.Room == "Domain").SelectMany(s => s.Find(Swallowed())).ShouldBeEmpty();

    [Fact]
    public void Nothing_is_left_for_later_in_the_code() =>
        Checkout.Lines(
                Checkout.Sources.Where(s => !s.Path.StartsWith("tests/Ledger.Tidy.Tests/", StringComparison.Ordinal))
                    .Select(s => s.Path),
                line => Unfinished().IsMatch(line))
            .ShouldBeEmpty();

    [Fact]
    public void No_folder_is_named_after_a_technical_kind() =>
        Checkout.Files.Where(f => f.StartsWith("src/", StringComparison.Ordinal))
            .SelectMany(f => f.Split('/')[..^1]).Distinct()
            .Where(f => f is "Commands" or "Events" or "Dtos" or "Models" or "Interfaces" or "Services" or "Helpers")
            .ShouldBeEmpty();

    [Fact]
    public void No_type_is_named_after_what_it_does_not_say() =>
        Checkout.Rooms.SelectMany(s => s.Types.Where(t => Vague().IsMatch(t)).Select(t => $"{s.Path} {t}"))
            .ShouldBeEmpty();

    [GeneratedRegex(@"Of<\w+>\(""([^""]+)""")]
    private static partial Regex CatalogueEntry();

    [GeneratedRegex(@"^[a-z]+(_[a-z]+)*_(\w*ed|set|put|sent|paid|won|lost|written|withdrawn|overridden)(_(down|off|on|hold))*(_v[2-9])?$")]
    private static partial Regex PastTense();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?(Now|Today)\b")]
    private static partial Regex Clock();

    [GeneratedRegex(@"\b(double|float|Half|Single|ToDouble)\b")]
    private static partial Regex Binary();

    [GeneratedRegex(@"\bcatch\b\s*(\([^)]*\))?\s*(when\s*\([^{]*\))?\s*\{\s*\}")]
    private static partial Regex EmptyCatch();

    [GeneratedRegex(@"_\s*=>\s*state\b")]
    private static partial Regex Swallowed();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|NotImplementedException)\b|\[(Fact|Theory)\(Skip\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"(Manager|Helper|Helpers|Utils|Util|Service|Base|Mapper|Repository|Dto|Impl)$")]
    private static partial Regex Vague();
}
