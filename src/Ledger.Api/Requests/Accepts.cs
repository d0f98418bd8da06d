using Microsoft.Net.Http.Headers;

namespace Ledger.Api;

/// <summary>Which media type a client likes best.</summary>
internal static class Accepts
{
    /// <summary>The first offer where the client does not mind; null = it takes none of them.</summary>
    public static string? Best(HttpRequest request, string[] offers)
    {
        var accepted = request.GetTypedHeaders().Accept;
        if (accepted.Count == 0)
            return offers[0];
        return accepted.Where(a => a.Quality is not 0).OrderByDescending(a => a.Quality ?? 1)
            .Select(a => Array.Find(offers, offer => MediaTypeHeaderValue.Parse(offer).IsSubsetOf(a)))
            .FirstOrDefault(offer => offer is not null);
    }
}
