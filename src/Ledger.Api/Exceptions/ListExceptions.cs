using System.Text.Json.Serialization;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Drift;
using Ledger.Projections.Views;
using NodaTime;
using NodaTime.Text;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/exceptions</c>: what has to be looked at, or had to be.</summary>
internal static class ListExceptions
{
    public static readonly About About = new(
        "What has to be looked at, and what that comes to",
        Parameter.Text("status", "open, accepted or resolved."),
        Parameter.Text("class", "A class of drift, or a finding's code."),
        Parameter.Text("severity", "low, medium or high."),
        Parameter.Text("source", "Only those that this system is asked about first."),
        Parameter.Text("assignee", "Only those that this person looks at."),
        Parameter.Text("assigned", "Only those that nobody looks at, or whom a rule or a person gave to somebody: "
            + "nobody, rule or person."),
        Parameter.Text("stream", "Only those about this record."),
        Parameter.Text("kind", "Only those about a record of this kind."),
        Parameter.Text("legalEntity", "Only those about a record of this legal entity, by any of its streams."),
        Parameter.Text("engagement", "Only those of this contract, by any of its streams; of a project or a client "
            + "where no contract is known."),
        Parameter.Text("currency", "Only those with money of this currency at stake."),
        Parameter.Text("minAmount", "Only those with this much at stake, or more, in whichever currency."),
        Parameter.Whole("olderThan", "Only those that began more than so many days ago."),
        Parameter.Text("text", "Only those in whose words or records this stands, in small or capital letters."),
        Parameter.Text("sort", "What comes first: opened (what came up first; where not said), amount (the most), "
            + "age (what began first) or severity (the highest)."),
        Parameter.Text("group", "What the totals are by: class (where not said), engagement, legal_entity, source, "
            + "assignee or severity."),
        Parameter.Whole("after", "Begin after this exception's opened; 0 = at the beginning."),
        Parameter.Whole("limit", "At most so many: 1 to 1000, 100 where not said."),
        About.AtLeast)
    {
        Answer = typeof(ExceptionPage),
    };

    public static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, Projector projector, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var wanted = Wanted(asked);
        var (order, grouping) = Order(asked);
        var (after, limit) = asked.Page();
        if ((asked.Problem ?? await At.Views(http, projector, cancellationToken)) is { } problem)
            return problem;
        var page = await CaseList.Read(source, wanted, order, grouping, after, limit, cancellationToken);
        At.Say(http, page.Position);
        return TypedResults.Json(
            new ExceptionPage(
                page.Day is { } known ? LocalDatePattern.Iso.Format(known) : null, page.Cases,
                [.. page.Totals.Select(ExceptionTotal.Told)],
                [.. page.Found.Select(view => ExceptionAnswer.Told(view, page.Day))],
                page.Found.Count == limit ? page.Found[^1].Opened : null),
            DoorJson.Plain.ExceptionPage);
    }

    /// <summary>The filter that a request's parameters ask for.</summary>
    internal static CaseFilter Wanted(Asked asked) => new(
        asked.Word<CaseStatus>("status"), asked.Text("class"), asked.Word<Severity>("severity"), asked.Text("source"),
        asked.Text("assignee"), asked.Text("stream"))
    {
        Assigned = asked.OneOf("assigned", "nobody", "rule", "person"), Of = asked.Kind("kind"),
        LegalEntity = asked.Text("legalEntity"), Engagement = asked.Text("engagement"),
        Currency = asked.Text("currency"), AmountMin = asked.Amount("minAmount"),
        OlderThanDays = asked.Text("olderThan") is null ? null : (int)asked.Whole("olderThan", 0, 100_000, 0),
        Text = asked.Text("text"),
    };

    /// <summary>What comes first, and by what it is added up.</summary>
    internal static (CaseOrder Order, CaseGrouping Grouping) Order(Asked asked) =>
        (asked.Word<CaseOrder>("sort") ?? CaseOrder.Opened, asked.Word<CaseGrouping>("group") ?? CaseGrouping.Class);
}

/// <summary><c>GET /v1/exceptions/{id}</c>: one of them.</summary>
internal static class GetException
{
    public static readonly About About = new(
        "One exception, with what people said of it", Parameter.Path("id", "The exception's id."), About.AtLeast)
    {
        Answer = typeof(ExceptionAnswer),
        Problems = [400, 404, 503],
    };

    public static async Task<IResult> Handle(
        string id, HttpContext http, LiveDrift live, NpgsqlDataSource source, Projector projector,
        CancellationToken cancellationToken)
    {
        if (await At.Views(http, projector, cancellationToken) is { } problem)
            return problem;
        if (!Address.IsStorable(id))
            return CaseDecisions.NoCase(id);
        var (position, day, found) = await CaseReader.Find(source, id, cancellationToken);
        At.Say(http, position);
        if (found is null)
            return CaseDecisions.NoCase(id);
        var standing = await StandingDifference.Of(found, live, source, cancellationToken);
        return TypedResults.Json(
            ExceptionAnswer.Told(found, day) with
            {
                Explained = standing is null ? null : ExplainedAnswer.Of(standing),
            },
            DoorJson.Plain.ExceptionAnswer);
    }
}

/// <summary>Something that has to be looked at, or had to be.</summary>
/// <param name="Kind">drift_case: systems differ; exception: a finding about one thing.</param>
/// <param name="Class">The class of drift, or the finding's code.</param>
/// <param name="Streams">The records it is about, the one it is about first.</param>
/// <param name="Amount">The money at stake; absent where there is none.</param>
/// <param name="Owner">The system that is asked first.</param>
/// <param name="Assignee">Who looks at it; absent = nobody.</param>
/// <param name="AssignedBy">Who said so; ledger = a rule did.</param>
/// <param name="Rule">Id of the policy that says so; absent where a person did.</param>
/// <param name="Since">When it began.</param>
/// <param name="AgeDays">How many days that is on the ledger's day.</param>
/// <param name="Suggestion">What to correct where.</param>
/// <param name="Replayed">What came of looking at it again, the last time somebody asked.</param>
/// <param name="Reopened">How often it came up again.</param>
/// <param name="ResolvedBy">Who called it settled; ledger = it closed itself.</param>
/// <param name="Opened">Position at which it came up first.</param>
/// <param name="Position">Position of the event that said something of it last.</param>
/// <param name="Explained">Of one exception, how its difference stands now; absent where it is gone, there is none, or
/// the records were not compared yet.</param>
public sealed record ExceptionAnswer(
    string Id, string Kind, string Class, string Status, string Severity, string Sentence,
    IReadOnlyList<string> Streams, string? Amount, string? Currency, string? Owner, string? Assignee,
    string? AssignedBy, string? Rule, string? Since, int? AgeDays, string? Suggestion,
    IReadOnlyList<ExplanationAnswer> Explanations, AcceptanceAnswer? Acceptance, ReplayedAnswer? Replayed,
    string? Resolution, string? ResolvedBy, int Reopened, long Opened, long Position,
    ExplainedAnswer? Explained = null)
{
    internal static ExceptionAnswer Told(CaseView view, LocalDate? day)
    {
        var state = view.State;
        return new(
            view.Id, view.Kind.Name, view.Class, Pages.Words.Name(state.Status), Pages.Words.Name(state.Severity),
            state.Sentence, state.Streams, state.Amount is { } amount ? DecimalText.Write(amount) : null,
            state.Currency?.Code, state.Owner, state.Assignee, state.AssignedBy, state.Rule, Date(state.Since),
            day is { } on ? view.AgeDays(on) : null, state.Suggestion,
            [.. state.Words.Select(w => new ExplanationAnswer(
                w.Words, w.By, LedgerJson.WriteInstant(w.At), w.Position))],
            state.Acceptance is { } a ? new(a.Reason, a.By, Date(a.Until)) : null,
            state.Replayed is { } r ? new(r.Outcome, r.Stands, r.By, LedgerJson.WriteInstant(r.At)) : null,
            state.Resolution, state.ResolvedBy, state.Reopened, view.Opened, view.Position);
    }

    private static string? Date(LocalDate? date) => date is { } day ? LocalDatePattern.Iso.Format(day) : null;
}

/// <summary>What a person said of it.</summary>
public sealed record ExplanationAnswer(string Words, string? By, string At, long Position);

/// <summary>That it may stay as it is.</summary>
/// <param name="Until">The last day; absent = for good.</param>
public sealed record AcceptanceAnswer(string Reason, string? By, string? Until);

/// <summary>What came of having the records behind it folded from their events and compared once more.</summary>
/// <param name="Stands">Whether its cause was still there.</param>
public sealed record ReplayedAnswer(string Outcome, bool Stands, string? By, string At);

/// <summary>Exceptions of one sort and currency, on every page of the list.</summary>
/// <param name="Of">A class, a contract's stream, a legal entity's, a system, a person or a severity; null = of none
/// known.</param>
/// <param name="Name">What the contract or legal entity calls itself.</param>
/// <param name="Currency">Absent where no money is at stake.</param>
/// <param name="Amount">The money at stake in all of them; opposite amounts are never netted.</param>
public sealed record ExceptionTotal(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Of, string? Name, string? Currency,
    long Exceptions, string? Amount)
{
    internal static ExceptionTotal Told(CaseTotal total) => new(
        total.Of, total.Name, total.Currency, total.Cases,
        total.Amount is { } amount ? DecimalText.Write(amount) : null);
}

/// <summary>A page of exceptions.</summary>
/// <param name="Day">The ledger's day, on which ages and acceptances are judged: the UTC date of its last event.
/// </param>
/// <param name="Exceptions">How many there are on all pages.</param>
/// <param name="Totals">What those come to, the most money first.</param>
/// <param name="Next">What to ask for as <c>after</c> to go on; null = there is no more.</param>
public sealed record ExceptionPage(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Day, long Exceptions,
    IReadOnlyList<ExceptionTotal> Totals, IReadOnlyList<ExceptionAnswer> Items,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Next);
