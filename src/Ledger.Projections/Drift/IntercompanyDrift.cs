using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>What one company of the firm asks of another is booked by both: the one's revenue is the other's cost. A
/// client is another company where both bear one tax registration. That both book the same money is held with every
/// posting.</summary>
internal static class IntercompanyDrift
{
    public static IEnumerable<Finding> In(Books books)
    {
        var companies = books.World.Live<LegalEntity>(Kind.LegalEntity)
            .SelectMany(l => (l.State.TaxIds ?? Items<TaxId>.None).Select(id => (Id: id, Of: books.EntityId(l.Record))))
            .DistinctBy(x => x.Id).ToDictionary(x => x.Id, x => x.Of);
        if (companies.Count == 0) return [];
        var booked = books.World.Live<Posting>(Kind.Posting)
            .Where(p => p.State is { Status: PostingStatus.Posted, Reverses: null })
            .Select(p => (books.DocumentOf(p.State.Document, p.Record.Source), books.World.Firm.EntityOf(p.Record)))
            .Where(p => p.Item1 is not null).Select(p => (p.Item1!.Entity.Id, p.Item2)).ToHashSet();
        return books.Documents.Where(d => d.IsLive).Select(d => Unmirrored(books, companies, booked, d))
            .OfType<Finding>();
    }

    private static Finding? Unmirrored(
        Books books, Dictionary<TaxId, string> companies, HashSet<(string Document, string? Company)> booked,
        Document document)
    {
        if (document.IssuedOn is not { } day
            || books.Find<Client>(document.State.Client, document.Record.Source) is not { } client
            || client.State.TaxIds is not { } ids) return null;
        var own = books.World.Firm.EntityOf(document.Record);
        var other = ids.Where(companies.ContainsKey).Select(id => companies[id]).FirstOrDefault(c => c != own);
        if (other is null || own is null || booked.Contains((document.Entity.Id, other))) return null;
        // What nobody booked at all is told by itself.
        if (!booked.Contains((document.Entity.Id, own))) return null;
        var carrying = books.Carrying(Kind.Posting, day).Where(s => s.State.Entities.Any(
            e => books.World.Firm.EntityNamed(e, s.Record.Source) == other)).ToArray();
        if (carrying.Length == 0 || carrying.Any(s => !books.IsPastLag(s, Kind.Posting, day))) return null;
        var evidence = new Evidence().Says(document.Record, "net", document.Net?.ToString(), "totals", "lines")
            .Names(client.Record, "taxIds");
        foreach (var source in carrying) evidence.Says(source.Record, "kinds", Say.List(source.State.Kinds), "kinds");
        return evidence.Finds(
            DriftClass.Missing, document,
            $"{document.Name} of {Say.Date(day)} asks {client.State.Name ?? client.Record.Id} for {document.Net}; its "
            + $"books, kept in {Say.List(carrying.Select(s => s.Record.Id))}, have no entry that mirrors it.",
            document.Net);
    }
}
