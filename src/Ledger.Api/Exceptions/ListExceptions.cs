using System.Text.Json.Serialization;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Views;
using NodaTime;
using NodaTime.Text;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/exceptions</c>: what has to be looked at, or had to be.</summary>
internal static class ListExceptions
{
    public static readonly About About = new(
        "What has to be looked at, in the order in which it came up",
        Parameter.Text("status", "open, accepted or resolved."),
        Parameter.Text("class", "A class of drift, or a finding's code."),
        Parameter.Text("severity", "low, medium or high."),
        Parameter.Text("source", "Only those that this system is asked about first."),
        Parameter.Text("assignee", "Only those that this person looks at."),
        Parameter.Text("stream", "Only those about this record."),
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
        var (after, limit) = asked.Page();
        if ((asked.Problem ?? await At.Views(http, projector, cancellationToken)) is { } problem)
            return problem;
        var (position, day, found) = await CaseReader.List(source, wanted, after, limit, cancellationToken);
        At.Say(http, position);
        return TypedResults.Json(
            new ExceptionPage(
                day is { } known ? LocalDatePattern.Iso.Format(known) : null,
                found.ConvertAll(view => ExceptionAnswer.Told(view, day)),
                found.Count == limit ? found[^1].Opened : null),
            DoorJson.Plain.ExceptionPage);
    }

    /// <summary>The filter that a request's parameters ask for.</summary>
    internal static CaseFilter Wanted(Asked asked) => new(
        asked.OneOf("status", "open", "accepted", "resolved") switch
        {
            "open" => CaseStatus.Open, "accepted" => CaseStatus.Accepted, "resolved" => CaseStatus.Resolved,
            _ => null,
        },
        asked.Text("class"),
        asked.OneOf("severity", "low", "medium", "high") switch
        {
            "low" => Severity.Low, "medium" => Severity.Medium, "high" => Severity.High, _ => null,
        },
        asked.Text("source"), asked.Text("assignee"), asked.Text("stream"));
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
        string id, HttpContext http, NpgsqlDataSource source, Projector projector,
        CancellationToken cancellationToken)
    {
        if (await At.Views(http, projector, cancellationToken) is { } problem)
            return problem;
        At.Say(http, projector.Position);
        return Address.IsStorable(id) && await CaseReader.Find(source, id, cancellationToken) is { } found
            ? TypedResults.Json(ExceptionAnswer.Told(found, null), DoorJson.Plain.ExceptionAnswer)
            : CaseDecisions.NoCase(id);
    }
}

/// <summary>Something that has to be looked at, or had to be.</summary>
/// <param name="Kind">drift_case: systems differ; exception: a finding about one thing.</param>
/// <param name="Class">The class of drift, or the finding's code.</param>
/// <param name="Streams">The records it is about, the one it is about first.</param>
/// <param name="Amount">The money at stake; absent where there is none.</param>
/// <param name="Owner">The system that is asked first.</param>
/// <param name="Since">When it began.</param>
/// <param name="AgeDays">How many days that is on the ledger's day.</param>
/// <param name="Suggestion">What to correct where.</param>
/// <param name="Reopened">How often it came up again.</param>
/// <param name="ResolvedBy">Who called it settled; ledger = it closed itself.</param>
/// <param name="Opened">Position at which it came up first.</param>
/// <param name="Position">Position of the event that said something of it last.</param>
public sealed record ExceptionAnswer(
    string Id, string Kind, string Class, string Status, string Severity, string Sentence,
    IReadOnlyList<string> Streams, string? Amount, string? Currency, string? Owner, string? Assignee, string? Since,
    int? AgeDays, string? Suggestion, IReadOnlyList<ExplanationAnswer> Explanations, AcceptanceAnswer? Acceptance,
    string? Resolution, string? ResolvedBy, int Reopened, long Opened, long Position)
{
    internal static ExceptionAnswer Told(CaseView view, LocalDate? day)
    {
        var state = view.State;
        return new(
            view.Id, view.Kind.Name, view.Class, Pages.Words.Name(state.Status), Pages.Words.Name(state.Severity),
            state.Sentence, state.Streams, state.Amount is { } amount ? DecimalText.Write(amount) : null,
            state.Currency?.Code, state.Owner, state.Assignee, Date(state.Since),
            day is { } on ? view.AgeDays(on) : null, state.Suggestion,
            [.. state.Words.Select(w => new ExplanationAnswer(
                w.Words, w.By, LedgerJson.WriteInstant(w.At), w.Position))],
            state.Acceptance is { } a ? new(a.Reason, a.By, Date(a.Until)) : null, state.Resolution, state.ResolvedBy,
            state.Reopened, view.Opened, view.Position);
    }

    private static string? Date(LocalDate? date) => date is { } day ? LocalDatePattern.Iso.Format(day) : null;
}

/// <summary>What a person said of it.</summary>
public sealed record ExplanationAnswer(string Words, string? By, string At, long Position);

/// <summary>That it may stay as it is.</summary>
/// <param name="Until">The last day; absent = for good.</param>
public sealed record AcceptanceAnswer(string Reason, string? By, string? Until);

/// <summary>A page of exceptions.</summary>
/// <param name="Day">The ledger's day, on which ages and acceptances are judged: the UTC date of its last event.
/// </param>
/// <param name="Next">What to ask for as <c>after</c> to go on; null = there is no more.</param>
public sealed record ExceptionPage(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Day, IReadOnlyList<ExceptionAnswer> Items,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Next);
