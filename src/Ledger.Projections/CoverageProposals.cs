using Ledger.Domain;
using Ledger.Projections.Identity;
using Ledger.Projections.Lineage;

namespace Ledger.Projections;

/// <summary>What may cover what, by sums that match exactly within a pool: pure. Of two ways to match none is proposed,
/// nor what two would cover, nor what a person turned down.</summary>
internal static class CoverageProposals
{
    /// <summary>A pool of more open documents is not looked into.</summary>
    internal const int DocumentsMax = 12;

    /// <summary>Nor is one in which more might cover them.</summary>
    internal const int CoveringMax = 32;

    /// <summary>By the name of what would cover: payments, then documents asked for ahead and postings.</summary>
    public static IReadOnlyList<CoverageProposal> Of(World world) =>
    [
        .. Disputed(
            world.AllEntities.SelectMany(e => Coverables.Of(world, e)).GroupBy(c => c.Pool).SelectMany(Within))
            .Where(p => !p.IsDisputed).OrderByDescending(p => p.Rel, StringComparer.Ordinal)
            .ThenBy(p => p.FromStream, StringComparer.Ordinal),
    ];

    /// <summary>Marks what another would cover too. It takes all that would cover the same documents.</summary>
    public static IEnumerable<CoverageProposal> Disputed(IEnumerable<CoverageProposal> proposals)
    {
        var found = proposals.ToArray();
        var claims = found.SelectMany(p => p.Covers.Select(c => (p.Rel, c.To))).CountBy(c => c).ToDictionary();
        return found.Select(p => p with { IsDisputed = p.Covers.Any(c => claims[(p.Rel, c.To)] > 1) });
    }

    /// <summary>What may cover what in one pool, not knowing who else would.</summary>
    /// <param name="pool">All that is in it, or one more than may be of either sort, in any order.</param>
    public static IEnumerable<CoverageProposal> Within(IEnumerable<Coverable> pool)
    {
        var all = pool.OrderBy(c => c.Name, StringComparer.Ordinal).ToArray();
        var (covering, open) = (Array.FindAll(all, c => c.Covers), Array.FindAll(all, c => !c.Covers));
        if (open.Length is 0 or > DocumentsMax || covering.Length > CoveringMax) return [];
        return covering.Select(by => by.Pool.Rel switch
        {
            Rels.Settles => Paid(by, open),
            Rels.Prepays => Prepaid(by, open),
            _ => Posted(by, open),
        }).OfType<CoverageProposal>();
    }

    /// <summary>A document that asks for just what one later document of the client takes off as prepaid.</summary>
    private static CoverageProposal? Prepaid(Coverable advance, Coverable[] documents)
    {
        var later = Array.FindAll(documents, d => !(d.On < advance.On));
        if (later is not [var fit] || IsTurnedDown(advance, [fit])) return null;
        var (own, its) = (advance.Text!.Split('\n'), fit.Text!.Split('\n'));
        var money = new Money(advance.Amount, advance.Pool.Currency);
        var evidence = new List<Evidence>();
        if (own[1].Length > 0) evidence.Add(new("called_so", $"it is called {own[1]}", 0.85m));
        if (own[0].Length > 0 && own[0] == its[0]) evidence.Add(new("same_order", $"order {own[0]} on both", 0.75m));
        evidence.Add(new("same_amount", $"{money} is what was prepaid", 0.50m));
        evidence.Add(new("same_client", "one client", 0.25m));
        return Proposed(advance, [fit], evidence);
    }

    private static CoverageProposal? Paid(Coverable payment, Coverable[] documents)
    {
        // Nobody pays a document before there is one.
        var open = Array.FindAll(documents, d => !(d.On > payment.On));
        if (Only(open, payment.Amount) is not { } fits || IsTurnedDown(payment, fits)) return null;
        var money = new Money(payment.Amount, payment.Pool.Currency);
        var evidence = new List<Evidence>
        {
            fits.Length == 1
                ? new("same_amount", $"{money} is what is left of it", 0.80m)
                : new("same_sum", $"{money} is what is left of the {DecimalText.Write(fits.Length)} together", 0.65m),
            new("same_client", "one client", 0.25m),
        };
        if (Array.TrueForAll(fits, d => Names(payment.Text, d.Number)))
            evidence.Insert(0, new("named", "its remittance text names the numbers", 0.95m));
        return Proposed(payment, fits, evidence);
    }

    private static CoverageProposal? Posted(Coverable posting, Coverable[] documents)
    {
        var named = Array.FindAll(documents, d => Same(posting.Number, d.Number));
        var near = Array.FindAll(documents, d => d.DaysFrom(posting.On) <= BusinessKeys.DaysApart);
        if ((named.Length > 0 ? named : near) is not [var fit] || IsTurnedDown(posting, [fit])) return null;
        var money = new Money(posting.Amount, posting.Pool.Currency);
        List<Evidence> evidence = named.Length > 0
            ?
            [
                new("same_number", $"number {posting.Number} on both", 0.90m),
                new("same_amount", $"{money} on both", 0.40m),
            ]
            : [
                new(
                    "same_amount", fit.DaysFrom(posting.On) == 0
                        ? $"{money} on {Describe.Date(posting.On!.Value)} on both"
                        : $"{money} on both, {DecimalText.Write(fit.DaysFrom(posting.On)!.Value)} days apart",
                    fit.DaysFrom(posting.On) == 0 ? 0.50m : 0.40m),
            ];
        return Proposed(posting, [fit], evidence);
    }

    private static CoverageProposal Proposed(Coverable by, Coverable[] fits, List<Evidence> evidence) => new(
        by.Entity, by.Pool.Rel, fits.Select(d => new ProposedCover(d.Entity, d.Amount)).ToItems(), by.Pool.Currency,
        evidence[0].Weight, evidence.ToItems()) { FromStream = by.Stream, Pool = by.Pool };

    /// <summary>Whether a person said that it does not cover just these.</summary>
    private static bool IsTurnedDown(Coverable by, Coverable[] fits) => by.Rejected.Count > 0
        && fits[0].Rejected.Any(said => by.Rejected.Contains(Coverable.Turned(said, fits.Length))
            && Array.TrueForAll(fits, d => d.Rejected.Contains(said)));

    /// <summary>The only set of documents that comes to an amount; null where none does, or several do.</summary>
    private static Coverable[]? Only(Coverable[] open, decimal amount)
    {
        int? only = null;
        for (var set = 1; set < 1 << open.Length; set++)
        {
            var sum = 0m;
            for (var i = 0; i < open.Length; i++)
                if ((set >> i & 1) == 1) sum += open[i].Amount;
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
}
