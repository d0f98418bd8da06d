using Ledger.Domain;
using Ledger.Projections.Findings;
using Ledger.Projections.Identity;
using Ledger.Projections.Lineage;
using NodaTime;

namespace Ledger.Projections;

/// <summary>What may cover what, by sums that match exactly within a key: pure. Of two ways to match none is proposed,
/// nor what two would cover.</summary>
internal sealed class CoverageProposals
{
    /// <summary>A key that more open documents share is not looked into.</summary>
    internal const int CandidatesMax = 12;

    private readonly World world;
    private readonly ILookup<string, CoverageEdge> stated;
    private readonly Open[] documents;
    private readonly ILookup<(string, Currency), Open> unpaid;
    private readonly ILookup<(Currency, decimal), Open> byTotal;

    private CoverageProposals(World world)
    {
        this.world = world;
        stated = world.Coverage.Where(c => c.Live).ToLookup(c => c.FromEntity);
        documents = [.. ByName(world, Kind.Invoice).Select(DocumentOf).OfType<Open>()];
        unpaid = documents.Where(d => d is { Client: not null, Left: > 0m })
            .ToLookup(d => (d.Client!, d.Currency));
        byTotal = documents.SelectMany(d => new[] { d.Gross, d.Net }.OfType<decimal>().Distinct()
            .Select(amount => (Key: (d.Currency, amount), Document: d))).ToLookup(x => x.Key, x => x.Document);
    }

    /// <summary>By the name of what would cover.</summary>
    public static IReadOnlyList<CoverageProposal> Of(World world)
    {
        var all = new CoverageProposals(world);
        return
        [
            .. Undisputed(ByName(world, Kind.Payment).Select(all.OfPayment)),
            .. Undisputed(ByName(world, Kind.Posting).Select(all.OfPosting)),
        ];
    }

    /// <summary>By the first of their members' names, which hangs on no order of arrival.</summary>
    private static IEnumerable<Entity> ByName(World world, Kind kind) => world.Entities(kind).Where(e => e.IsLive)
        .OrderBy(e => e.Members.Select(m => m.Stream).Min(StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>Leaves out what two would cover.</summary>
    private static IEnumerable<CoverageProposal> Undisputed(IEnumerable<CoverageProposal?> proposals)
    {
        var found = proposals.OfType<CoverageProposal>().ToArray();
        var claims = found.SelectMany(p => p.Covers).CountBy(c => c.To).ToDictionary();
        return found.Where(p => p.Covers.All(c => claims[c.To] == 1));
    }

    private CoverageProposal? OfPayment(Entity entity)
    {
        if (stated[entity.Id].Any()) return null;
        var payment = world.Compose(entity);
        if (payment.Value<PaymentStatus>("status") is not PaymentStatus.Received
            || payment.Value<Currency?>("currency") is not { } currency
            || Figures.Of(payment.Value<decimal?>("amount")) is not { } amount
            || ClientOf(payment) is not { } client) return null;
        var left = amount - (Figures.Of(payment.Value<decimal?>("refunded")) ?? 0m);
        var on = payment.Value<LocalDate?>("receivedOn");
        // Nobody pays a document before there is one.
        var open = unpaid[(client, currency)].Where(d => !(d.IssuedOn > on)).ToArray();
        if (left <= 0m || open.Length is 0 or > CandidatesMax || Only(open, left) is not { } fits) return null;
        var money = new Money(left, currency);
        var evidence = new List<Evidence>
        {
            fits.Length == 1
                ? new("same_amount", $"{money} is what is left of it", 0.80m)
                : new("same_sum", $"{money} is what is left of the {DecimalText.Write(fits.Length)} together", 0.65m),
            new("same_client", "one client", 0.25m),
        };
        if (Array.TrueForAll(fits, d => Names(payment.Value<string>("remittance"), d.Number)))
            evidence.Insert(0, new("named", "its remittance text names the numbers", 0.95m));
        return new(
            entity.Id, Rels.Settles, fits.Select(d => new ProposedCover(d.Id, d.Left)).ToItems(), currency,
            evidence[0].Weight, evidence.ToItems());
    }

    private CoverageProposal? OfPosting(Entity entity)
    {
        if (stated[entity.Id].Any() || world.IsReversed(entity.Id)) return null;
        var posting = world.Compose(entity);
        if (posting.Value<PostingStatus>("status") is not PostingStatus.Posted
            || posting.Field("document") is not null || posting.Field("reverses") is not null
            || posting.Value<Currency?>("currency") is not { } currency
            || posting.Value<PostingTotals>("totals") is not { } totals
            || Figures.Of(Amounts.Of(totals)) is not { } amount || amount == 0m) return null;
        var total = Math.Abs(amount);
        var candidates = byTotal[(currency, total)].Where(d => !d.IsPosted
            && d.LegalEntity == posting.LegalEntity && d.Asks(totals)).ToArray();
        if (candidates.Length is 0 or > CandidatesMax) return null;
        var number = posting.Value<string>("number");
        var on = posting.Value<LocalDate?>("postedOn");
        var named = Array.FindAll(candidates, d => Same(number, d.Number));
        var near = Array.FindAll(candidates, d => d.DaysFrom(on) <= BusinessKeys.DaysApart);
        if ((named.Length > 0 ? named : near) is not [var fit]) return null;
        var money = new Money(total, currency);
        Items<Evidence> evidence = named.Length > 0
            ? [new("same_number", $"number {number} on both", 0.90m), new("same_amount", $"{money} on both", 0.40m)]
            : [
                new(
                    "same_amount", fit.DaysFrom(on) == 0
                        ? $"{money} on {Describe.Date(on!.Value)} on both"
                        : $"{money} on both, {DecimalText.Write(fit.DaysFrom(on)!.Value)} days apart",
                    fit.DaysFrom(on) == 0 ? 0.50m : 0.40m),
            ];
        return new(
            entity.Id, Rels.Posts, [new ProposedCover(fit.Id, total)], currency, evidence[0].Weight, evidence);
    }

    private Open? DocumentOf(Entity entity)
    {
        var composed = world.Compose(entity);
        var asked = new AskingDocument(composed);
        if (composed.Value<InvoiceStatus>("status") is not InvoiceStatus.Issued || asked.Currency is not { } currency)
            return null;
        var into = world.CoverageInto(entity.Id).Where(c => c.Live).ToArray();
        return new(
            entity.Id, composed.Value<string>("number"), asked.GivesBack ? null : ClientOf(composed), currency,
            composed.Value<LocalDate?>("issuedOn"), composed.LegalEntity, LeftOf(composed, asked, into), asked.Gross,
            asked.Net, into.Any(c => c.Rel == Rels.Posts));
    }

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

    private string? ClientOf(ComposedEntity composed) =>
        composed.Field("client") is { Value: Ref client, By: var by } && world.Resolve(client, by.Source) is { } known
            ? world.EntityOf(known.Stream).Id
            : null;

    /// <summary>The only set of documents that comes to an amount; null where none does, or several do.</summary>
    private static Open[]? Only(Open[] open, decimal amount)
    {
        int? only = null;
        for (var set = 1; set < 1 << open.Length; set++)
        {
            var sum = 0m;
            for (var i = 0; i < open.Length; i++)
                if ((set >> i & 1) == 1) sum += open[i].Left;
            if (sum != amount) continue;
            if (only is not null) return null;
            only = set;
        }

        return only is { } found ? [.. open.Where((_, i) => (found >> i & 1) == 1)] : null;
    }

    private static bool Same(string? a, string? b) =>
        a is not null && b is not null && BusinessKeys.Number(a) == BusinessKeys.Number(b);

    /// <summary>Whether a text names a number, as a word of its own.</summary>
    private static bool Names(string? text, string? number) =>
        text is not null && number is { Length: > 0 } && BusinessKeys.Number(text)
            .Split([' ', ',', ';', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)
            .Contains(BusinessKeys.Number(number));

    /// <summary>A document that asks for money, or gives it back.</summary>
    /// <param name="Client">Entity; null where it is not known, or the document is not one to be paid.</param>
    private sealed record Open(
        string Id, string? Number, string? Client, Currency Currency, LocalDate? IssuedOn, string? LegalEntity,
        decimal Left, decimal? Gross, decimal? Net, bool IsPosted)
    {
        public int? DaysFrom(LocalDate? day) =>
            IssuedOn is { } from && day is { } to ? Math.Abs(NodaTime.Period.DaysBetween(from, to)) : null;

        /// <summary>Gross to gross, net to net.</summary>
        public bool Asks(PostingTotals totals) => totals.Gross is { } gross
            ? Math.Abs(gross) == Gross
            : totals.Net is { } net && Math.Abs(net) == Net;
    }
}
