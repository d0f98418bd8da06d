using Ledger.Domain;

namespace Ledger.Projections.Identity;

/// <summary>Whether what records say of themselves forbids a rule to hold them for one: of something that both state
/// (tax ids of one register, registrations of one country, a document's client or a plan's project at one system, its
/// type, and its currency where it names no legal entity) they share nothing. Pure, and told by the records alone. No
/// stated link asks for it.</summary>
internal static class Contradiction
{
    /// <summary>The first such thing, in words; null where there is none.</summary>
    public static string? Between(IReadOnlyCollection<SourceRecord> some, IReadOnlyCollection<SourceRecord> others)
    {
        var said = others.SelectMany(Said).ToLookup(s => s.Of, s => s.Value);
        if (said.Count == 0) return null;
        foreach (var mine in some.SelectMany(Said).GroupBy(s => s.Of, s => s.Value))
            if (said[mine.Key].Any() && !said[mine.Key].Intersect(mine).Any())
                return $"{mine.Key} {mine.First()} and {said[mine.Key].First()}";
        return null;
    }

    /// <summary>What a record says of itself that another may contradict.</summary>
    public static IEnumerable<(string Of, string Value)> Said(SourceRecord record)
    {
        if (!record.IsLive) return [];
        return record.Fold.State switch
        {
            Client or LegalEntity => BusinessKeys.Of(record).Select(OfKey).OfType<(string, string)>(),
            Invoice i =>
            [
                .. OfClient(i.Client, record), .. OfCurrency(i.Currency, record),
                ("document type", i.DocumentType.ToString()),
            ],
            Payment p => [.. OfClient(p.Client, record), .. OfCurrency(p.Currency, record)],
            Posting p => OfCurrency(p.Currency, record),
            Contract c => [.. OfClient(c.Client, record), .. OfCurrency(c.Currency, record)],
            Project p => [.. OfClient(p.Client, record), .. OfCurrency(p.Currency, record)],
            Opportunity o => [.. OfClient(o.Client, record), .. OfCurrency(o.Currency, record)],
            ClientProposal p => [.. OfClient(p.Client, record), .. OfCurrency(p.Currency, record)],
            ChangeRequest c => OfPlan(c.Project, c.Contract, c.Currency, record),
            Milestone m => OfPlan(m.Project, m.Contract, m.Currency, record),
            Revenue r => OfPlan(r.Project, r.Contract, r.Currency, record),
            _ => [],
        };
    }

    // Without its country nobody knows which register a number is of, and so not that another one is another company.
    private static (string, string)? OfKey(BusinessKey key)
    {
        if (key.Scheme != "registration") return (key.Scheme, key.Value);
        var space = key.Value.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? null : ($"registration {key.Value[..space]}", key.Value[(space + 1)..]);
    }

    // Two clients of one system are two; what two systems call theirs says nothing.
    private static IEnumerable<(string, string)> OfClient(Ref? client, SourceRecord by) => OfThe("client", client, by);

    private static IEnumerable<(string, string)> OfPlan(
        Ref? project, Ref? contract, Currency? currency, SourceRecord by) =>
        [.. OfThe("project", project, by), .. OfThe("contract", contract, by), .. OfCurrency(currency, by)];

    private static IEnumerable<(string, string)> OfThe(string noun, Ref? other, SourceRecord by) =>
        other?.Stream(by.Source) is { } stream
            ? [($"{noun} at {StreamName.SourceOf(stream)}", StreamName.IdOf(stream))]
            : [];

    // Within a company that both name, a number is the business key, and another currency is a difference to report;
    // without one, two systems' numbers may only happen to be alike.
    private static IEnumerable<(string, string)> OfCurrency(Currency? currency, SourceRecord by) =>
        currency is { } known && by.Fold.State!.Entity is null ? [("currency", known.Code)] : [];
}
