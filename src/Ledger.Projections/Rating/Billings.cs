using Ledger.Domain;
using Ledger.Projections.Findings;
using Ledger.Projections.Lineage;

namespace Ledger.Projections.Rating;

/// <summary>What documents, and drafts of them, bill of things: pure.</summary>
internal sealed class Billings(World world)
{
    private readonly Dictionary<string, ComposedEntity> documents = [];

    /// <summary>What is billed of an entity, and of its parts, and was not given back.</summary>
    /// <param name="share">What a milestone told by percent is worth; null = its own word, or nobody's.</param>
    public IEnumerable<BilledPart> Of(ComposedEntity target, Money? share = null)
    {
        var into = world.CoverageInto(target.Entity.Id).Where(c => c.Rel == Rels.Bills).ToArray();
        if (into.Length == 0) yield break;
        foreach (var part in into.GroupBy(c => c.ToPart))
        {
            var name = part.Key is null ? target.Entity.Id : $"{target.Entity.Id}#{part.Key}";
            foreach (var (bill, quantity, amount) in BilledWork.Standing(world, target, part, share))
                yield return Told(name, bill, quantity, amount);
            foreach (var draft in part.Where(IsDraft))
                yield return Told(name, draft, draft.Quantity, draft.Amount) with
                {
                    IsDraft = true, Hold = HoldOf(Document(draft.FromEntity)),
                };
        }
    }

    /// <summary>A document with each field by its owner's word.</summary>
    public ComposedEntity Document(string entity)
    {
        if (!documents.TryGetValue(entity, out var known))
            documents.Add(entity, known = world.Compose(world.EntityOf(entity)));
        return known;
    }

    public string Label(string entity) =>
        Document(entity).Value<string>("number") is { } number ? $"invoice {number}" : entity;

    private bool IsDraft(CoverageEdge bill) => !bill.Live
        && world.EntityOf(bill.FromEntity) is { IsLive: true } from && from.Kind == Kind.Invoice
        && Document(bill.FromEntity).Value<InvoiceStatus?>("status")
            is InvoiceStatus.Draft or InvoiceStatus.Approved;

    private static string? HoldOf(ComposedEntity document) =>
        document.Value<Items<string>>("holds") is { Count: > 0 } holds ? string.Join(", ", holds.AsEnumerable()) : null;

    private BilledPart Told(string target, CoverageEdge bill, Quantity? quantity, decimal? amount)
    {
        var document = Document(bill.FromEntity);
        var currency = bill.Currency ?? document.Value<Currency?>("currency");
        var money = amount is { } stated && currency is { } of ? new Money(stated, of) : (Money?)null;
        var isWhole = (quantity ?? (object?)money) is null;
        return new(
            target, Label(bill.FromEntity), false, null, isWhole ? null : quantity, quantity is null ? money : null,
            money ?? Worth(document, bill, quantity, currency));
    }

    /// <summary>What the line asks for the thing: all of its net where it bills nothing else, else quantity × price.
    /// </summary>
    private static Money? Worth(ComposedEntity document, CoverageEdge bill, Quantity? quantity, Currency? currency)
    {
        var line = document.Value<Items<InvoiceLine>>("lines")?.FirstOrDefault(l => l.Line == bill.FromPart);
        if (line is null || currency is not { } of) return null;
        if (line is { Bills: { Count: 1 }, Net: { } net }) return new(net, of);
        return quantity is not null && line.Price is { } price && price.Currency == of
            ? price.Extend(quantity)?.Round(RoundingMode.HalfAwayFromZero)
            : line is { Net: { } all, Bills: { Count: > 0 } bills }
                ? new Money(all / bills.Count, of).Round(RoundingMode.HalfAwayFromZero)
                : null;
    }
}
