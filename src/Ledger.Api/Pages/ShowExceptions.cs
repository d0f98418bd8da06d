using Ledger.Domain;
using Ledger.Projections.Cases;
using Ledger.Projections.Drift;
using Ledger.Projections.Views;
using Microsoft.Extensions.Primitives;
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
        // A browser sends what was left empty, too.
        var given = http.Request.Query.Where(q => !string.IsNullOrWhiteSpace(q.Value))
            .ToDictionary(q => q.Key, q => new StringValues(q.Value.ToString().Trim()));
        var asked = new Asked(new QueryCollection(given));
        var wanted = ListExceptions.Wanted(asked);
        if (wanted.Status is null) wanted = wanted with { Status = CaseStatus.Open };
        var (order, grouping) = ListExceptions.Order(asked);
        var after = asked.Whole("after", 0, long.MaxValue, 0);
        if (asked.Problem is { } problem) return problem;
        var at = await now.Read(cancellationToken);
        var page = await CaseList.Read(source, wanted, order, grouping, after, PageCases, cancellationToken);
        return Page.Of<ExceptionsPage>(
            new ExceptionsModel(
                at, wanted, order, grouping, page,
                given.Where(g => g.Key != "after").ToDictionary(g => g.Key, g => g.Value.ToString()),
                page.Found.Count == PageCases ? page.Found[^1].Opened : null),
            forms: true);
    }
}

/// <summary>Exceptions of one sort.</summary>
/// <param name="Asked">What was asked for, as it was.</param>
/// <param name="Next">Where the next page begins; null = there is none.</param>
public sealed record ExceptionsModel(
    LedgerAt At, CaseFilter Wanted, CaseOrder Order, CaseGrouping Grouping, CasePage Page,
    IReadOnlyDictionary<string, string> Asked, long? Next)
{
    public LocalDate Day => Page.Day ?? At.World.Day;

    /// <summary>Whether more is asked than a status.</summary>
    public bool IsNarrowed => Asked.Keys.Any(key => key is not ("status" or "sort" or "group"));

    /// <summary>Those of one sort of the totals; null where they cannot be asked for.</summary>
    public string? Only(CaseTotal total) => total.Of is null ? null : Grouping switch
    {
        CaseGrouping.Class => With("class", total.Of),
        CaseGrouping.Engagement => With("engagement", total.Of),
        CaseGrouping.LegalEntity => With("legalEntity", total.Of),
        CaseGrouping.Source => With("source", total.Of),
        CaseGrouping.Assignee => With("assignee", total.Of),
        CaseGrouping.Severity => With("severity", total.Of),
        _ => throw new System.Diagnostics.UnreachableException($"nothing is added up by {Grouping}"),
    };

    /// <summary>The same list with one thing asked otherwise.</summary>
    public string With(string name, string value) => To.Exceptions(
        Asked.Where(a => a.Key != name).Append(new(name, value)));

    public string Given(string name) => Asked.GetValueOrDefault(name) ?? "";
}

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
        Deciding deciding, CaseDecisions cases, CaseReplay replay, CancellationToken cancellationToken)
    {
        var (form, refusal) = await OwnForm.Read(http.Request, cancellationToken);
        if (form is null) return Page.Of<ProblemPage>(refusal!, refusal!.Status);
        var problem = await Told(http, id, form, admission, deciding, cases, replay, cancellationToken);
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
        CaseReplay replay, CancellationToken cancellationToken)
    {
        if (await form.Refused(http, admission, cancellationToken) is { } refusal) return refusal;
        var (until, fault) = form.Date("until", "it is accepted until a date");
        if (fault is not null) return fault;
        var told = await DecideException.Say(
            cases, replay, id, form["verb"], new(form["actor"], form["reason"], form["to"], until), cancellationToken);
        if (told.Receipt is { } receipt) await deciding.Shown(receipt, cancellationToken);
        return told.Problem;
    }

    private static async Task<ExceptionModel?> Model(
        string id, DriftNow now, LiveDrift live, NpgsqlDataSource source, Admission admission,
        CancellationToken cancellationToken)
    {
        if (!Address.IsStorable(id)
            || (await CaseReader.Find(source, id, cancellationToken)).Found is not { } found) return null;
        var standing = await StandingDifference.Of(found, live, source, cancellationToken);
        return new(await now.Read(cancellationToken), found, await admission.IsClosed(cancellationToken))
        {
            Difference = standing?.Finding, Events = standing?.Events ?? EventIndex.None,
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
