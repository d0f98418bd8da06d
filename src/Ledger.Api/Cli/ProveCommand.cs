using System.CommandLine;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Drift;
using Ledger.Projections.Proof;
using NodaTime;

namespace Ledger.Api;

/// <summary><c>ledger prove</c>: whether work in progress, receivables and revenue foot.</summary>
internal static class ProveCommand
{
    private static readonly Option<string?> LegalEntity = new("--legal-entity")
    {
        Description = "Only this one: its name, its number or any of its streams.",
        HelpName = "WHICH",
    };

    private static readonly Option<LocalDate?> From = Days.Optional(
        "--from", "The first day whose movements count; where not said, from the beginning.");

    private static readonly Option<LocalDate?> To = Days.Optional(
        "--to", "The last day that counts; where not said, whatever day.");

    private static readonly Option<string> Format = Common.Format("text", "json");

    public static Command Create() => new LedgerCommand(
        "prove", "Proves that work in progress, receivables and revenue foot, that every approved hour is in one "
        + "place, and that billed money has a source; names what breaks that. Exit code 1 where anything does not "
        + "foot.", """
        ledger prove
        ledger prove --from 2026-03-01 --to 2026-03-31
        ledger prove --legal-entity "Alder & Finch LLP" --format json > proof.json
        """)
    {
        LegalEntity, From, To, Format,
    }.OnLedger(Run);

    private static async Task<int> Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        var world = await Worlds.Load(ledger.Source, cancellationToken);
        var report = ProofRun.Of(
            world, new(parsed.GetValue(From), parsed.GetValue(To), parsed.GetValue(LegalEntity)));
        if (parsed.GetValue(Format) == "text")
        {
            report.WriteText(Console.Out);
        }
        else
        {
            await using var output = Console.OpenStandardOutput();
            report.WriteJson(output, await EventIndex.Load(ledger.Source, report.Positions, cancellationToken));
        }

        return report.Foots ? Exit.Good : Exit.ProblemFound;
    }
}
