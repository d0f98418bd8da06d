using System.Text.Json.Serialization;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Views;
using NodaTime;
using NodaTime.Text;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/sign-offs</c>: what finance put its name to, and whether it still counts.</summary>
internal static class ListSignOffs
{
    public static readonly About About = new(
        "What finance put its name to, and whether it still counts",
        Parameter.Text("status", "signed or suspended."),
        Parameter.Whole("after", "Begin after this sign-off's opened; 0 = at the beginning."),
        Parameter.Whole("limit", "At most so many: 1 to 1000, 100 where not said."),
        About.AtLeast)
    {
        Answer = typeof(SignOffPage),
    };

    public static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, Projector projector, SignOffKeeper keeper,
        CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var status = asked.OneOf("status", "signed", "suspended");
        var (after, limit) = asked.Page();
        if ((asked.Problem ?? await At.Views(http, projector, cancellationToken)) is { } problem)
            return problem;
        var (position, _, found) = await GovernanceReader.SignOffs(source, status, after, limit, cancellationToken);
        At.Say(http, position);
        return TypedResults.Json(
            new SignOffPage(
                found.ConvertAll(SignOffAnswer.Told), found.Count == limit ? found[^1].Opened : null, keeper.LookedAt),
            DoorJson.Plain.SignOffPage);
    }
}

/// <summary><c>GET /v1/sign-offs/{id}</c>: one of them.</summary>
internal static class GetSignOff
{
    public static readonly About About = new(
        "One sign-off, with what suspended it", Parameter.Path("id", "The sign-off's id."), About.AtLeast)
    {
        Answer = typeof(SignOffAnswer),
        Problems = [400, 404, 503],
    };

    public static async Task<IResult> Handle(
        string id, HttpContext http, NpgsqlDataSource source, Projector projector,
        CancellationToken cancellationToken)
    {
        if (await At.Views(http, projector, cancellationToken) is { } problem)
            return problem;
        At.Say(http, projector.Position);
        return Address.IsStorable(id) && await GovernanceReader.SignOff(source, id, cancellationToken) is { } found
            ? TypedResults.Json(SignOffAnswer.Told(found), DoorJson.Plain.SignOffAnswer)
            : SignOffDecisions.NoSignOff(id);
    }
}

/// <summary>What finance put its name to.</summary>
/// <param name="Entity">The legal entity, as a stream; absent = the whole firm.</param>
/// <param name="From">First day of the scope.</param>
/// <param name="To">Its last day.</param>
/// <param name="By">Who signed last.</param>
/// <param name="Known">The last event that was known when it was looked at.</param>
/// <param name="Records">How many records had a part in the scope then.</param>
/// <param name="Open">What was open in it then.</param>
/// <param name="Accepted">How many exceptions in it were accepted.</param>
/// <param name="Breaks">How many pieces of work and documents did not foot over its days.</param>
/// <param name="Root">Root of the log at <paramref name="Known"/>, base64.</param>
/// <param name="Signed">How often it was signed.</param>
/// <param name="Suspension">Why it does not count; absent while it does.</param>
/// <param name="Opened">Position at which it was signed first.</param>
/// <param name="Position">Position of the event that said something of it last.</param>
public sealed record SignOffAnswer(
    string Id, string Status, string? Entity, string? Period, string From, string To, string Reason, string? By,
    string? At, long Known, int? Records, IReadOnlyList<OpenClassAnswer> Open, int? Accepted, int? Breaks, string? Root,
    int Signed, SuspensionAnswer? Suspension, string Stream, long Opened, long Position)
{
    internal static SignOffAnswer Told(DecidedView view) => Told(view.Record);

    internal static SignOffAnswer Told(SourceRecord record)
    {
        var state = (SignOff)record.Fold.State!;
        return new(
            record.Id, Pages.Words.Name(state.Status), state.Entity?.Stream(record.Source), state.Period,
            Date(state.From), Date(state.To), state.Reason, state.By,
            state.At is { } at ? LedgerJson.WriteInstant(at) : null, state.Position, state.Records,
            [.. state.Open.Select(OpenClassAnswer.Of)], state.Accepted, state.Breaks, state.Root,
            state.Signed,
            state.Suspension is { } x ? new(x.Position, x.Stream, x.Event, x.Sentence) : null, record.Stream,
            record.Fold.Opened, record.Fold.Last);
    }

    internal static string Date(LocalDate date) => LocalDatePattern.Iso.Format(date);
}

/// <summary>Exceptions of one class and currency.</summary>
public sealed record OpenClassAnswer(string Class, int Exceptions, string? Amount, string? Currency)
{
    internal static OpenClassAnswer Of(OpenClass open) => new(
        open.Class, open.Exceptions, open.Amount is { } amount ? DecimalText.Write(amount) : null,
        open.Currency?.Code);
}

/// <summary>What suspended a sign-off.</summary>
/// <param name="Position">Of the event that did it.</param>
/// <param name="Stream">The record it is about.</param>
/// <param name="Event">The event's type.</param>
public sealed record SuspensionAnswer(long Position, string Stream, string Event, string Sentence);

/// <summary>A page of sign-offs.</summary>
/// <param name="Next">What to ask for as <c>after</c> to go on; null = there is no more.</param>
/// <param name="LookedAt">Up to which event this server looked whether it touches what is signed; null = at none since
/// it began. Later ones may suspend what is told as signed.</param>
public sealed record SignOffPage(
    IReadOnlyList<SignOffAnswer> Items,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Next,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? LookedAt);
