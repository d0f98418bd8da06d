namespace Ledger.Projections.Tests;

/// <summary>The golden sample of every event.</summary>
internal static class Golden
{
    private static readonly string Folder = Find();

    public static string Body(string type) => File.ReadAllText(Path.Combine(Folder, type + ".json"));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ProServ.Ledger.sln"))) folder = folder.Parent!;
        return Path.Combine(folder.FullName, "tests", "golden");
    }
}
