using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Ledger.Api.Pages;

/// <summary>A form of one of these pages, sent back by a person. Nothing is decided for a page elsewhere that has a
/// browser send a form here.</summary>
internal sealed class OwnForm
{
    private const string Media = "application/x-www-form-urlencoded";
    private const int FieldsMax = 32;

    private readonly Dictionary<string, StringValues> _fields;

    private OwnForm(Dictionary<string, StringValues> fields) => _fields = fields;

    /// <summary>All that was typed, but for the token.</summary>
    public Typed Typed => new(_fields.Where(f => f.Key != "token").ToDictionary(f => f.Key, f => f.Value.ToString()));

    /// <summary>Who decides, and from which date it counts; or why that cannot be told.</summary>
    public (DecidedBy? By, ProblemAnswer? Problem) DecidedBy()
    {
        var (from, problem) = Date("from", "it counts from a date, such as 2026-03-31");
        return problem is null ? (new(this["actor"], from), null) : (null, problem);
    }

    /// <summary>Does what a person decided, where they may, and waits until the pages show it.</summary>
    /// <returns>Why it is not done; null = it is.</returns>
    public async Task<ProblemAnswer?> Tell(
        HttpContext http, Admission admission, Deciding deciding,
        Func<DecidedBy, Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)>> decide,
        CancellationToken cancellationToken)
    {
        if (await Refused(http, admission, cancellationToken) is { } refusal) return refusal;
        var (by, fault) = DecidedBy();
        if (by is null) return fault;
        var told = await decide(by);
        if (told.Receipt is { } receipt)
            await deciding.Shown(receipt, cancellationToken);
        return told.Problem;
    }

    /// <summary>Why whoever sent it may not decide; null = they may.</summary>
    public async Task<ProblemAnswer?> Refused(
        HttpContext http, Admission admission, CancellationToken cancellationToken)
    {
        var (caller, refusal) = await admission.Admit(http, this["token"], cancellationToken);
        return caller is null ? refusal : Deciding.NotTheLedger(caller) ?? caller.Take(1);
    }

    /// <summary>What was typed is none of what there is.</summary>
    public static Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> Unknown(string pointer, string words) =>
        Task.FromResult<(ItemAnswer?, ProblemAnswer?)>(
            (null, Problems.InvalidCommand(pointer, "unknown_value", words)));

    /// <summary>A date; null where none was typed.</summary>
    public (NodaTime.LocalDate? Date, ProblemAnswer? Problem) Date(string field, string words) =>
        this[field] is not { Length: > 0 } text ? (null, null)
        : Domain.LedgerJson.TryDate(text, out var date) ? (date, null)
        : (null, Problems.InvalidCommand("/" + field, "invalid_date", words));

    /// <summary>What was typed, without the spaces around it; empty = nothing.</summary>
    public string this[string field] => _fields.GetValueOrDefault(field).ToString().Trim();

    /// <summary>Reads the form, or says why it is none of ours.</summary>
    public static async Task<(OwnForm? Form, ProblemAnswer? Problem)> Read(
        HttpRequest request, CancellationToken cancellationToken)
    {
        if (!IsFromHere(request))
            return (null, Problems.NotFromThisPage());
        if (request.ContentType?.StartsWith(Media, StringComparison.OrdinalIgnoreCase) != true)
            return (null, Problems.UnsupportedMediaType($"A form is {Media}."));
        if (await RequestBody.Read(request, CommandBody.BytesMax, cancellationToken) is not { } body)
            return (null, Problems.TooLarge(
                FormattableString.Invariant($"A form has {CommandBody.BytesMax} bytes at most.")));
        try
        {
            using var reader = new FormReader(Encoding.UTF8.GetString(body.Span)) { ValueCountLimit = FieldsMax };
            return (new(reader.ReadForm()), null);
        }
        catch (InvalidDataException error)
        {
            return (null, Problems.BadRequest(error.Message));
        }
    }

    /// <summary>Browsers say where a form comes from: by a header that no page can set, older ones by the origin. What
    /// says neither is no browser.</summary>
    private static bool IsFromHere(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site)
            return site == "same-origin";
        return request.Headers.Origin is [{ } origin] && Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>What a person typed into a form that comes back to them.</summary>
public sealed record Typed(IReadOnlyDictionary<string, string> Fields)
{
    public static readonly Typed Nothing = new(new Dictionary<string, string>());

    /// <summary>Empty = nothing.</summary>
    public string this[string field] => Fields.GetValueOrDefault(field) ?? "";
}
