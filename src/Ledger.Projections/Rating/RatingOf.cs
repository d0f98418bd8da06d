using Ledger.Domain;
using Ledger.Projections.Drift;
using NodaTime;

namespace Ledger.Projections.Rating;

/// <summary>Rating as pure functions of what the sources said. Records that state a number no money and no time has
/// are left out.</summary>
public static class RatingOf
{
    /// <inheritdoc cref="RatingReader.Proposal"/>
    public static InvoiceProposal? Proposal(World world, string contract, LocalDate through) =>
        new Engagements(Sound(world)).Of(contract, through) is { } engagement
            ? InvoiceProposal.Of(engagement, through)
            : null;

    /// <inheritdoc cref="RatingReader.ReRating"/>
    public static ReRating? ReRating(World world, string invoice) =>
        Issued(world, invoice) is { } issued ? Domain.ReRating.Of(issued) : null;

    internal static IssuedDocument? Issued(World world, string invoice) =>
        new IssuedDocuments(Sound(world)).Of(invoice);

    /// <inheritdoc cref="RatingReader.Touches"/>
    public static RateTouches? Touches(World world, string subject, LocalDate from) =>
        new PriceTouches(Sound(world)).Of(subject, from);

    private static World Sound(World world) => Reckonable.Of(world).World;
}
