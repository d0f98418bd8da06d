using System.Globalization;
using Microsoft.AspNetCore.Http.Features;

namespace Ledger.Api;

/// <summary>Ids in a request's path. They may hold anything, slashes too, so they are read from the path as it was
/// sent: percent-encoded, or plain where plain is unambiguous.</summary>
internal static class Address
{
    /// <summary>What follows a prefix, decoded.</summary>
    public static string After(HttpContext http, string prefix) => Uri.UnescapeDataString(Raw(http, prefix));

    /// <summary>What stands between a prefix and an ending, decoded.</summary>
    public static string Between(HttpContext http, string prefix, string ending)
    {
        var raw = Raw(http, prefix);
        var ends = raw.EndsWith(ending, StringComparison.OrdinalIgnoreCase);
        return Uri.UnescapeDataString(ends ? raw[..^ending.Length] : raw);
    }

    /// <summary>A first segment and all that follows it, each decoded.</summary>
    /// <param name="ending">What is cut off its end, where it is there.</param>
    public static (string First, string Second) Pair(HttpContext http, string prefix, string ending = "")
    {
        var raw = Raw(http, prefix);
        if (raw.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) raw = raw[..^ending.Length];
        var slash = raw.IndexOf('/', StringComparison.Ordinal);
        return slash < 0
            ? (Uri.UnescapeDataString(raw), "")
            : (Uri.UnescapeDataString(raw[..slash]), Uri.UnescapeDataString(raw[(slash + 1)..]));
    }

    /// <summary>A number that counts something; null where it is none.</summary>
    public static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Whether PostgreSQL could hold the text, so that asking it makes sense.</summary>
    public static bool IsStorable(string text) => !text.Contains('\0', StringComparison.Ordinal);

    private static string Raw(HttpContext http, string prefix)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var end = target.IndexOfAny(['?', '#']);
        var path = end < 0 ? target : target[..end];
        var start = path.IndexOf(prefix, StringComparison.OrdinalIgnoreCase);
        return start < 0 ? "" : path[(start + prefix.Length)..];
    }
}
