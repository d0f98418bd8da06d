using Ledger.Domain;
using Ledger.Projections.Tests.Lineage;
using NodaTime;

namespace Ledger.Projections.Tests.Identity;

/// <summary>What tests of entities say and ask.</summary>
internal static class Speaking
{
    public static readonly LocalDate Today = new(2026, 3, 31);

    public static readonly Currency Pound = Currency.Of("GBP");

    public static Ref Of(string stream) =>
        new(StreamName.KindOf(stream), StreamName.SourceOf(stream), StreamName.IdOf(stream));

    /// <summary>Source and subject of a stream: <c>client/crm:1</c>.</summary>
    public static Story Tells(this Story story, string stream, Event body) => story.Says(
        StreamName.SourceOf(stream), $"{StreamName.KindOf(stream)}/{StreamName.IdOf(stream)}", body);

    public static Story Client(this Story story, string stream, string name = "Acme", Items<TaxId>? taxIds = null) =>
        story.Tells(stream, new ClientRegistered(name, taxIds));

    /// <summary>A client with a tax id of Great Britain.</summary>
    public static Story Taxed(this Story story, string stream, string value) =>
        story.Client(stream, taxIds: [new("VAT", "GB", value)]);

    public static Story Worked(this Story story, string stream, decimal hours = 8m, string? note = null) =>
        story.Tells(stream, new TimeEntryRecorded(
            new("resource", Id: "anna"), new(2026, 3, 2), new(hours, Unit.Hour), Note: note));

    public static Story Linked(this Story story, string a, string b, string id) =>
        story.Says("ledger", $"identity/{id}", new IdentityLinked(Of(a), Of(b)));

    public static Story Unlinked(this Story story, string a, string b, string id) =>
        story.Says("ledger", $"identity/{id}", new IdentityUnlinked(Of(a), Of(b)));

    public static Story Rejected(this Story story, string a, string b, string id) =>
        story.Says("ledger", $"identity/{id}", new IdentityProposalRejected(Of(a), Of(b), "two firms"));

    public static Story Succeeded(this Story story, string old, string by, LocalDate from, string id) =>
        story.Says("ledger", $"succession/{id}", new StreamSucceeded(Of(old), Of(by), from));

    public static World On(this Story story, LocalDate day, int? seed = null) => story.World(seed, null, day);

    public static World Now(this Story story, int? seed = null) => story.World(seed, null, Today);

    /// <summary>The entities of a kind, each as its members' streams.</summary>
    public static string[] Together(this World world, Kind kind) =>
        [.. world.Entities(kind).Select(e => string.Join(' ', e.Members.Select(m => m.Stream)))];

    /// <summary>Streams of a kind that count, in the order they came.</summary>
    public static string[] Counting(this World world, Kind kind) =>
        [.. world.Records.Values.Where(r => r.Kind == kind && world.Counts(r)).OrderBy(r => r.Fold.Opened)
            .Select(r => r.Stream)];
}
