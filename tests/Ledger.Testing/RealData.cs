namespace Ledger.Testing;

/// <summary>Recorded documents kept beside the checkout, in <c>shared/data</c> of a folder above the tests.</summary>
public static class RealData
{
    /// <summary>Full path of a recorded file or folder; null where this machine has none.</summary>
    /// <param name="relative">Below <c>shared/data</c>, with forward slashes.</param>
    public static string? Path(string relative)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var found = System.IO.Path.Combine(at.FullName, "shared", "data", relative);
            if (File.Exists(found) || Directory.Exists(found))
                return found;
        }

        return null;
    }
}
