using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Views;
using NodaTime;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/periods</c>: a legal entity's accounting periods and whether they are open; all of them, or the
/// one a date lies in; now, or as it was.</summary>
internal static class ListPeriods
{
    private const int PageEntities = 1_000;

    public static readonly About About = new(
        "A legal entity's accounting periods, or the one a date lies in; now, or as it was",
        [
            Parameter.Text("legalEntity", "Whose, by any of its streams."),
            Parameter.Text("on", "Only the period this date lies in."),
            .. AskedTimes.Parameters,
            About.AtLeast,
        ])
    {
        Answer = typeof(PeriodListAnswer),
        Problems = [400, 503],
    };

    public static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, Projector projector, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var (whose, on, when) = (asked.Text("legalEntity"), asked.Date("on"), AskedTimes.Of(asked));
        if ((asked.Problem ?? await At.Views(http, projector, when, cancellationToken)) is { } problem)
            return problem;
        if (whose is null)
            return Problems.InvalidParameter("legalEntity", "legalEntity says whose periods are asked for");
        var times = await when.For(whose, source, cancellationToken);
        var periods = new List<PeriodAnswer>();
        var filter = new EntityFilter(Live: true, LegalEntity: whose);
        var (position, next) = (0L, (long?)0);
        while (next is { } after)
        {
            var page = await EntityReader.List(
                source, Kind.Period.Name, after, PageEntities, filter, times, cancellationToken);
            periods.AddRange(page.Entities.Select(PeriodAnswer.Of).Where(p => on is null || p.Contains(on.Value)));
            (position, next) = (page.Position, page.Next);
        }

        At.Say(http, position);
        TimesAnswer.Say(http, times);
        return TypedResults.Json(
            new PeriodListAnswer(
                [.. periods.OrderBy(p => p.From, StringComparer.Ordinal).ThenBy(p => p.Id, StringComparer.Ordinal)],
                TimesAnswer.Of(times)),
            DoorJson.Plain.PeriodListAnswer);
    }
}

/// <summary>One accounting period.</summary>
/// <param name="Name">As the books name it.</param>
/// <param name="From">Its first day; null = not said.</param>
/// <param name="To">Its last day; null = not said.</param>
/// <param name="Status">open, soft_closed or closed.</param>
/// <param name="Since">Position of the event that made it so.</param>
/// <param name="Reopened">How often it was opened again.</param>
/// <param name="By">The system whose word it is.</param>
/// <param name="Reason">Why it was closed or opened again, the last time; absent where nobody said.</param>
public sealed record PeriodAnswer(
    string Id, string? LegalEntity, string? Name, string? From, string? To, string Status, long Since, int Reopened,
    string By, string? Reason)
{
    internal static PeriodAnswer Of(EntityView view)
    {
        var fields = JsonElement.Parse(view.Fields);
        var status = fields.GetProperty("status");
        return new(
            view.Id, view.LegalEntity, Text("name"), Text("from"), Text("to"), status.GetProperty("value").GetString()!,
            status.GetProperty("position").GetInt64(),
            fields.TryGetProperty("reopened", out var reopened) ? reopened.GetProperty("value").GetInt32() : 0,
            status.GetProperty("source").GetString()!, Text("reason"));

        string? Text(string field) =>
            fields.TryGetProperty(field, out var found) ? found.GetProperty("value").GetString() : null;
    }

    /// <summary>Whether a day lies in it; never while its ends are not known.</summary>
    internal bool Contains(LocalDate day) =>
        LedgerJson.TryDate(From, out var from) && LedgerJson.TryDate(To, out var to) && day >= from && day <= to;
}

/// <summary>Periods, the earliest first.</summary>
/// <param name="Times">When this was so; null = now.</param>
public sealed record PeriodListAnswer(IReadOnlyList<PeriodAnswer> Items, TimesAnswer? Times = null);
