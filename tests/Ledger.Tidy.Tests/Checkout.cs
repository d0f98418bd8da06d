namespace Ledger.Tidy.Tests;

/// <summary>The files of the checkout the tests run in, without what builds and tools leave behind.</summary>
internal static class Checkout
{
    private static readonly string[] Leavings =
        [".git", ".vs", ".idea", "bin", "obj", "TestResults", "artifacts", "BenchmarkDotNet.Artifacts", "node_modules"];

    private static readonly string[] TextEndings =
    [
        ".cs", ".csproj", ".sln", ".props", ".json", ".md", ".sql", ".http", ".ndjson", ".css", ".html", ".svg", ".txt",
        ".editorconfig", ".gitignore", "run",
    ];

    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = Find();

    /// <summary>Every file, as a path from the root with forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Under(Root).Select(Relative).Order(StringComparer.Ordinal)];

    /// <summary>Every source file.</summary>
    public static IReadOnlyList<Source> Sources { get; } =
        [.. Files.Where(f => f.EndsWith(".cs", StringComparison.Ordinal)).Select(f => new Source(f, Text(f)))];

    /// <summary>The source files of the rooms.</summary>
    public static IEnumerable<Source> Rooms => Sources.Where(s => s.Path.StartsWith("src/", StringComparison.Ordinal));

    public static IEnumerable<string> TextFiles =>
        Files.Where(f => Array.Exists(TextEndings, ending => f.EndsWith(ending, StringComparison.Ordinal)));

    public static IEnumerable<string> Projects => Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal));

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Every line that fits, as <c>path:line text</c>.</summary>
    public static IEnumerable<string> Lines(IEnumerable<string> paths, Func<string, bool> fits) =>
        from path in paths
        from line in File.ReadLines(Path.Combine(Root, path)).Select((text, index) => (text, number: index + 1))
        where fits(line.text)
        select $"{path}:{line.number} {line.text.Trim()[..Math.Min(120, line.text.Trim().Length)]}";

    private static IEnumerable<string> Under(string folder) =>
        Directory.EnumerateFiles(folder).Concat(
            Directory.EnumerateDirectories(folder).Where(d => !Leavings.Contains(Path.GetFileName(d))).SelectMany(Under));

    private static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ProServ.Ledger.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("the tests run outside a checkout");
    }
}
