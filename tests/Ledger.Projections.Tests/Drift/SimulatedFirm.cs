using System.Text;
using Ledger.Connectors.Simulation;
using Ledger.Domain;
using Ledger.Projections.Drift;
using NodaTime;

namespace Ledger.Projections.Tests.Drift;

/// <summary>A firm made up with a seed, as a world, and what is planted in it.</summary>
internal sealed class SimulatedFirm
{
    private SimulatedFirm(World world, RecordedEvent[] events, IReadOnlyList<PlantedFault> faults) =>
        (World, Events, Faults) = (world, events, faults);

    public World World { get; }

    public RecordedEvent[] Events { get; }

    public IReadOnlyList<PlantedFault> Faults { get; }

    public static SimulatedFirm Of(long size, ulong seed, bool sound = false) => Made(size, seed, sound, folder =>
    {
        // As they were said: what is read file by file would come after the close of its period.
        var events = Said(folder).OrderBy(u => u.Envelope.Time).Select((u, i) => Recorded(u, i + 1)).ToArray();
        var truth = File.ReadAllBytes(Path.Combine(folder.FullName, "truth.json"));
        return new SimulatedFirm(SampleFirm.World(events), events, PlantedFault.Read(truth));
    });

    /// <summary>What the systems of such a firm say, as the door understands it.</summary>
    public static Understood[] Said(long size, ulong seed) => Made(size, seed, false, folder => Said(folder).ToArray());

    private static T Made<T>(long size, ulong seed, bool sound, Func<DirectoryInfo, T> read)
    {
        var folder = Directory.CreateTempSubdirectory("simulated-firm-");
        try
        {
            FirmSimulation.Run(size, seed, folder.FullName, !sound, null, CancellationToken.None);
            return read(folder);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<Understood> Said(DirectoryInfo folder) =>
        folder.GetFiles("*.ndjson").OrderBy(f => f.Name, StringComparer.Ordinal)
            .SelectMany(f => File.ReadLines(f.FullName))
            .Select(line => EnvelopeReader.Read(Encoding.UTF8.GetBytes(line)).ShouldBeOfType<Understood>())
            .DistinctBy(u => (u.Envelope.Source, u.Envelope.Id));

    private static RecordedEvent Recorded(Understood read, int position) => new(
        position, read.Envelope.Source, read.Envelope.Id, read.Envelope.Stream, read.Envelope.Type,
        read.Envelope.Time, read.Envelope.CountsFrom, read.Envelope.Sequence, read.Envelope.Actor,
        Instant.FromUtc(2026, 10, 1, 0, 0).Plus(Duration.FromSeconds(position)), read.Body);
}
