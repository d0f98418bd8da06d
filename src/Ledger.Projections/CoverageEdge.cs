using Ledger.Domain;
using Ledger.Projections.Lineage;

namespace Ledger.Projections;

/// <summary>One record covers another, with as much of it as is said: never identity.</summary>
/// <param name="FromPart">The line or application that covers; null = the record as a whole.</param>
/// <param name="Rel">One of <see cref="CoverageRels"/>.</param>
/// <param name="ToEntity">Null while it dangles.</param>
/// <param name="ToStream">The record covered; while it dangles the stream it would have, null where it is told by a
/// number.</param>
/// <param name="ToPart">The line of it.</param>
/// <param name="Quantity">How much is covered, as stated; null = all, or not said.</param>
/// <param name="Amount">What it is worth, as stated, unsigned for direction; null = all, or not said.</param>
/// <param name="Position">Position of the event that asserts it.</param>
/// <param name="Live">Whether it counts: its document stands, nobody took it back, and of the copies several systems
/// have of one document it is the owner's.</param>
/// <param name="To">The words of whoever states it.</param>
/// <param name="StatedBy">The record that states it: that which covers, or a coverage record.</param>
public sealed record CoverageEdge(
    string FromEntity, string FromStream, string? FromPart, string Rel, string? ToEntity, string? ToStream,
    string? ToPart, Quantity? Quantity, decimal? Amount, Currency? Currency, EdgeBasis Basis, long Position, bool Live,
    Ref To, string StatedBy);

/// <summary>The edges that are coverage.</summary>
public static class CoverageRels
{
    public static bool Has(string rel) => rel is Rels.Bills or Rels.Posts or Rels.Settles or Rels.Credits
        or Rels.Replaces or Rels.Corrects or Rels.Prepays;

    internal static string Of(CoverageRelation rel) => rel switch
    {
        CoverageRelation.Bills => Rels.Bills,
        CoverageRelation.Posts => Rels.Posts,
        CoverageRelation.Settles => Rels.Settles,
        CoverageRelation.Credits => Rels.Credits,
        CoverageRelation.Replaces => Rels.Replaces,
        CoverageRelation.Corrects => Rels.Corrects,
        CoverageRelation.Prepays => Rels.Prepays,
        _ => throw new System.Diagnostics.UnreachableException($"no relation {rel}"),
    };

    /// <summary>Whether what a reference points at is covered by it, or covers no more because of it: a posting that
    /// another takes back, a proposal that a person turned down.</summary>
    internal static bool Touches(string rel) => Has(rel) || rel is Rels.Reverses or Rels.CoverageFrom or Rels.CoversNot;
}
