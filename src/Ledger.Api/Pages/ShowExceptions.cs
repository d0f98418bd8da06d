using Ledger.Domain;
using Ledger.Projections.Cases;
using Ledger.Projections.Drift;
using Ledger.Projections.Views;
using NodaTime;
using Npgsql;

namespace Ledger.Api.Pages;

/// <summary><c>GET /exceptions</c>: what has to be looked at.</summary>
internal static class ShowExceptions
{
    private const int PageCases = 200;

    public static async Task<IResult> Handle(
        HttpContext http, DriftNow now, NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var wanted = ListExceptions.Wanted(asked);
        if (asked.Text("status") is null) wanted = wanted with { Status = CaseStatus.Open };
        var after = asked.Whole("after", 0, long.MaxValue, 0);
        if (asked.Problem is { } problem) return problem;
        var at = await now.Read(cancellationToken);
        var (_, day, found) = await CaseReader.List(source, wanted, after, PageCases, cancellationToken);
        return Page.Of<ExceptionsPage>(new ExceptionsModel(
            at, wanted, day ?? at.World.Day, found, found.Count == PageCases ? found[^1].Opened : null));
    }
}

/// <summary>Exceptions of one sort.</summary>
/// <param name="Next">Where the next page begins; null = there is none.</param>
public sealed record ExceptionsModel(
    LedgerAt At, CaseFilter Wanted, LocalDate Day, IReadOnlyList<CaseView> Found, long? Next);

/// <summary><c>GET</c> and <c>POST /exceptions/{id}</c>: one of them, and what a person says of it.</summary>
internal static class ShowException
{
    public static async Task<IResult> Handle(
        string id, DriftNow now, LiveDrift live, NpgsqlDataSource source, Admission admission,
        CancellationToken cancellationToken) =>
        await Model(id, now, live, source, admission, cancellationToken) is { } model
            ? Page.Of<ExceptionPage>(model, forms: true)
            : CaseDecisions.NoCase(id);

    /// <summary>What a person said in the page's own form.</summary>
    public static async Task<IResult> Decide(
        string id, HttpContext http, DriftNow now, LiveDrift live, NpgsqlDataSource source, Admission admission,
        Deciding deciding, CaseDecisions cases, CancellationToken cancellationToken)
    {
        var (form, refusal) = await OwnForm.Read(http.Request, cancellationToken);
        if (form is null) return Page.Of<ProblemPage>(refusal!, refusal!.Status);
        var problem = await Told(http, id, form, admission, deciding, cases, cancellationToken);
        if (problem is null) return TypedResults.Redirect(To.Exception(id), permanent: false, preserveMethod: false);
        return await Model(id, now, live, source, admission, cancellationToken) is { } model
            ? Page.Of<ExceptionPage>(
                model with
                {
                    Problem = problem, Reason = form["reason"], Actor = form["actor"], To = form["to"],
                    Until = form["until"],
                },
                problem.Status, forms: true)
            : Page.Of<ProblemPage>(problem, problem.Status);
    }

    private static async Task<ProblemAnswer?> Told(
        HttpContext http, string id, OwnForm form, Admission admission, Deciding deciding, CaseDecisions cases,
        CancellationToken cancellationToken)
    {
        var (caller, refusal) = await admission.Admit(http, form["token"], cancellationToken);
        if (caller is null) return refusal;
        if ((Deciding.NotTheLedger(caller) ?? caller.Take(1)) is { } turnedAway) return turnedAway;
        LocalDate? until = null;
        if (form["until"] is { Length: > 0 } text)
        {
            if (!LedgerJson.TryDate(text, out var date))
                return Problems.InvalidCommand("/until", "invalid_date", "it is accepted until a date");
            until = date;
        }

        var told = await DecideException.Say(
            cases, id, form["verb"], new(form["reason"], form["actor"], form["to"], until), cancellationToken);
        if (told.Receipt is { } receipt) await deciding.Shown(receipt, cancellationToken);
        return told.Problem;
    }

    private static async Task<ExceptionModel?> Model(
        string id, DriftNow now, LiveDrift live, NpgsqlDataSource source, Admission admission,
        CancellationToken cancellationToken)
    {
        if (!Address.IsStorable(id) || await CaseReader.Find(source, id, cancellationToken) is not { } found)
            return null;
        var difference = found.Kind == Kind.DriftCase
            ? (await live.Look(cancellationToken)).Report.Findings
                .FirstOrDefault(f => f.Weight is FindingWeight.Difference && f.Streams.Count > 0
                    && f.Streams[0] == found.State.Streams[0] && Breach.IdOf(f) == id)
            : null;
        var events = await EventIndex.Load(source, difference?.Parting.Positions ?? [], cancellationToken);
        return new(await now.Read(cancellationToken), found, await admission.IsClosed(cancellationToken))
        {
            Difference = difference, Events = events,
        };
    }
}

/// <summary>One exception.</summary>
/// <param name="NeedsToken">Whether whoever says something must show the ledger's token.</param>
public sealed record ExceptionModel(LedgerAt At, CaseView Found, bool NeedsToken)
{
    /// <summary>As it stands now; null = it is gone, or it is no difference of two systems.</summary>
    public Finding? Difference { get; init; }

    /// <summary>Names of the events it began with.</summary>
    public EventIndex Events { get; init; } = EventIndex.None;

    /// <summary>Why what was sent is not taken; null = nothing was sent.</summary>
    public ProblemAnswer? Problem { get; init; }

    public string Reason { get; init; } = "";

    public string Actor { get; init; } = "";

    public string To { get; init; } = "";

    public string Until { get; init; } = "";
}
