using System.Globalization;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Drift;

namespace Ledger.Api.Pages;

/// <summary>Addresses of pages. Ids hold slashes, colons and anything else, so each is one escaped segment.</summary>
internal static class To
{
    /// <summary>A stream's history; a part (<c>stream#line</c>) leads to the whole.</summary>
    public static string Stream(string stream)
    {
        var slash = stream.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? "/" : $"/streams/{Segment(stream[..slash])}/{Segment(stream[(slash + 1)..])}";
    }

    /// <summary>One event in its stream's history.</summary>
    public static string Event(string stream, long position) =>
        string.Create(CultureInfo.InvariantCulture, $"{Stream(stream)}#p{position}");

    /// <summary>An invoice, by its entity's id.</summary>
    /// <param name="line">The line whose picture is shown; null = the whole document's.</param>
    public static string Invoice(string entity, string? line = null) =>
        $"/invoices/{Segment(entity)}" + (line is null ? "" : $"?line={Uri.EscapeDataString(line)}#picture");

    /// <summary>Where a record is shown: a document on its page, all else in its source's history.</summary>
    /// <param name="stream">A stream, or a part of one.</param>
    /// <returns>Null where the ledger has no such record.</returns>
    public static string? Record(LedgerAt at, string stream) =>
        at.Find(stream) is not { } record ? null
        : record.Kind == Kind.Invoice && record.Fold.State is not null ? Invoice(at.World.EntityOf(record.Stream).Id)
        : Stream(record.Stream);

    public static string Entities(string kind) => $"/entities/{Segment(kind)}";

    public static string Entity(string kind, string id) =>
        kind == Kind.Invoice.Name ? Invoice(id) : $"{Entities(kind)}/{Segment(id)}";

    /// <summary>Who says what of a thing, whatever its kind.</summary>
    public static string Told(Entity entity) => $"{Entities(entity.Kind.Name)}/{Segment(entity.Id)}";

    /// <summary>The worklist, of one class or source where given.</summary>
    public static string Drift(DriftClass? drift = null, string? source = null)
    {
        var asked = new[]
        {
            drift is { } known ? $"class={Words.Name(known)}" : null,
            source is null ? null : $"source={Uri.EscapeDataString(source)}",
        }.OfType<string>().ToArray();
        return asked.Length == 0 ? "/drift" : $"/drift?{string.Join('&', asked)}";
    }

    /// <summary>What has to be looked at.</summary>
    public static string Exceptions(CaseStatus status = CaseStatus.Open) =>
        Exceptions([new("status", Words.Name(status))]);

    /// <summary>The same, as it is asked for.</summary>
    public static string Exceptions(IEnumerable<KeyValuePair<string, string>> asked) =>
        "/exceptions?" + string.Join('&', asked.Select(a => $"{a.Key}={Uri.EscapeDataString(a.Value)}"));

    public static string Exception(string id) => $"/exceptions/{Segment(id)}";

    /// <summary>Pairs that may be one thing, of one kind where given, from a place in their order on.</summary>
    public static string Proposals(string? kind = null, string? after = null)
    {
        var asked = new[]
        {
            kind is null ? null : $"kind={Uri.EscapeDataString(kind)}",
            after is null ? null : $"after={Uri.EscapeDataString(after)}",
        }.OfType<string>().ToArray();
        return asked.Length == 0 ? "/proposals" : $"/proposals?{string.Join('&', asked)}";
    }

    /// <summary>One such pair, side by side.</summary>
    public static string Proposal(string id) => $"/proposals/{Segment(id)}";

    /// <summary>What one payment or posting may cover.</summary>
    public static string CoverageProposal(string id) => $"/proposals/coverage/{Segment(id)}";

    // A colon is plain in a path, and far easier to read.
    private static string Segment(string text) =>
        Uri.EscapeDataString(text).Replace("%3A", ":", StringComparison.Ordinal);
}
