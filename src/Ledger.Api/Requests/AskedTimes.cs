using System.Globalization;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Views;
using NodaTime;
using Npgsql;

namespace Ledger.Api;

/// <summary>A point in time as a request gives it: an instant, or a date, which means the end of that day.</summary>
internal readonly record struct Moment(Instant? Instant, LocalDate? Day)
{
    /// <summary>The instant meant, where days end as they do in a zone.</summary>
    public Instant In(DateTimeZone zone) => (Instant, Day) switch
    {
        ({ } instant, _) => instant,
        (_, { } day) when day.Year == LastYear => NodaTime.Instant.FromUtc(LastYear, 12, 31, 23, 59, 59),
        (_, { } day) => zone.AtStartOfDay(day.PlusDays(1)).ToInstant() - Microsecond,
        _ => throw new System.Diagnostics.UnreachableException("a moment is an instant or a date"),
    };

    private const int LastYear = 9999;

    /// <summary>As fine as the ledger tells time.</summary>
    private static readonly Duration Microsecond = Duration.FromNanoseconds(1_000);

    /// <summary>False where it is neither.</summary>
    public static bool TryParse(string text, out Moment moment)
    {
        moment = default;
        if (LedgerJson.TryDate(text, out var day)) moment = new(null, day);
        else if (LedgerJson.TryInstant(text, out var instant)) moment = new(instant, null);
        else return false;
        return true;
    }
}

/// <summary>The times a request asks at, as it gives them.</summary>
/// <param name="Position">What was known at this position; null = not asked so.</param>
/// <param name="Known">What was known at this moment; null = not asked so.</param>
internal sealed record AskedTimes(LocalDate? AsOf, Moment? AsStatedAt, long? Position, Moment? Known)
{
    public static readonly AskedTimes Now = new(null, null, null, null);

    public static readonly Parameter[] Parameters =
    [
        Parameter.Text("asOf", "Only what counts from this date or before, such as 2026-03-31."),
        Parameter.Text(
            "asStatedAt", "Only what the systems had said by then: an instant, or a date, which means its end."),
        Parameter.Text(
            "asKnownAt", "Only what the ledger had by then: a position, an instant, or a date, which means its end."),
    ];

    public bool IsNow => this == Now;

    /// <summary>Whether the zone matters in which days end.</summary>
    public bool HasDays => AsStatedAt?.Day is not null || Known?.Day is not null;

    public static AskedTimes Of(Asked asked)
    {
        var known = asked.Text("asKnownAt");
        var position = known is null ? null : Address.Number(known);
        return new(
            asked.Date("asOf"), asked.Moment("asStatedAt", asked.Text("asStatedAt"), "an instant or a date"), position,
            position is null ? asked.Moment("asKnownAt", known, "a position, an instant or a date") : null);
    }

    /// <summary>The times meant.</summary>
    /// <param name="zone">In which days end.</param>
    public async Task<Times> In(DateTimeZone zone, NpgsqlDataSource source, CancellationToken cancellationToken) => new(
        AsOf, AsStatedAt?.In(zone),
        Known is { } known ? await Worlds.PositionAt(source, known.In(zone), cancellationToken) : Position);

    /// <summary>The times meant where a record is asked for: days end as they do for its legal entity.</summary>
    public async Task<Times> For(string stream, NpgsqlDataSource source, CancellationToken cancellationToken) =>
        await In(
            HasDays ? await LegalEntityZone.Of(source, stream, cancellationToken) : DateTimeZone.Utc, source,
            cancellationToken);
}

/// <summary>The times an answer was read at, in its body.</summary>
/// <param name="AsKnownAt">The last position that counts.</param>
public sealed record TimesAnswer(string? AsOf, string? AsStatedAt, long? AsKnownAt)
{
    /// <summary>Null = as things stand now.</summary>
    internal static TimesAnswer? Of(Times times) => times.IsNow
        ? null
        : new(
            times.AsOf is { } day ? NodaTime.Text.LocalDatePattern.Iso.Format(day) : null,
            times.AsStatedAt is { } stated ? LedgerJson.WriteInstant(stated) : null, times.AsKnownAt);

    /// <summary>The same in the headers.</summary>
    internal static void Say(HttpContext http, Times times)
    {
        if (Of(times) is not { } said)
            return;
        var headers = http.Response.Headers;
        if (said.AsOf is not null)
            headers["Ledger-As-Of"] = said.AsOf;
        if (said.AsStatedAt is not null)
            headers["Ledger-As-Stated-At"] = said.AsStatedAt;
        if (said.AsKnownAt is { } known)
            headers["Ledger-As-Known-At"] = known.ToString(CultureInfo.InvariantCulture);
    }
}
