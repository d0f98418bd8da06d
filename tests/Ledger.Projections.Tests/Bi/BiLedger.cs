using System.Text;
using Ledger.Connectors.Simulation;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Tests.Bi;

/// <summary>Ledgers to ask questions of.</summary>
internal static class BiLedger
{
    /// <summary>A made-up firm as it stood some months after its first work: what its systems had said by then.
    /// </summary>
    public static async Task<LedgerDatabase> Simulated(ulong seed, bool sound, int months)
    {
        var folder = Directory.CreateTempSubdirectory("questions-");
        try
        {
            FirmSimulation.Run(6_000, seed, folder.FullName, !sound, null, CancellationToken.None);
            var told = folder.GetFiles("*.ndjson").OrderBy(f => f.Name, StringComparer.Ordinal)
                .SelectMany(f => File.ReadLines(f.FullName))
                .Select(line => EnvelopeReader.Read(Encoding.UTF8.GetBytes(line)).ShouldBeOfType<Understood>())
                .DistinctBy(u => (u.Envelope.Source, u.Envelope.Id)).ToArray();
            var until = told.Select(u => u.Body).OfType<TimeEntryRecorded>().Min(t => t.WorkedOn).PlusMonths(months);
            var end = until.PlusDays(1).AtMidnight().InUtc().ToInstant();
            return await Of(told.Where(u => u.Envelope.Time < end), until);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static Task<LedgerDatabase> Sample() => Of(SampleFirm.Read(SampleFirm.Files), new(2026, 10, 1));

    /// <summary>A ledger that was told all of it on a day.</summary>
    public static async Task<LedgerDatabase> Of(IEnumerable<Understood> told, LocalDate day)
    {
        var ledger = await LedgerDatabase.Create(day.AtMidnight().InUtc().ToInstant());
        await ledger.Append([.. told.Select(Recorded.New)]);
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        return ledger;
    }
}
