using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Views;
using NodaTime;
using NodaTime.Text;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/schemas</c>: the types of events this ledger knows, and which of them are deprecated.</summary>
internal static class ListSchemas
{
    public static readonly About About = new(
        "The types of events this ledger knows, and which of them are deprecated", About.AtLeast)
    {
        Answer = typeof(SchemaList),
    };

    public static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, Projector projector, CancellationToken cancellationToken)
    {
        if (await At.Views(http, projector, cancellationToken) is { } problem)
            return problem;
        var announced = await Announced.Read(source, cancellationToken);
        return TypedResults.Json(
            new SchemaList(
            [
                .. EventCatalog.All.Select(d => SchemaAnswer.Of(
                    d.Name, d.Kind?.Name, announced.Deprecated.GetValueOrDefault(d.Name))),
            ]),
            DoorJson.Plain.SchemaList);
    }
}

/// <summary>Every type of event.</summary>
public sealed record SchemaList(IReadOnlyList<SchemaAnswer> Items);

/// <summary>A type of event.</summary>
/// <param name="Type">Its stored name.</param>
/// <param name="Kind">The kind of record it tells of; absent = any.</param>
/// <param name="Deprecated">What whoever sends it is told; absent = it is not deprecated.</param>
public sealed record SchemaAnswer(string Type, string? Kind = null, SchemaDeprecation? Deprecated = null)
{
    internal static SchemaAnswer Of(string type, string? kind, SchemaNotice? notice) => new(
        type, kind, notice is null ? null : new(
            Day(notice.From), Day(notice.Until), notice.Instead, notice.Reason));

    private static string? Day(LocalDate? day) => day is { } known ? LocalDatePattern.Iso.Format(known) : null;
}

/// <summary>That a type of event will not be taken for ever.</summary>
/// <param name="From">First day on which it is deprecated.</param>
/// <param name="Until">Last day on which it is meant to be sent.</param>
/// <param name="Instead">What to send in its place.</param>
public sealed record SchemaDeprecation(string? From, string? Until, string? Instead, string? Reason);
