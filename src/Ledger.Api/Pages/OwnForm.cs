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
