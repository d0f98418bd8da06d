using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Views;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/coverage/proposals</c>: what payments and postings may cover, the likeliest first, for a person
/// to decide.</summary>
internal static class ListCoverageProposals
{
    public static readonly About About = new(
        "What may cover documents by a sum, the likeliest first, with what speaks for it",
        Parameter.Text("kind", "Only where this covers: payment, posting or invoice (asked for ahead)."),
        Parameter.Text("min-confidence", "Only what is at least so likely: 0 to 1."),
        Parameter.Text("entity", "Only what this entity would cover, or be covered by: its id."),
        Parameter.Text("after", "Begin after this: the 'next' of the page before."),
        Parameter.Whole("limit", "At most so many: 1 to 1000, 100 where not said."),
        About.AtLeast)
    {
        Answer = typeof(CoverageProposalPage),
    };

    public static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, Projector projector, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var wanted = new CoverageFilter(
            asked.OneOf("kind", Kind.Payment.Name, Kind.Posting.Name, Kind.Invoice.Name),
            asked.Fraction("min-confidence", 0m), asked.Text("entity"));
        var after = asked.Text("after");
        var limit = (int)asked.Whole("limit", 1, ListEvents.LimitMax, ListEvents.LimitDefault);
        CoveragePlace? place = null;
        if (after is not null)
        {
            if (!TryPlace(after, out var read))
                return Problems.InvalidParameter("after", "after is the 'next' of the page before, as it was given");
            place = read;
        }

        if ((asked.Problem ?? await At.Views(http, projector, cancellationToken)) is { } problem)
            return problem;
        var (position, page) = await CoverageProposalReader.List(source, wanted, place, limit, cancellationToken);
        At.Say(http, position);
        return TypedResults.Json(
            new CoverageProposalPage(
                page.ConvertAll(CoverageProposalAnswer.Of), page.Count == limit ? Cursor(page[^1]) : null),
            DoorJson.Plain.CoverageProposalPage);
    }

    /// <summary>Where the next page begins.</summary>
    public static string Cursor(CoverageProposalView last) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{last.Confidence}\n{last.From.Id}")));

    /// <summary>Reads what <see cref="Cursor"/> wrote; false where it did not.</summary>
    public static bool TryPlace(string cursor, out CoveragePlace place)
    {
        place = default;
        if (!Base64Url.IsValid(cursor)
            || Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split('\n') is not [var number, var from]
            || !decimal.TryParse(
                number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var confidence)
            || !Address.IsStorable(from))
            return false;
        place = new(confidence, from);
        return true;
    }
}

/// <summary><c>GET /v1/coverage/proposals/{id}</c>: one of them.</summary>
internal static class GetCoverageProposal
{
    public static readonly About About = new(
        "What one payment or posting may cover", Parameter.Path("id", "The proposal's id."), About.AtLeast)
    {
        Answer = typeof(CoverageProposalAnswer),
        Problems = [400, 404, 503],
    };

    public static async Task<IResult> Handle(
        string id, HttpContext http, NpgsqlDataSource source, Projector projector,
        CancellationToken cancellationToken)
    {
        if (await At.Views(http, projector, cancellationToken) is { } problem)
            return problem;
        At.Say(http, projector.Position);
        return Address.IsStorable(id)
            && await CoverageProposalReader.Find(source, id, cancellationToken) is { } proposal
            ? TypedResults.Json(CoverageProposalAnswer.Of(proposal), DoorJson.Plain.CoverageProposalAnswer)
            : CoverageDecisions.NoProposal(id);
    }
}

/// <summary>What a payment or posting may cover.</summary>
/// <param name="Id">Of what covers and all it would cover, the same for ever.</param>
/// <param name="Rel">settles or posts.</param>
/// <param name="Amount">All of it together, a decimal.</param>
/// <param name="Confidence">From 0 to 1, two digits.</param>
/// <param name="From">What would cover.</param>
/// <param name="Covers">The documents, by name.</param>
/// <param name="Evidence">What speaks for it, for a person to read.</param>
public sealed record CoverageProposalAnswer(
    string Id, string Rel, string Amount, string Currency, string Confidence, ProposedAnswer From,
    IReadOnlyList<CoverAnswer> Covers, JsonElement Evidence)
{
    internal static CoverageProposalAnswer Of(CoverageProposalView view) => new(
        view.Id, view.Rel, DecimalText.Write(view.Amount), view.Currency.Code,
        view.Confidence.ToString("0.00", CultureInfo.InvariantCulture), ProposedAnswer.Of(view.From),
        [.. view.Covers.Select(c => new CoverAnswer(ProposedAnswer.Of(c.To), DecimalText.Write(c.Amount)))],
        JsonElement.Parse(view.Evidence));
}

/// <param name="Amount">How much of it, a decimal.</param>
public sealed record CoverAnswer(ProposedAnswer To, string Amount);

/// <summary>A page of them.</summary>
/// <param name="Next">What to ask for as <c>after</c> to go on; null = there is no more.</param>
public sealed record CoverageProposalPage(
    IReadOnlyList<CoverageProposalAnswer> Items,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Next);
