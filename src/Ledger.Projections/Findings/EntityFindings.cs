using Ledger.Domain;
using Ledger.Projections.Identity;
using Ledger.Projections.Lineage;

namespace Ledger.Projections.Findings;

/// <summary>What an entity's own records, ties and overrides give rise to: pure.</summary>
public static class EntityFindings
{
    /// <summary>By the names of its members; of one member by code and part.</summary>
    public static IEnumerable<Finding> Of(World world, Entity entity)
    {
        foreach (var finding in entity.Members.OrderBy(m => m.Stream, StringComparer.Ordinal).SelectMany(member =>
            Of(world, entity, member).OrderBy(f => f.Code, StringComparer.Ordinal)
                .ThenBy(f => f.Part, StringComparer.Ordinal)))
            yield return finding;
        foreach (var finding in OfOverrides(world, entity)) yield return finding;
        foreach (var doubled in world.DoubledOf(entity))
            yield return new(
                Codes.TwoLiveSuccessors, entity.Id, doubled.Old, null, doubled.Position,
                $"{doubled.Old} is said to go on as {doubled.New} and as another; both are live.",
                [new("alsoGoesOnAs", doubled.New)]);
    }

    private static IEnumerable<Finding> Of(World world, Entity entity, SourceRecord member) =>
    [
        .. member.Fold.Pending.Select(position => new Finding(
            Codes.PendingEvent, entity.Id, member.Stream, null, position,
            $"The event at {DecimalText.Write(position)} of {member.Stream} waits for another that has not come.", [])),
        .. world.RefusedOf(member.Stream).Select(tie => new Finding(
            Codes.LinkRefused, entity.Id, member.Stream, null, tie.Position,
            $"{tie.Stream} links {tie.A} and {tie.B}; one thing would then have two live records of one source.",
            [new("link", tie.Stream), new("other", tie.A == member.Stream ? tie.B : tie.A)])),
        .. Dangling(world, entity, member),
        .. SelfContradiction.Of(entity, member),
        .. SelfContradiction.OfStatements(entity, member),
        .. SelfApproval.Of(entity, member),
        .. PeriodFindings.Of(world, entity, member),
    ];

    /// <summary>References that money or identity hangs on; that a person or a task is not in the ledger is told by the
    /// record itself.</summary>
    private static IEnumerable<Finding> Dangling(World world, Entity entity, SourceRecord member)
    {
        if (!member.IsLive || !MayDangle(member.Kind)) yield break;
        foreach (var edge in Edges.Of(member))
            if (Matters(edge.Rel) && (CountsForNothing(edge) || world.Resolve(edge.To, member.Source) is null))
                yield return new(
                    Codes.DanglingReference, entity.Id, member.Stream, edge.FromPart, edge.Position,
                    $"{Describe.Address(member.Stream, edge.FromPart)} {edge.Rel.Replace('_', ' ')} "
                        + $"{edge.ToStream ?? edge.To.ToString()}, which "
                        + (CountsForNothing(edge)
                            ? "is no record told by its id: it counts for nothing."
                            : "the ledger does not have, or not only once."),
                    [new("relation", edge.Rel), new("to", edge.To.ToString())]);
    }

    // An override is of one record, told by its id, whoever else bears a number.
    private static bool CountsForNothing(Edge edge) => edge is { Rel: Rels.Overrides, ToStream: null };

    private static bool MayDangle(Kind kind) => Coverages.States(kind) || kind == Kind.Client || kind == Kind.Identity
        || kind == Kind.Succession || kind == Kind.Override || kind == Kind.Revenue;

    /// <summary>Whether a reference that points at nothing is a finding.</summary>
    internal static bool Matters(string rel) => CoverageRels.Has(rel)
        || rel is Rels.CoverageFrom or Rels.MergedInto or Rels.Links or Rels.Overrides or Rels.RecognizedIn;

    private static IEnumerable<Finding> OfOverrides(World world, Entity entity)
    {
        var composed = (ComposedEntity?)null;
        foreach (var record in world.OverridesOf(entity))
        {
            var said = Overrides.Of(record)!;
            var (field, position) = (said.Field!, Overrides.PositionOf(record));
            if (!Overrides.IsReadable(said, entity.Kind))
                yield return Finding(Codes.OverrideUnreadable, $"names no {field} that a {Noun(entity)} could have.");
            else if (!said.IsInForce(world.Day))
                yield return Finding(
                    Codes.OverrideExpired,
                    $"of {field} was meant until {Describe.Date(said.Until!.Value)} and was not withdrawn.");
            else if ((composed ??= world.Compose(entity)).Field(field) is { Override: { Changed: true } over } owned
                && over.Stream == record.Stream)
                yield return Finding(
                    Codes.OverriddenValueChanged, $"of {field} overrode a value that is no longer what its owner says.")
                    with { Position = Math.Max(position, owned.Position) };

            Finding Finding(string code, string words) => new(
                code, entity.Id, record.Stream, field, position, $"The override {record.Stream} {words}",
                [new("reason", said.Reason ?? "")]);
        }
    }

    private static string Noun(Entity entity) => Describe.Noun(entity.Kind.Name);
}
