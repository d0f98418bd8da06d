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
        var place = parsed.Place();
        await using var server = place.Database is null
            ? await LocalPostgres.Start(place.Data, Terminal.Note, cancellationToken)
            : null;
        var address = OpenLedger.Bounded(server?.ConnectionString ?? place.Database!);
        var dry = parsed.GetValue(DryRun);
        var scripts = dry
            ? await Migrations.Pending(address, cancellationToken)
            : await Migrations.Apply(address, cancellationToken);
        foreach (var script in scripts)
            Terminal.Write($"{(dry ? "pending" : "applied")} {script}");
        if (scripts.Count == 0)
            Terminal.Write("nothing to apply");
        return Exit.Good;
    });
}
