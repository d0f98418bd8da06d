using Ledger.Domain;
using Ledger.Projections.Findings;
using Ledger.Projections.Lineage;
using NodaTime;

namespace Ledger.Projections;

/// <summary>What is open of an entity, as it is looked for among others: pure.</summary>
internal static class Coverables
{
    /// <summary>Whether entities of a kind cover, or are covered, by sums.</summary>
    public static bool Has(Kind kind) => kind == Kind.Invoice || kind == Kind.Payment || kind == Kind.Posting;

    /// <summary>Whether a stream's entity may be one of them.</summary>
    public static bool Has(string stream) => stream.StartsWith("invoice/", StringComparison.Ordinal)
        || stream.StartsWith("payment/", StringComparison.Ordinal)
        || stream.StartsWith("posting/", StringComparison.Ordinal);

    /// <summary>One for each pool it is in; none where it is not open, or not known well enough.</summary>
    public static IEnumerable<Coverable> Of(World world, Entity entity)
    {
        if (!Has(entity.Kind) || Speaking(world, entity) is not { } speaking) return [];
        return entity.Kind == Kind.Invoice ? OfDocument(world, entity, speaking)
            : world.Covers(entity) ? []
            : new[]
            {
                entity.Kind == Kind.Payment
                    ? OfPayment(world, entity, speaking)
                    : OfPosting(world, entity, speaking),
            }.OfType<Coverable>();
    }

    private static Coverable? OfPayment(World world, Entity entity, string stream)
    {
        var payment = world.Compose(entity);
        if (payment.Value<PaymentStatus>("status") is not PaymentStatus.Received
            || payment.Value<Currency?>("currency") is not { } currency
            || Figures.Of(payment.Value<decimal?>("amount")) is not { } amount
            || ClientOf(world, payment) is not { } client) return null;
        var left = amount - (Figures.Of(payment.Value<decimal?>("refunded")) ?? 0m);
        return left <= 0m ? null : new(
            entity.Id, new(Rels.Settles, currency, client), true, NameOf(entity), stream, null,
            payment.Value<LocalDate?>("receivedOn"), left, payment.Value<string>("remittance"),
            world.CoverageRejections(entity.Id));
    }

    private static Coverable? OfPosting(World world, Entity entity, string stream)
    {
        if (world.IsReversed(entity.Id)) return null;
        var posting = world.Compose(entity);
        if (posting.Value<PostingStatus>("status") is not PostingStatus.Posted
            || posting.Field("document") is not null || posting.Field("reverses") is not null
            || posting.Value<Currency?>("currency") is not { } currency
            || posting.Value<PostingTotals>("totals") is not { } totals
            || Figures.Of(Amounts.Of(totals)) is not { } amount || amount == 0m) return null;
        // Gross to gross, net to net.
        var total = Math.Abs(amount);
        return new(
            entity.Id, Booked(currency, totals.Gross is null, total, posting.LegalEntity), true,
            NameOf(entity), stream, posting.Value<string>("number"),
            posting.Value<LocalDate?>("postedOn"), total, null, world.CoverageRejections(entity.Id));
    }

    private static IEnumerable<Coverable> OfDocument(World world, Entity entity, string stream)
    {
        var composed = world.Compose(entity);
        var asked = new AskingDocument(composed);
        if (composed.Value<InvoiceStatus>("status") is not InvoiceStatus.Issued || asked.Currency is not { } currency)
            yield break;
        var into = world.CoverageInto(entity.Id).Where(c => c.Live).ToArray();
        if (LeftOf(composed, asked, into) is > 0m and var left && !asked.GivesBack
            && ClientOf(world, composed) is { } client)
            yield return In(new(Rels.Settles, currency, client), left);
        foreach (var (amount, covers) in Ahead(world, entity, asked, into))
            if (ClientOf(world, composed) is { } payer)
                yield return In(Advance(currency, amount, payer), amount) with
                {
                    Covers = covers, Text = WordsOf(composed, asked),
                };
        if (into.Any(c => c.Rel == Rels.Posts)) yield break;
        if (asked.Gross is > 0m and var gross)
            yield return In(Booked(currency, isNet: false, gross, composed.LegalEntity), gross);
        if (asked.Net is > 0m and var net)
            yield return In(Booked(currency, isNet: true, net, composed.LegalEntity), net);

        Coverable In(CoverPool pool, decimal amount) => new(
            entity.Id, pool, false, NameOf(entity), stream, composed.Value<string>("number"),
            composed.Value<LocalDate?>("issuedOn"), amount, null, world.CoverageRejections(entity.Id));
    }

    /// <summary>What a document says was paid ahead, and no other document is named for; or, of one that has nothing
    /// behind it and takes nothing off, what it may have asked for ahead.</summary>
    private static IEnumerable<(decimal Amount, bool Covers)> Ahead(
        World world, Entity entity, AskingDocument asked, CoverageEdge[] into)
    {
        if (asked.GivesBack) yield break;
        if (asked.Prepaid is > 0m and var prepaid)
        {
            if (!into.Any(c => c.Rel == Rels.Prepays) && !world.Draws(entity)) yield return (prepaid, false);
        }
        else if (asked.Whole is > 0m and var whole && !world.Covers(entity)
            && !into.Any(c => c.Rel is Rels.Replaces or Rels.Corrects or Rels.Credits)) yield return (whole, true);
    }

    private static CoverPool Advance(Currency currency, decimal amount, string client) =>
        new(Rels.Prepays, currency, $"{DecimalText.Write(amount)} {client}");

    /// <summary>The order it is for, and by what it calls itself a prepayment; a line each, both may be empty.
    /// </summary>
    private static string WordsOf(ComposedEntity composed, AskingDocument asked)
    {
        var called = composed.Value<DocumentType>("documentType") is DocumentType.Prepayment
            ? "prepayment"
            : Array.Find(AdvanceWords, word => asked.Lines.Any(
                l => l.Description?.Contains(word, StringComparison.OrdinalIgnoreCase) is true));
        return $"{composed.Value<string>("orderRef")}\n{called}";
    }

    private static readonly string[] AdvanceWords =
    [
        "prepayment", "advance payment", "payment in advance", "down payment", "deposit", "retainer", "förskott",
        "anzahlung", "vorauszahlung", "abschlag", "acompte", "avance", "anticipo", "acconto", "voorschot", "forskud",
        "forskudd",
    ];

    private static string NameOf(Entity entity) => entity.Members.Select(m => m.Stream).Min(StringComparer.Ordinal)!;

    private static string? Speaking(World world, Entity entity) =>
        entity.Members.Where(world.Counts).Select(m => m.Stream).Min(StringComparer.Ordinal);

    private static CoverPool Booked(Currency currency, bool isNet, decimal amount, string? legalEntity) => new(
        Rels.Posts, currency, $"{(isNet ? "net" : "gross")} {DecimalText.Write(amount)} {legalEntity}");

    /// <summary>What is still to be paid; 0 where that is not known to the minor unit.</summary>
    private static decimal LeftOf(ComposedEntity document, AskingDocument asked, CoverageEdge[] into)
    {
        if (asked.Payable is not { } left || into.Any(c => c.Rel is Rels.Replaces or Rels.Corrects)) return 0m;
        if (document.Value<Settlement>("settlement") is { } settled) left -= settled.Amount ?? left;
        left -= Figures.Of(document.Value<decimal?>("writtenOff")) ?? 0m;
        foreach (var edge in into.Where(c => c.Rel is Rels.Settles or Rels.Credits))
        {
            // Lines are credited before tax: what that leaves to be paid is not told.
            if (edge.FromPart is not null && edge.Rel == Rels.Credits) return 0m;
            if (Figures.Of(edge.Amount) is not { } amount || (edge.Currency ?? asked.Currency) != asked.Currency)
                return 0m;
            left -= Math.Abs(amount);
        }

        return Math.Max(0m, asked.Shown(left));
    }

    private static string? ClientOf(World world, ComposedEntity composed) =>
        composed.Field("client") is { Value: Ref client, By: var by } && world.Resolve(client, by.Source) is { } known
            ? world.EntityOf(known.Stream).Id
            : null;
}
