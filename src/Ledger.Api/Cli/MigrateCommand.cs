using System.CommandLine;
using Ledger.Store;
using Ledger.Store.Local;

namespace Ledger.Api;

/// <summary><c>ledger migrate</c>: brings a database to this build's tables.</summary>
internal static class MigrateCommand
{
    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "Only say what would be applied.",
    };

    public static Command Create() => new LedgerCommand(
        "migrate", "Applies the migrations a database lacks; the ledger's own PostgreSQL gets them by itself.", """
        ledger migrate --dry-run --database "Host=db;Database=ledger;Username=ledger"
        ledger migrate --database "Host=db;Database=ledger;Username=ledger"
        """) { DryRun }.OnLedger(async (parsed, cancellationToken) =>
    {
        var dry = parsed.GetValue(DryRun);
        var scripts = await Scripts(parsed.Place(), dry, cancellationToken);
        foreach (var script in scripts)
            Terminal.Write($"{(dry ? "pending" : "applied")} {script}");
        if (scripts.Count == 0)
            Terminal.Write("nothing to apply");
        if (!dry || scripts.Count == 0)
        {
            // A newer build may know what an older one had to park.
            await using var ledger = await parsed.Open(cancellationToken);
            await ParkedCommand.Apply(ledger.Intake, dry, cancellationToken);
        }

        return Exit.Good;
    });

    private static async Task<IReadOnlyList<string>> Scripts(
        Place place, bool dry, CancellationToken cancellationToken)
    {
        await using var server = place.Database is null
            ? await LocalPostgres.Start(place.Data, Terminal.Note, cancellationToken)
            : null;
        var address = OpenLedger.Bounded(server?.ConnectionString ?? place.Database!);
        return dry
            ? await Migrations.Pending(address, cancellationToken)
            : await Migrations.Apply(address, cancellationToken);
    }
}
