using Ledger.Connectors.BusinessCentral;
using Ledger.Connectors.Kantata;
using Ledger.Connectors.Ubl;
using Ledger.Domain;

namespace Ledger.Connectors;

/// <summary>One system whose documents the ledger reads.</summary>
/// <param name="Source">The name its events go by where none is given.</param>
/// <param name="Help">One line: which documents of which system.</param>
/// <param name="Ending">How the names of its documents end, for finding them in a folder: <c>.xml</c>.</param>
/// <param name="Read">Documents and the source's name → events. Documents given together may complete each other.
/// </param>
public sealed record ImportProfile(
    string Name, string Source, string Help, string Ending, Func<IReadOnlyList<ImportFile>, string, Imported> Read);

/// <summary>Every profile there is: an explicit list.</summary>
public static class ImportProfiles
{
    public static readonly IReadOnlyList<ImportProfile> All =
    [
        new("kantata", "kantata", KantataImport.Help, ".json", KantataImport.Read),
        new("business-central", "erp", BusinessCentralImport.Help, ".json", BusinessCentralImport.Read),
        new("ubl", "ubl", UblImport.Help, ".xml", UblImport.Read),
    ];

    /// <summary>Reads documents by a profile. Every failure is a problem in the result; nothing is thrown.</summary>
    /// <param name="profile">Its name.</param>
    /// <param name="source">The name the system goes by in the ledger; null = the profile's own.</param>
    public static Imported Import(string profile, IReadOnlyList<ImportFile> files, string? source = null)
    {
        if (All.FirstOrDefault(p => p.Name == profile) is not { } known)
            return Refused("unknown_profile",
                $"there is no import profile '{profile}'; there is {string.Join(", ", All.Select(p => p.Name))}");
        var name = source ?? known.Source;
        if (!StreamName.IsSource(name) || name == "ledger")
            return Refused("invalid_source",
                $"'{name}' cannot name a system: lower-case letters, digits and hyphens, a letter first, not 'ledger'");
        return known.Read(files, name);
    }

    private static Imported Refused(string code, string message) =>
        new(Items<Understood>.None, [new("", "", code, message)], Items<ImportProblem>.None);
}
