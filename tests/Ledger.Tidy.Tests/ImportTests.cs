using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Ledger.Tidy.Tests;

/// <summary>Five rooms, one direction.</summary>
public sealed partial class ImportTests
{
    private const string Outside = "a package";

    /// <summary>What each room may import: other rooms, and packages beside the framework.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Domain"] = ["NodaTime"],
        ["Store"] = ["NodaTime", "Npgsql"],
        ["Projections"] = ["Ledger.Domain", "Ledger.Store"],
        ["Connectors"] = ["Ledger.Domain"],
        ["Api"] = ["Ledger.Domain", "Ledger.Store", "Ledger.Projections", "Ledger.Connectors", Outside],
    };

    private static readonly string[] OwnNames = ["System", "Microsoft.Extensions.Logging", "Microsoft.Win32.SafeHandles"];

    [Fact]
    public void There_are_five_rooms() =>
        Checkout.Projects.Where(p => p.StartsWith("src/", StringComparison.Ordinal)).Select(p => p.Split('/')[1]).Order()
            .ShouldBe(Allowed.Keys.Select(room => "Ledger." + room).Order());

    [Fact]
    public void Each_room_references_only_what_the_house_allows()
    {
        var offenders = from room in Allowed.Keys
                        let project = XDocument.Parse(Checkout.Text($"src/Ledger.{room}/Ledger.{room}.csproj"))
                        let rooms = Includes(project, "ProjectReference").Select(p => Path.GetFileNameWithoutExtension(p))
                        let packages = Includes(project, "PackageReference")
                        from import in rooms.Concat(Allowed[room].Contains(Outside) ? [] : packages)
                        where !Allowed[room].Contains(import)
                        select $"{room} references {import}";
        offenders.ShouldBeEmpty();
    }

    [Fact]
    public void Each_room_uses_only_names_the_house_allows()
    {
        var offenders = from source in Checkout.Rooms
                        where source.Room != "Api"
                        from name in source.Usings
                        where !Fits(name, ["Ledger." + source.Room, .. Reachable(source.Room), .. Framework(source.Room)])
                        select $"{source.Path} uses {name}";
        offenders.ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_imports_the_door()
    {
        Checkout.Rooms.Where(s => s.Room != "Api").SelectMany(s => s.Find(NamesTheDoor())).ShouldBeEmpty();
        // A program that runs the door's own, to kill it or to measure it, needs it beside itself.
        Checkout.Projects.Where(p => !p.Contains("Ledger.Api", StringComparison.Ordinal)
                && !p.StartsWith("tests/Ledger.Torture/", StringComparison.Ordinal)
                && !p.StartsWith("bench/", StringComparison.Ordinal))
            .Where(p => Checkout.Text(p).Contains("Ledger.Api.csproj", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Domain_waits_for_nothing_logs_nothing_and_has_no_clock() =>
        Checkout.Rooms.Where(s => s.Room == "Domain").SelectMany(s => s.Find(Impure())).ShouldBeEmpty();

    [Fact]
    public void What_projections_say_depends_on_no_clock() =>
        Checkout.Rooms.Where(s => s.Room == "Projections" && !s.IsTelemetry).SelectMany(s => s.Find(Clock()))
            .ShouldBeEmpty();

    [Fact]
    public void The_store_knows_bytes_names_and_keys_and_never_domain() =>
        Checkout.Rooms.Where(s => s.Room == "Store").SelectMany(s => s.Find(NamesDomain())).ShouldBeEmpty();

    [Fact]
    public void No_project_depends_on_marten_or_wolverine() =>
        Checkout.Lines(
                Checkout.Files.Where(f =>
                    f.EndsWith(".csproj", StringComparison.Ordinal) || f.EndsWith(".props", StringComparison.Ordinal)
                    || f.EndsWith("packages.lock.json", StringComparison.Ordinal)),
                line => MartenOrWolverine().IsMatch(line))
            .ShouldBeEmpty();

    /// <summary>Rooms and packages reachable through references, packages of those rooms included.</summary>
    private static IEnumerable<string> Reachable(string room) => Allowed[room].SelectMany(import =>
        import.StartsWith("Ledger.", StringComparison.Ordinal) ? Reachable(import["Ledger.".Length..]).Append(import) : [import]);

    private static string[] Framework(string room) => room switch
    {
        "Domain" => ["System"],
        "Store" or "Projections" => ["NpgsqlTypes", .. OwnNames],
        _ => OwnNames,
    };

    private static bool Fits(string name, IEnumerable<string> allowed) => allowed.Any(a =>
        name == a || (name.StartsWith(a, StringComparison.Ordinal) && name[a.Length] == '.'));

    private static IEnumerable<string> Includes(XDocument project, string element) =>
        project.Descendants(element).Select(e => (string?)e.Attribute("Include") ?? "").Select(p => p.Replace('\\', '/'));

    [GeneratedRegex(@"\bLedger\.Api\b")]
    private static partial Regex NamesTheDoor();

    [GeneratedRegex(@"\bLedger\.Domain\b")]
    private static partial Regex NamesDomain();

    [GeneratedRegex(@"\b(async|await|Task<|ValueTask|Task\.(Run|FromResult|CompletedTask|Delay)|ILogger|IClock|SystemClock|TimeProvider|Stopwatch|HttpClient|Console\.|File\.|Environment\.)")]
    private static partial Regex Impure();

    [GeneratedRegex(@"\b(IClock|SystemClock|TimeProvider|GetUtcNow|GetCurrentInstant|UtcNow)\b")]
    private static partial Regex Clock();

    [GeneratedRegex("\"(marten|wolverine|jasperfx|weasel)", RegexOptions.IgnoreCase)]
    private static partial Regex MartenOrWolverine();
}
