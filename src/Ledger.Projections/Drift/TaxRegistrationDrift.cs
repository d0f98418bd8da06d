using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>A tax that only a registration allows, where the ledger knows of none: of the seller for any tax that is
/// asked for, of the buyer where he is to account for it. Told once of whoever is not registered, where the systems
/// that have him tell of registrations at all.</summary>
internal static class TaxRegistrationDrift
{
    // UNCL 5305: reverse charge, and supply to another member state.
    private static readonly string[] BuyersTax = ["AE", "K"];

    public static IEnumerable<Finding> In(Books books)
    {
        var telling = books.World.Records.Values.Where(r => r.IsLive && TaxIds(r.Fold.State) is { Count: > 0 })
            .Select(r => (r.Kind, r.Source)).ToHashSet();
        if (telling.Count == 0) return [];
        var live = books.Documents.Where(d => d.IsLive).ToArray();
        return Of(
                books, telling, live.Where(IsTaxed), d => books.World.Firm.EntityOf(d.Record),
                "asks for tax", "its company")
            .Concat(Of(
                books, telling, live.Where(d => Categories(d).Any(BuyersTax.Contains)),
                d => books.Find<Client>(d.State.Client, d.Record.Source) is { } client
                    ? books.EntityId(client.Record)
                    : null,
                "leaves the tax to its client", "the client"));
    }

    private static IEnumerable<Finding> Of(
        Books books, HashSet<(Kind, string)> telling, IEnumerable<Document> documents, Func<Document, string?> whose,
        string does, string who)
    {
        foreach (var same in documents.GroupBy(whose))
        {
            if (same.Key is null || !books.World.Records.TryGetValue(same.Key, out var record)) continue;
            var entity = books.World.EntityOf(record.Stream);
            var members = entity.Members.Where(m => m.IsLive)
                .OrderBy(m => m.Stream, StringComparer.Ordinal).ToArray();
            if (members.Length == 0 || members.Any(m => TaxIds(m.Fold.State) is { Count: > 0 })
                || !members.Any(m => telling.Contains((m.Kind, m.Source)))) continue;
            var (first, all) = (same.First(), same.ToArray());
            var evidence = new Evidence();
            foreach (var member in members) evidence.Says(member, "taxIds", null, "taxIds", "name");
            foreach (var document in all.Take(10)) evidence.Says(document.Record, "taxes", does, "taxes", "lines");
            // It began where a system told of the party and not of its registration, as it does of others.
            evidence.Clashes(members.First(m => telling.Contains((m.Kind, m.Source))).Asserted("taxIds", "name"));
            yield return evidence.Finds(
                DriftClass.Tax, first,
                $"{first.Name}{(all.Length == 1 ? "" : $" and {Say.Count(all.Length - 1, "other", "others")}")} "
                + $"{(all.Length == 1 ? does : does.Replace("asks", "ask", StringComparison.Ordinal)
                    .Replace("leaves", "leave", StringComparison.Ordinal))}, and no tax registration of {who} "
                + $"{Books.LabelOf(members[0])} is known.");
        }
    }

    private static bool IsTaxed(Document document) =>
        document.State.Taxes.Any(t => t is { Rate: > 0m } or { Amount: > 0m });

    private static IEnumerable<string> Categories(Document document) => document.State.Taxes
        .Concat(document.State.Lines.Select(l => l.Tax).OfType<Tax>()).Select(t => t.Category).OfType<string>();

    private static Items<TaxId>? TaxIds(RecordState? state) => state switch
    {
        Client c => c.TaxIds,
        LegalEntity l => l.TaxIds,
        _ => null,
    };
}
