using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Views;
using Npgsql;

namespace Ledger.Api.Pages;

/// <summary><c>GET /proposals</c>: pairs that may be one thing, the likeliest first.</summary>
internal static class ShowProposals
{
    private const int PageProposals = 100;

    /// <summary>Of what may cover what, so many are shown before those of identity.</summary>
    internal const int FirstCovers = 10;

    public static async Task<IResult> Handle(
        HttpContext http, DriftNow now, NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var kind = asked.Kind("kind");
        var after = asked.Text("after");
        if (asked.Problem is { } problem) return problem;
        ProposalPlace? place = after is not null && Proposed.TryPlace(after, out var read) ? read : null;
        var at = await now.Read(cancellationToken);
        var (_, found) = await ProposalReader.List(source, new(kind), place, PageProposals, cancellationToken);
        var counts = await ProposalReader.Counts(source, cancellationToken);
        var (_, covers) = kind is null && place is null
            ? await CoverageProposalReader.List(source, default, null, FirstCovers, cancellationToken)
            : (0L, []);
        return Page.Of<ProposalsPage>(new ProposalsModel(
            at, kind, counts, found, found.Count == PageProposals ? Proposed.Cursor(found[^1]) : null, covers));
    }
}

/// <summary>Proposals of one kind, or of all.</summary>
/// <param name="Kind">Null = of all.</param>
/// <param name="Next">Where the next page begins; null = there is none.</param>
/// <param name="Covers">The likeliest of what may cover what.</param>
public sealed record ProposalsModel(
    LedgerAt At, string? Kind, IReadOnlyList<(string Kind, long Count)> Counts, IReadOnlyList<ProposalView> Found,
    string? Next, IReadOnlyList<CoverageProposalView> Covers);

/// <summary><c>GET</c> and <c>POST /proposals/{id}</c>: one pair side by side, and what a person says of it.</summary>
internal static class ShowProposal
{
    public static async Task<IResult> Handle(
        string id, DriftNow now, NpgsqlDataSource source, Decisions decisions, Admission admission,
        CancellationToken cancellationToken) =>
        await Model(id, now, source, decisions, admission, cancellationToken) is { } model
            ? Page.Of<ProposalPage>(model, forms: true)
            : IdentityDecisions.NoProposal(id);

    /// <summary>What a person decided in the page's own form.</summary>
    public static async Task<IResult> Decide(
        string id, HttpContext http, DriftNow now, NpgsqlDataSource source, Decisions decisions, Admission admission,
        Deciding deciding, IdentityDecisions identity, CancellationToken cancellationToken)
    {
        var (form, refusal) = await OwnForm.Read(http.Request, cancellationToken);
        if (form is null) return Page.Of<ProblemPage>(refusal!, refusal!.Status);
        var problem = await form.Tell(http, admission, deciding, by => form["verdict"] switch
        {
            "confirm" => identity.Confirm(id, form["reason"], by, cancellationToken),
            "reject" => identity.Reject(id, form["reason"], by, cancellationToken),
            _ => OwnForm.Unknown("/verdict", "say confirm or reject"),
        }, cancellationToken);
        if (problem is null)
            return TypedResults.Redirect(To.Proposal(id), permanent: false, preserveMethod: false);
        return await Model(id, now, source, decisions, admission, cancellationToken) is { } model
            ? Page.Of<ProposalPage>(
                model with { Problem = problem, Typed = form.Typed }, problem.Status, forms: true)
            : Page.Of<ProblemPage>(problem, problem.Status);
    }

    private static async Task<ProposalModel?> Model(
        string id, DriftNow now, NpgsqlDataSource source, Decisions decisions, Admission admission,
        CancellationToken cancellationToken)
    {
        if (!Address.IsStorable(id)) return null;
        var found = await ProposalReader.Find(source, id, cancellationToken);
        var link = await decisions.Find<IdentityLink>(Kind.Identity, id, cancellationToken);
        var at = await now.Read(cancellationToken);
        var a = found?.A ?? link?.A?.Stream(SourceRegistration.Own);
        var b = found?.B ?? link?.B?.Stream(SourceRegistration.Own);
        if (a is null || b is null || !at.World.Records.ContainsKey(a) || !at.World.Records.ContainsKey(b)) return null;
        return new(
            at, id, a, b, found, at.World.Records.GetValueOrDefault(Decisions.Stream(Kind.Identity, id)),
            await admission.IsClosed(cancellationToken));
    }
}

/// <summary>A pair side by side.</summary>
/// <param name="A">A stream; so too <paramref name="B"/>.</param>
/// <param name="Found">The proposal; null = it does not stand, as when it was decided.</param>
/// <param name="Link">What was decided of the pair; null = nothing.</param>
/// <param name="NeedsToken">Whether whoever decides must show the ledger's token.</param>
public sealed record ProposalModel(
    LedgerAt At, string Id, string A, string B, ProposalView? Found, SourceRecord? Link, bool NeedsToken)
{
    /// <summary>Why what was sent is not taken; null = nothing was sent.</summary>
    public ProblemAnswer? Problem { get; init; }

    public Typed Typed { get; init; } = Typed.Nothing;

    /// <summary>What can be done where confirming cannot join the two; null = it can.</summary>
    public string? Remedy => Found is null ? null : Remedies.Of(Found);

    public Entity EntityA => At.World.EntityOf(A);

    public Entity EntityB => At.World.EntityOf(B);

    public bool IsOne => EntityA.Id == EntityB.Id;

    public IdentityLink? Decided => Link?.Fold.State as IdentityLink;

    /// <summary>The fields that any of the two has, each side's value where it has one.</summary>
    public IEnumerable<(string Field, FieldWord? A, FieldWord? B)> Fields()
    {
        var (a, b) = (Words(A), Words(B));
        return At.World.Records[A].Kind.Fields.Select(f => f.Name).Where(f => a.ContainsKey(f) || b.ContainsKey(f))
            .Select(f => (f, a.GetValueOrDefault(f), b.GetValueOrDefault(f)));
    }

    private Dictionary<string, FieldWord> Words(string stream) => IsOne
        ? FieldWord.Of(At.World.Records[stream]).ToDictionary(w => w.Field)
        : At.World.Compose(At.World.EntityOf(stream)).Fields.Select(FieldWord.Of).ToDictionary(w => w.Field);
}
