using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Views;
using NodaTime;
using Npgsql;

namespace Ledger.Api.Pages;

/// <summary><c>GET</c> and <c>POST /sign-offs</c>: what finance put its name to, what is open in a scope, and a form to
/// sign it.</summary>
internal static class ShowSignOffs
{
    private const int Latest = 200;

    private static readonly string[] Asked = ["entity", "period", "first", "last"];

    public static async Task<IResult> Handle(
        HttpContext http, DriftNow now, NpgsqlDataSource source, Admission admission, SignOffDecisions signOffs,
        SignOffKeeper keeper, CancellationToken cancellationToken)
    {
        var typed = new Typed(Asked.ToDictionary(a => a, a => http.Request.Query[a].ToString().Trim()));
        return await Answer(typed, null, now, source, admission, signOffs, keeper, cancellationToken);
    }

    /// <summary>Signs what a person has seen; what changed since is shown instead.</summary>
    public static async Task<IResult> Sign(
        HttpContext http, DriftNow now, NpgsqlDataSource source, Admission admission, Deciding deciding,
        SignOffDecisions signOffs, SignOffKeeper keeper, CancellationToken cancellationToken)
    {
        var (form, refusal) = await OwnForm.Read(http.Request, cancellationToken);
        if (form is null) return Page.Of<ProblemPage>(refusal!, refusal!.Status);
        var typed = form.Typed;
        var (terms, wrong) = Terms(typed);
        var problem = wrong ?? await form.Tell(
            http, admission, deciding,
            async by => (await signOffs.Sign(
                terms! with { Position = Address.Number(typed["position"]) }, by, cancellationToken)).Told,
            cancellationToken);
        return problem is null
            ? TypedResults.Redirect("/sign-offs", permanent: false, preserveMethod: false)
            : await Answer(typed, problem, now, source, admission, signOffs, keeper, cancellationToken);
    }

    private static async Task<IResult> Answer(
        Typed typed, ProblemAnswer? problem, DriftNow now, NpgsqlDataSource source, Admission admission,
        SignOffDecisions signOffs, SignOffKeeper keeper, CancellationToken cancellationToken)
    {
        SignOffLook? look = null;
        if (Asked.Any(a => typed[a].Length > 0))
        {
            var (terms, wrong) = Terms(typed);
            (look, var fault) = terms is null ? (null, wrong) : await signOffs.Look(terms, cancellationToken);
            problem ??= fault;
        }

        var at = look?.At ?? await now.Read(cancellationToken);
        var (_, _, found) = await GovernanceReader.SignOffs(source, null, 0, Latest, cancellationToken);
        return Page.Of<SignOffsPage>(
            new SignOffsModel(
                at, found.ConvertAll(SignOffAnswer.Told), look, typed, problem,
                await admission.IsClosed(cancellationToken), keeper.LookedAt),
            problem?.Status ?? StatusCodes.Status200OK, forms: true);
    }

    private static (SignOffTerms? Terms, ProblemAnswer? Problem) Terms(Typed typed)
    {
        var (from, to) = (Day("first"), Day("last"));
        var wrong = from.Wrong ? "/first" : to.Wrong ? "/last" : null;
        if (wrong is not null)
            return (null, Problems.InvalidCommand(wrong, "invalid_date", "a day is a date such as 2026-03-31"));
        var entity = typed["entity"] is { Length: > 0 } stream ? Proposed.RefOf(stream) ?? new(stream, Id: "") : null;
        return (
            new(entity, typed["period"] is { Length: > 0 } name ? name : null, from.Date, to.Date, typed["reason"]),
            null);

        (LocalDate? Date, bool Wrong) Day(string field) =>
            typed[field].Length == 0 ? (null, false)
            : LedgerJson.TryDate(typed[field], out var date) ? (date, false)
            : (null, true);
    }
}

/// <summary>What was signed, and what is about to be.</summary>
/// <param name="Look">The scope that was asked for; null = none was.</param>
/// <param name="Problem">Why what was sent is not taken; null = it is right.</param>
/// <param name="NeedsToken">Whether whoever signs must show the ledger's token.</param>
/// <param name="LookedAt">As <see cref="SignOffPage.LookedAt"/>.</param>
public sealed record SignOffsModel(
    LedgerAt At, IReadOnlyList<SignOffAnswer> Found, SignOffLook? Look, Typed Typed, ProblemAnswer? Problem,
    bool NeedsToken, long? LookedAt)
{
    /// <summary>Whether something that happened may suspend what is shown as signed, and nobody looked.</summary>
    public bool IsBehind => !(LookedAt >= At.World.Position) && Found.Any(s => s.Suspension is null);

    /// <summary>The firm's legal entities: a stream of each, and what it is called.</summary>
    public IEnumerable<(string Stream, string Name)> Entities => At.World.Entities(Kind.LegalEntity)
        .Select(e => e.Members.FirstOrDefault(m => m.IsLive)).OfType<SourceRecord>()
        .Select(m => (m.Stream, Words.Title(m))).OrderBy(e => e.Item2, StringComparer.Ordinal);

    /// <summary>Where it is shown what foots over the days looked at.</summary>
    public string Proof => $"/proof?from={Words.Date(Look!.From)}&to={Words.Date(Look.To)}"
        + (Look.Terms.Entity?.Stream(SourceRegistration.Own) is { } stream
            ? $"&legalEntity={Uri.EscapeDataString(stream)}"
            : "");

    /// <summary>What a legal entity is called.</summary>
    public string Named(string? stream) => stream is null ? "the whole firm"
        : At.World.Records.TryGetValue(stream, out var record) ? Words.Title(record) : StreamName.IdOf(stream);
}
