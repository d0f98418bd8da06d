using Ledger.Domain;
using Ledger.Projections.Lineage;

namespace Ledger.Projections;

/// <summary>What covers what, with both ends looked up: pure.</summary>
public static class Coverages
{
    /// <summary>The coverage a record states, in its order: of itself, or, where it is a coverage record, of another.
    /// Those that dangle too.</summary>
    public static IEnumerable<CoverageEdge> StatedBy(World world, SourceRecord record)
    {
        if (!States(record.Kind)) yield break;
        var standing = new Standing(world, record);
        foreach (var edge in Edges.Of(record))
        {
            if (!CoverageRels.Has(edge.Rel)) continue;
            var (from, part) = From(world, record, edge);
            var target = world.Resolve(edge.To, record.Source);
            yield return new(
                world.EntityOf((from ?? record).Stream).Id, from?.Stream ?? edge.From, part, edge.Rel,
                target is null ? null : world.EntityOf(target.Stream).Id, target?.Stream ?? edge.ToStream,
                edge.To.Line, edge.Quantity, edge.Amount, edge.Currency, edge.Basis, edge.Position,
                from is not null && standing.IsLive(from, edge), edge.To, record.Stream);
        }
    }

    /// <summary>Whether records of a kind may state coverage at all.</summary>
    public static bool States(Kind kind) => kind == Kind.Invoice || kind == Kind.Posting || kind == Kind.Payment
        || kind == Kind.Coverage;

    private static (SourceRecord? Record, string? Part) From(World world, SourceRecord record, Edge edge) =>
        record.Fold.State is Coverage { From: { } from }
            ? (world.Resolve(from, record.Source), from.Line)
            : (record, edge.FromPart);

    /// <summary>Whether a document is one that counts. What a credit note lists of work asks for no money.</summary>
    private static bool Stands(RecordState state) => state switch
    {
        Invoice i => i.IsLive,
        Posting p => p.Status is PostingStatus.Posted,
        Payment p => p.Status is not PaymentStatus.Reversed,
        _ => true,
    };

    private static string FieldOf(RecordState state, Edge edge) => state switch
    {
        Invoice => edge.FromPart is null ? "preceding" : "lines",
        Posting p => ReferenceEquals(edge.To, p.Document) ? "document" : "covers",
        _ => "applications",
    };

    /// <summary>Which of the edges that a record states count, asked once for each field.</summary>
    private sealed class Standing(World world, SourceRecord statedBy)
    {
        private readonly HashSet<string> withdrawn = statedBy.Fold.State is Payment payment
            ? [.. payment.Applications.Where(a => a.Withdrawn).Select(a => a.Id)]
            : [];

        private readonly Dictionary<string, bool> speaks = [];

        public bool IsLive(SourceRecord from, Edge edge)
        {
            if (!world.Counts(statedBy) || !world.Counts(from) || !Stands(from.Fold.State!)) return false;
            if (statedBy.Fold.State is Coverage { Withdrawn: true }) return false;
            if (edge.FromPart is not null && withdrawn.Contains(edge.FromPart)) return false;
            return !ReferenceEquals(statedBy, from) || Speaks(FieldOf(statedBy.Fold.State!, edge));
        }

        private bool Speaks(string field)
        {
            if (!speaks.TryGetValue(field, out var does))
                speaks.Add(field, does = world.SpeaksFor(statedBy, field));
            return does;
        }
    }
}
