using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Ledger.Tidy.Tests;

/// <summary>One build floor for all, and nothing of one machine in the tree.</summary>
public sealed partial class FloorTests
{
    /// <summary>What no project may turn down for itself, beside all that the floor sets.</summary>
    private static readonly string[] Loosening =
        ["NoWarn", "WarningsNotAsErrors", "WarningLevel", "AnalysisLevel", "TargetFrameworks", "RunAnalyzers"];

    [Fact]
    public void Properties_are_set_once_for_all_projects()
    {
        var floor = Properties("Directory.Build.props").Concat(Loosening).ToHashSet();
        var offenders = from path in Checkout.Projects
                        from property in Properties(path)
                        where floor.Contains(property)
                        select $"{path} sets {property}";
        offenders.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Nullable", "enable")]
    [InlineData("TreatWarningsAsErrors", "true")]
    [InlineData("EnforceCodeStyleInBuild", "true")]
    [InlineData("CheckForOverflowUnderflow", "true")]
    [InlineData("Deterministic", "true")]
    [InlineData("InvariantGlobalization", "true")]
    [InlineData("RestorePackagesWithLockFile", "true")]
    public void The_floor_is_strict(string property, string value) =>
        XDocument.Parse(Checkout.Text("Directory.Build.props")).Descendants(property).Single().Value.ShouldBe(value);

    [Fact]
    public void Package_versions_are_central()
    {
        var offenders = from path in Checkout.Projects
                        from package in XDocument.Parse(Checkout.Text(path)).Descendants("PackageReference")
                        where package.Attribute("Version") is not null || package.Attribute("VersionOverride") is not null
                        select $"{path} states a version of {package.Attribute("Include")?.Value}";
        offenders.ShouldBeEmpty();
    }

    [Fact]
    public void Every_package_version_is_used()
    {
        var used = Checkout.Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal) || f.EndsWith(".props", StringComparison.Ordinal))
            .SelectMany(f => XDocument.Parse(Checkout.Text(f)).Descendants("PackageReference"))
            .Select(p => (string?)p.Attribute("Include")).ToHashSet();
        XDocument.Parse(Checkout.Text("Directory.Packages.props")).Descendants("PackageVersion")
            .Select(p => (string?)p.Attribute("Include")).Where(p => !used.Contains(p)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_project_has_its_lock_file() =>
        Checkout.Projects.Select(p => p[..(p.LastIndexOf('/') + 1)] + "packages.lock.json").Except(Checkout.Files)
            .ShouldBeEmpty();

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Checkout.Text("ProServ.Ledger.sln").Replace('\\', '/');
        Checkout.Projects.Where(p => !solution.Contains(p, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_names_a_machine_or_a_registry() =>
        Checkout.Lines(
                Checkout.TextFiles.Where(f => !f.StartsWith("tests/Ledger.Tidy.Tests/", StringComparison.Ordinal)),
                line => Machine().IsMatch(line))
            .ShouldBeEmpty();

    [Fact]
    public void No_settings_of_one_workplace_are_kept() =>
        Checkout.Files.Where(f => Path.GetFileName(f).ToLowerInvariant() is "nuget.config" or "launchsettings.json" or ".npmrc")
            .ShouldBeEmpty();

    [Fact]
    public void Links_in_pages_lead_somewhere()
    {
        var offenders = from page in Checkout.Files
                        where page.EndsWith(".md", StringComparison.Ordinal)
                        from link in Link().Matches(Checkout.Text(page))
                        let target = link.Groups[1].Value
                        where !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
                        let path = target.Split('#')[0]
                        let file = path.Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page) ?? "", path)
                        let full = Path.Combine(Checkout.Root, file)
                        where !(File.Exists(full) || Directory.Exists(full)) || !HasHeading(full, target)
                        select $"{page} → {target}";
        offenders.ShouldBeEmpty();
    }

    private static IEnumerable<string> Properties(string path) =>
        XDocument.Parse(Checkout.Text(path)).Descendants("PropertyGroup").Elements().Select(p => p.Name.LocalName);

    private static bool HasHeading(string file, string target) =>
        target.Split('#') is not [_, { Length: > 0 } anchor] || !file.EndsWith(".md", StringComparison.Ordinal)
        || File.ReadLines(file).Where(l => l.StartsWith('#')).Any(l => Anchor(l) == anchor);

    private static string Anchor(string heading) => NotInAnchor()
        .Replace(heading.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"(?<![\w.])/(work|home|root|Users|mnt)/(?!someone\b)\w|\b[A-Z]:\\Users|\b(artifactory|nexus|verdaccio)\b|://[\w.-]*\.(internal|corp|lan)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Machine();

    [GeneratedRegex(@"\[[^\]]*\]\(([^)\s]+)[^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();
}
