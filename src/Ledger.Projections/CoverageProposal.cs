using Ledger.Domain;
using Ledger.Projections.Identity;

namespace Ledger.Projections;

/// <summary>What one entity may cover, where nobody says what it does: for a person to state or leave.</summary>
/// <param name="From">Id of the entity that would cover: a payment, a posting.</param>
/// <param name="Rel"><see cref="Lineage.Rels.Settles"/> or <see cref="Lineage.Rels.Posts"/>.</param>
/// <param name="Covers">The documents, by name; together they are all of it.</param>
/// <param name="Confidence">0 to 1, two digits.</param>
/// <param name="Evidence">The strongest first; not empty.</param>
public sealed record CoverageProposal(
    string From, string Rel, Items<ProposedCover> Covers, Currency Currency, decimal Confidence,
    Items<Evidence> Evidence);

/// <param name="To">Id of the document's entity.</param>
/// <param name="Amount">How much of it would be covered; positive.</param>
public sealed record ProposedCover(string To, decimal Amount);
