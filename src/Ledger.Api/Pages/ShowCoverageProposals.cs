using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Views;
using Npgsql;

namespace Ledger.Api.Pages;

/// <summary><c>GET /proposals/coverage</c>: what may cover what, the likeliest first.</summary>
internal static class ShowCoverageProposals
{
    private const int PageProposals = 100;

    public static async Task<IResult> Handle(
        HttpContext http, DriftNow now, NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var after = asked.Text("after");
        if (asked.Problem is { } problem) return problem;
        CoveragePlace? place = after is not null && ListCoverageProposals.TryPlace(after, out var read) ? read : null;
        var at = await now.Read(cancellationToken);
        var (_, found) = await CoverageProposalReader.List(source, default, place, PageProposals, cancellationToken);
        return Page.Of<CoverageProposalsPage>(new CoverageProposalsModel(
            at, found, found.Count == PageProposals ? ListCoverageProposals.Cursor(found[^1]) : null));
    }
}

/// <summary>A page of them.</summary>
/// <param name="Next">Where the next page begins; null = there is none.</param>
public sealed record CoverageProposalsModel(LedgerAt At, IReadOnlyList<CoverageProposalView> Found, string? Next);

/// <summary><c>GET</c> and <c>POST /proposals/coverage/{id}</c>: what one payment or posting may cover, and what a
/// person says of it.</summary>
internal static class ShowCoverageProposal
{
    public static async Task<IResult> Handle(
        string id, DriftNow now, NpgsqlDataSource source, CoverageDecisions coverage, Admission admission,
        CancellationToken cancellationToken) =>
        await Model(id, now, source, coverage, admission, cancellationToken) is { } model
            ? Page.Of<CoverageProposalPage>(model, forms: true)
            : CoverageDecisions.NoProposal(id);

    /// <summary>What a person decided in the page's own form.</summary>
    public static async Task<IResult> Decide(
        string id, HttpContext http, DriftNow now, NpgsqlDataSource source, Admission admission, Deciding deciding,
        CoverageDecisions coverage, CancellationToken cancellationToken)
    {
        var (form, refusal) = await OwnForm.Read(http.Request, cancellationToken);
        if (form is null) return Page.Of<ProblemPage>(refusal!, refusal!.Status);
        var problem = await form.Tell(http, admission, deciding, by => form["verdict"] switch
        {
            "confirm" => coverage.Confirm(id, form["reason"], by, cancellationToken),
            "reject" => coverage.Reject(id, form["reason"], by, cancellationToken),
            _ => OwnForm.Unknown("/verdict", "say confirm or reject"),
        }, cancellationToken);
        if (problem is null)
            return TypedResults.Redirect(To.CoverageProposal(id), permanent: false, preserveMethod: false);
        return await Model(id, now, source, coverage, admission, cancellationToken) is { } model
            ? Page.Of<CoverageProposalPage>(
                model with { Problem = problem, Typed = form.Typed }, problem.Status, forms: true)
            : Page.Of<ProblemPage>(problem, problem.Status);
    }

    private static async Task<CoverageProposalModel?> Model(
        string id, DriftNow now, NpgsqlDataSource source, CoverageDecisions coverage, Admission admission,
        CancellationToken cancellationToken)
    {
        if (!Address.IsStorable(id)) return null;
        var found = await CoverageProposalReader.Find(source, id, cancellationToken);
        var at = await now.Read(cancellationToken);
        var record = at.World.Records.GetValueOrDefault(Decisions.Stream(Kind.Coverage, id));
        var from = found?.FromStream ?? (record?.Fold.State as Coverage)?.From?.Stream(SourceRegistration.Own);
        if (from is null || !at.World.Records.ContainsKey(from)) return null;
        return new(
            at, id, at.World.EntityOf(from), found, record, await coverage.Decided(id, cancellationToken),
            await admission.IsClosed(cancellationToken));
    }
}

/// <summary>What one payment or posting may cover.</summary>
/// <param name="Found">The proposal; null = it does not stand, as when it was decided.</param>
/// <param name="Record">What was decided; null = nothing.</param>
/// <param name="Told">What that was about.</param>
/// <param name="NeedsToken">Whether whoever decides must show the ledger's token.</param>
public sealed record CoverageProposalModel(
    LedgerAt At, string Id, Entity From, CoverageProposalView? Found, SourceRecord? Record,
    IReadOnlyList<RejectedCover> Told, bool NeedsToken)
{
    /// <summary>Why what was sent is not taken; null = nothing was sent.</summary>
    public ProblemAnswer? Problem { get; init; }

    public Typed Typed { get; init; } = Typed.Nothing;

    public Coverage? Said => Record?.Fold.State as Coverage;

    public string Rel => Found?.Rel ?? (Said?.Rel is CoverageRelation.Posts ? "posts" : "settles");

    public Currency? Currency => Found?.Currency ?? Said?.Currency;

    public IReadOnlyList<(Entity Document, decimal? Amount)> Covers => Found is { } found
        ? [.. found.Covers.Where(c => At.World.Records.ContainsKey(c.To.Id))
            .Select(c => (At.World.EntityOf(c.To.Id), (decimal?)c.Amount))]
        :
        [
            .. from cover in Told
               let stream = cover.To.Stream(SourceRegistration.Own)
               where stream is not null && At.World.Records.ContainsKey(stream)
               select (At.World.EntityOf(stream), cover.Amount),
        ];
}
