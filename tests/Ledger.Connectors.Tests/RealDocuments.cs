namespace Ledger.Connectors.Tests;

/// <summary>Real documents that lie beside the checkout, in <c>shared/data</c>; the project copies none.</summary>
internal static class RealDocuments
{
    public const string Absent = "there is no shared/data beside this checkout";

    public static string? Folder { get; } = Find();

    public static ImportFile File(string name) => new(name, System.IO.File.ReadAllBytes(Path.Combine(Folder!, name)));

    private static string? Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !Directory.Exists(Path.Combine(folder.FullName, "shared", "data"))) folder = folder.Parent;
        return folder is null ? null : Path.Combine(folder.FullName, "shared", "data");
    }
}

/// <summary>A fact about real documents; skipped, with a message, where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealFactAttribute : FactAttribute
{
    public RealFactAttribute() => Skip = RealDocuments.Folder is null ? RealDocuments.Absent : null;
}
