namespace Ledger.Api;

/// <summary>Whose refused and conflicting events a request may see: one that comes with a source's token sees that
/// source's; one without sees what any reader sees.</summary>
/// <param name="Source">Only of this one; null = of all.</param>
internal sealed record Owner(string? Source)
{
    /// <param name="source">The one asked for; null = any.</param>
    /// <returns>Null = it may see nothing of that.</returns>
    public static async ValueTask<Owner?> Of(
        HttpContext http, Admission admission, string? source, CancellationToken cancellationToken) =>
        await admission.SourceOf(http, cancellationToken) is not { } own ? new(source)
        : source is null || source == own ? new(own)
        : null;
}
