using Ledger.Domain;
using Ledger.Projections;

namespace Ledger.Api.Pages;

/// <summary><c>GET /entities/{kind}</c>: every entity of a kind.</summary>
internal static class ShowEntities
{
    private const int PageEntities = 200;

    public static async Task<IResult> Handle(
        string kind, HttpContext http, DriftNow now, CancellationToken cancellationToken)
    {
        if (!Kind.TryFind(kind, out var known)) return Problems.NotFound($"There is no kind '{kind}'.");
        var asked = new Asked(http.Request.Query);
        var page = (int)asked.Whole("page", 1, 1_000_000, 1);
        if (asked.Problem is { } problem) return problem;
        var at = await now.Read(cancellationToken);
        var all = at.World.Entities(known).ToArray();
        return Page.Of<EntitiesPage>(new EntitiesModel(
            at, known, [.. all.Skip((page - 1) * PageEntities).Take(PageEntities)], all.Length, page,
            (all.Length + PageEntities - 1) / PageEntities));
    }
}

/// <summary>One page of a kind's entities, in the order they came into the ledger.</summary>
/// <param name="Number">Of the page, from 1.</param>
/// <param name="Of">How many pages there are.</param>
public sealed record EntitiesModel(
    LedgerAt At, Kind Kind, IReadOnlyList<Entity> Entities, int Count, int Number, int Of)
{
    /// <summary>Kinds that the ledger has anything of, with how many.</summary>
    public IEnumerable<(Kind Kind, int Count)> Kinds =>
        Kind.All.Select(k => (k, At.World.Entities(k).Count())).Where(k => k.Item2 > 0);
}
