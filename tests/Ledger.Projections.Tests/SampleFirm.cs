using System.Text;
using System.Text.Json;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Tests;

/// <summary>The firm in <c>samples/firm</c>, as a world, and what is planted in it.</summary>
internal static class SampleFirm
{
    public static readonly string[] Files = ["00-ledger", "crm", "clm", "psa", "erp", "billing"];

    public static readonly Planted[] Faults = JsonSerializer.Deserialize<Planted[]>(
        File.ReadAllText(Path.Combine(Folder, "planted.json")), JsonSerializerOptions.Web)!;

    private static string Folder
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ProServ.Ledger.sln")))
                folder = folder.Parent;
            return Path.Combine(folder!.FullName, "samples", "firm");
        }
    }

    /// <summary>Every event once, its file's lines in the order given.</summary>
    public static RecordedEvent[] Events(params IEnumerable<string> files) =>
        [.. Read(files).Select((u, i) => Recorded(u, i + 1))];

    /// <summary>Every event once, as the door understands it.</summary>
    public static IEnumerable<Understood> Read(params IEnumerable<string> files) =>
        files.SelectMany(file => File.ReadLines(Path.Combine(Folder, file + ".ndjson")))
            .Select(line => EnvelopeReader.Read(Encoding.UTF8.GetBytes(line))).OfType<Understood>()
            .DistinctBy(u => (u.Envelope.Source, u.Envelope.Id));

    public static World World(IReadOnlyCollection<RecordedEvent> events) => new(
        events.Count, new(2026, 10, 1),
        events.GroupBy(e => e.Stream).Select(stream =>
        {
            var kind = Kind.Find(StreamName.KindOf(stream.Key));
            return new SourceRecord(
                stream.Key, kind, StreamName.SourceOf(stream.Key), StreamName.IdOf(stream.Key),
                StreamFold.Fold(kind, stream));
        }));

    private static RecordedEvent Recorded(Understood read, int position) => new(
        position, read.Envelope.Source, read.Envelope.Id, read.Envelope.Stream, read.Envelope.Type,
        read.Envelope.Time, read.Envelope.CountsFrom, read.Envelope.Sequence, read.Envelope.Actor,
        Instant.FromUtc(2026, 10, 1, 0, 0).Plus(Duration.FromSeconds(position)), read.Body);

    /// <summary>One fault of <c>planted.json</c>.</summary>
    public sealed record Planted(
        string Class, string Invoice, string Amount, string Currency, EventKey Event, string[] Related,
        string[] Streams, string Sentence);

    public sealed record EventKey(string Source, string Id);
}
